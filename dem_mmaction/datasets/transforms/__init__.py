"""Data transforms."""

from .clip_warp import ClipCenterCrop, ClipWarp
from .sample_around import SampleAround
from .sampling import RandomTemporalSkipping
from .video_io import VideoDecode, VideoInit, VideoReadError, at_places

__all__ = [
    'ClipCenterCrop',
    'ClipWarp',
    'RandomTemporalSkipping',
    'SampleAround',
    'VideoDecode',
    'VideoInit',
    'VideoReadError',
    'at_places',
]
