"""The data sets. Another one is a file here that registers a :class:`Source`."""

# Each registers itself.
from . import folder, hmdb51, kinetics, sthv2, ucf101, weizmann, words  # noqa: F401
from .base import SOURCES, Source

__all__ = ['SOURCES', 'Source']
