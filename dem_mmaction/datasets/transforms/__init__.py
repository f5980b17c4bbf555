"""Data transforms."""
from .video_io import VideoDecode, VideoInit, VideoReadError

__all__ = ['VideoDecode', 'VideoInit', 'VideoReadError']
