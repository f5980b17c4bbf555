"""DEM, the unit that carries it, and the network of the thesis."""

from .dem import DEM
from .dem_conv import DEMConv
from .fuse import fuse
from .heads import ClipVideoHead
from .midplanes import equivalent_midplanes, resolve_midplanes
from .named_networks import r2plus1d_18, r2plus1d_dem_18, r3d_18
from .r2plus1d_dem import R2Plus1DDEM
from .slot import Slot

__all__ = [
    'ClipVideoHead',
    'DEM',
    'DEMConv',
    'R2Plus1DDEM',
    'Slot',
    'equivalent_midplanes',
    'fuse',
    'r2plus1d_18',
    'r2plus1d_dem_18',
    'r3d_18',
    'resolve_midplanes',
]
