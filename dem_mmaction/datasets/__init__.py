"""Datasets and transforms; the motion probe is made by :mod:`.motion_probe`."""
from .transforms import VideoDecode, VideoInit, VideoReadError
from .video_list import VideoListDataset

__all__ = ['VideoDecode', 'VideoInit', 'VideoListDataset', 'VideoReadError']
