"""Data transforms."""

from .clip_warp import ClipCenterCrop, ClipWarp
from .multirate import SampleMultiRate
from .sampling import RandomTemporalSkipping
from .video_io import VideoDecode, VideoInit, VideoReadError, at_places

__all__ = [
    'ClipCenterCrop',
    'ClipWarp',
    'RandomTemporalSkipping',
    'SampleMultiRate',
    'VideoDecode',
    'VideoInit',
    'VideoReadError',
    'at_places',
]
