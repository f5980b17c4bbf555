"""Recognizers as files for other runtimes."""

from .formats import FORMATS, Format
from .network import ClipClassifier

__all__ = ['FORMATS', 'ClipClassifier', 'Format']
