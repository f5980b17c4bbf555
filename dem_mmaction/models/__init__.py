"""DEM, the unit that carries it, and the network of the thesis."""

from .dem import DEM
from .dem_conv import DEMConv
from .frame_flexible import FrameFlexibleRecognizer3D
from .fuse import fuse
from .heads import ClipVideoHead
from .midplanes import equivalent_midplanes, resolve_midplanes
from .r2plus1d_dem import R2Plus1DDEM, r2plus1d_18, r2plus1d_dem_18, r3d_18

__all__ = [
    'ClipVideoHead',
    'DEM',
    'DEMConv',
    'FrameFlexibleRecognizer3D',
    'R2Plus1DDEM',
    'equivalent_midplanes',
    'fuse',
    'r2plus1d_18',
    'r2plus1d_dem_18',
    'r3d_18',
    'resolve_midplanes',
]
