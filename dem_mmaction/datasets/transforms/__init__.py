"""Data transforms."""

from .clip_warp import ClipCenterCrop, ClipWarp
from .rates import SampleRates
from .sampling import RandomTemporalSkipping
from .video_io import VideoDecode, VideoInit, VideoReadError

__all__ = [
    'ClipCenterCrop',
    'ClipWarp',
    'RandomTemporalSkipping',
    'SampleRates',
    'VideoDecode',
    'VideoInit',
    'VideoReadError',
]
