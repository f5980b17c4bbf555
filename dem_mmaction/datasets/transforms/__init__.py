"""Data transforms."""

from .background import SubtractBackground
from .clip_warp import ClipCenterCrop, ClipWarp
from .multirate import SampleMultiRate
from .sample_around import SampleAround
from .sampling import RandomTemporalSkipping
from .temporal import (
    CONTROLS,
    OVER,
    SPEED_PROFILES,
    BoxJumbleFrames,
    ConstantSpeed,
    CoverWindow,
    DropFrames,
    FreezeFrames,
    JumbleFrames,
    MeanOfNeighbours,
    RemoveOrder,
    ReverseFrames,
    TakeFrames,
    TakeNeighbours,
    VaryingSpeed,
)
from .video_io import VideoDecode, VideoInit, VideoReadError, at_places, naming

__all__ = [
    'CONTROLS',
    'OVER',
    'SPEED_PROFILES',
    'BoxJumbleFrames',
    'ClipCenterCrop',
    'ClipWarp',
    'ConstantSpeed',
    'CoverWindow',
    'DropFrames',
    'FreezeFrames',
    'JumbleFrames',
    'MeanOfNeighbours',
    'RandomTemporalSkipping',
    'RemoveOrder',
    'ReverseFrames',
    'SampleAround',
    'SampleMultiRate',
    'SubtractBackground',
    'TakeFrames',
    'TakeNeighbours',
    'VaryingSpeed',
    'VideoDecode',
    'VideoInit',
    'VideoReadError',
    'at_places',
    'naming',
]
