"""DEM and its rivals, the units that carry them, and networks built of these."""

from .dem import DEM
from .dem_conv import DEMConv
from .dem_conv3d import DEMConv3d
from .frame_flexible import FrameFlexibleRecognizer3D
from .fuse import fuse
from .heads import ClipVideoHead
from .insert import RecognizerWithDEM, insert_dem
from .midplanes import equivalent_midplanes, resolve_midplanes
from .named_networks import (
    p3d_63,
    p3d_199,
    p3d_dem_63,
    p3d_dem_199,
    r2plus1d_18,
    r2plus1d_dem_18,
    r3d_18,
    r3d_34,
    r3d_dem_18,
    r3d_dem_34,
    s3d,
    s3d_dem,
    s3dg,
    s3dg_dem,
)
from .p3d import P3DDEM
from .pairs import find_pairs
from .r2plus1d_dem import R2Plus1DDEM
from .rivals import GateShiftFuse, MotionExcitation, TemporalDifference, TemporalShift
from .separable_inception import S3DDEM
from .slot import Slot
from .stages import STAGES

__all__ = [
    'ClipVideoHead',
    'DEM',
    'DEMConv',
    'DEMConv3d',
    'GateShiftFuse',
    'MotionExcitation',
    'FrameFlexibleRecognizer3D',
    'P3DDEM',
    'R2Plus1DDEM',
    'RecognizerWithDEM',
    'S3DDEM',
    'STAGES',
    'Slot',
    'TemporalDifference',
    'TemporalShift',
    'equivalent_midplanes',
    'find_pairs',
    'fuse',
    'insert_dem',
    'p3d_199',
    'p3d_63',
    'p3d_dem_199',
    'p3d_dem_63',
    'r2plus1d_18',
    'r2plus1d_dem_18',
    'r3d_18',
    'r3d_34',
    'r3d_dem_18',
    'r3d_dem_34',
    'resolve_midplanes',
    's3d',
    's3d_dem',
    's3dg',
    's3dg_dem',
]
