"""Clip and video accuracy."""
from .clip_video_accuracy import ClipVideoAccuracy

__all__ = ['ClipVideoAccuracy']
