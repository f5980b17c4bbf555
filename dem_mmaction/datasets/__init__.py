"""Datasets and transforms; the motion probe is made by :mod:`.motion_probe`."""

from .transforms import (
    ClipCenterCrop,
    ClipWarp,
    RandomTemporalSkipping,
    RemoveOrder,
    SampleAround,
    SampleMultiRate,
    VideoDecode,
    VideoInit,
    VideoReadError,
)
from .video_list import VideoListDataset

__all__ = [
    'ClipCenterCrop',
    'ClipWarp',
    'RandomTemporalSkipping',
    'SampleAround',
    'RemoveOrder',
    'SampleMultiRate',
    'VideoDecode',
    'VideoInit',
    'VideoListDataset',
    'VideoReadError',
]
