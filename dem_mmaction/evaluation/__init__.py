"""Clip and video accuracy."""

from .clip_video_accuracy import (
    ClipVideoAccuracy,
    accuracy,
    class_accuracy,
    evaluate_dump,
)

__all__ = ['ClipVideoAccuracy', 'accuracy', 'class_accuracy', 'evaluate_dump']
