"""Datasets and transforms; the motion probe is made by :mod:`.motion_probe`."""
from .transforms import DecodeVideo, OpenVideo, VideoReadError
from .video_list import VideoListDataset

__all__ = ['DecodeVideo', 'OpenVideo', 'VideoListDataset', 'VideoReadError']
