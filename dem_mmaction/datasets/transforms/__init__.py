"""Data transforms."""
from .video_io import DecodeVideo, OpenVideo, VideoReadError

__all__ = ['DecodeVideo', 'OpenVideo', 'VideoReadError']
