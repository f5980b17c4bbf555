"""Clip and video accuracy."""

from .accuracy import accuracy, class_accuracy
from .clip_video_accuracy import ClipVideoAccuracy, evaluate_dump

__all__ = ['ClipVideoAccuracy', 'accuracy', 'class_accuracy', 'evaluate_dump']
