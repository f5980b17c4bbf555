"""DEM and its rivals, the unit that carries them, and the network of the thesis."""

from .dem import DEM
from .dem_conv import DEMConv
from .frame_flexible import FrameFlexibleRecognizer3D
from .fuse import fuse
from .heads import ClipVideoHead
from .insert import RecognizerWithDEM, insert_dem
from .midplanes import equivalent_midplanes, resolve_midplanes
from .named_networks import r2plus1d_18, r2plus1d_dem_18, r3d_18
from .r2plus1d_dem import R2Plus1DDEM
from .rivals import GateShiftFuse, MotionExcitation, TemporalDifference, TemporalShift
from .slot import Slot

__all__ = [
    'ClipVideoHead',
    'DEM',
    'DEMConv',
    'GateShiftFuse',
    'MotionExcitation',
    'FrameFlexibleRecognizer3D',
    'R2Plus1DDEM',
    'RecognizerWithDEM',
    'Slot',
    'TemporalDifference',
    'TemporalShift',
    'equivalent_midplanes',
    'fuse',
    'insert_dem',
    'r2plus1d_18',
    'r2plus1d_dem_18',
    'r3d_18',
    'resolve_midplanes',
]
