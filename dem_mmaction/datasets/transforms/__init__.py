"""Data transforms."""

from .clip_warp import ClipCenterCrop, ClipWarp
from .controls import CONTROLS, RemoveOrder
from .multirate import SampleMultiRate
from .sample_around import SampleAround
from .sampling import RandomTemporalSkipping
from .video_io import VideoDecode, VideoInit, VideoReadError, at_places, naming

__all__ = [
    'CONTROLS',
    'ClipCenterCrop',
    'ClipWarp',
    'RandomTemporalSkipping',
    'SampleAround',
    'RemoveOrder',
    'SampleMultiRate',
    'VideoDecode',
    'VideoInit',
    'VideoReadError',
    'at_places',
    'naming',
]
