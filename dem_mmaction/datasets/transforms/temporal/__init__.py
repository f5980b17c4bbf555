"""Time that runs differently: transforms between sampling and decoding.

Each is deterministic for a video and a seed, and its mildest severity changes nothing.
Schiappa et al. (CVPR 2023) treat whole videos, ``over='video'``; here the default is
the clip that the network sees.
"""

from .blur import MeanOfNeighbours, TakeNeighbours
from .clip_frames import OVER, ClipFrames, TimeMap
from .holds import DropFrames, FreezeFrames
from .order import CONTROLS, BoxJumbleFrames, JumbleFrames, RemoveOrder, ReverseFrames
from .speed import SPEED_PROFILES, ConstantSpeed, VaryingSpeed
from .windows import CoverWindow, TakeFrames

__all__ = [
    'CONTROLS',
    'OVER',
    'SPEED_PROFILES',
    'BoxJumbleFrames',
    'ClipFrames',
    'ConstantSpeed',
    'CoverWindow',
    'DropFrames',
    'FreezeFrames',
    'JumbleFrames',
    'MeanOfNeighbours',
    'RemoveOrder',
    'ReverseFrames',
    'TakeFrames',
    'TakeNeighbours',
    'TimeMap',
    'VaryingSpeed',
]
