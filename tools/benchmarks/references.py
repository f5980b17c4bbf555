"""Imports from ``tests/``, where the straightforward DEM to compare with lies."""

import sys

from alternating import ROOT

sys.path.insert(0, str(ROOT / 'tests'))

from memory import kept_for_backward  # noqa: E402
from reference import reference_dem, reference_variation  # noqa: E402

__all__ = ['kept_for_backward', 'reference_dem', 'reference_variation']
