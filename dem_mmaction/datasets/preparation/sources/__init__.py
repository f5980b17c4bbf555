"""The data sets. Another one is a file here that registers a :class:`Source`."""

from . import folder, hmdb51, kinetics, sthv2, ucf101  # noqa: F401  they register
from .base import SOURCES, Source

__all__ = ['SOURCES', 'Source']
