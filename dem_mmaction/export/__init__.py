"""Recognizers as files for other runtimes."""

from .formats import FORMATS, Format, QuantizableFormat
from .network import ClipClassifier
from .recognizer import ExportedRecognizer

__all__ = [
    'FORMATS',
    'ClipClassifier',
    'ExportedRecognizer',
    'Format',
    'QuantizableFormat',
]
