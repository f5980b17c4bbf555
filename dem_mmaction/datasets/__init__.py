"""Datasets and transforms; the motion probe is made by :mod:`.motion_probe`."""

from .bad_videos import NoReadableVideoError, bad_videos_of
from .isolation import IsolatedPipeline
from .seed_sample import SeedSample
from .transforms import (
    BoxJumbleFrames,
    ClipCenterCrop,
    ClipWarp,
    ConstantSpeed,
    CoverWindow,
    DropFrames,
    FreezeFrames,
    JumbleFrames,
    MeanOfNeighbours,
    RandomTemporalSkipping,
    RemoveOrder,
    ReverseFrames,
    SampleAround,
    SampleMultiRate,
    TakeFrames,
    TakeNeighbours,
    VaryingSpeed,
    VideoDecode,
    VideoInit,
    VideoReadError,
)
from .video_list import VideoListDataset
from .watch import Notes, WatchedLoader, WorkerLostError

__all__ = [
    'BoxJumbleFrames',
    'ClipCenterCrop',
    'ClipWarp',
    'ConstantSpeed',
    'CoverWindow',
    'DropFrames',
    'FreezeFrames',
    'JumbleFrames',
    'MeanOfNeighbours',
    'IsolatedPipeline',
    'NoReadableVideoError',
    'Notes',
    'RandomTemporalSkipping',
    'RemoveOrder',
    'ReverseFrames',
    'SampleAround',
    'SampleMultiRate',
    'SeedSample',
    'TakeFrames',
    'TakeNeighbours',
    'VaryingSpeed',
    'VideoDecode',
    'VideoInit',
    'VideoListDataset',
    'VideoReadError',
    'WatchedLoader',
    'WorkerLostError',
    'bad_videos_of',
]
