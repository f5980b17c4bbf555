"""What the tests compare with, for the benchmarks: it stays in ``tests/``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tests'))

from memory import kept_for_backward  # noqa: E402
from reference import reference_dem, reference_variation  # noqa: E402

__all__ = ['kept_for_backward', 'reference_dem', 'reference_variation']
