"""Published modules that may stand in the place of DEM, see :class:`Slot`.

Each is written from its paper's definition. Their papers put them into 2D networks;
here each stands between the spatial and the temporal convolution of a (2+1)D unit.
"""

from .gate_shift_fuse import GateShiftFuse
from .motion_excitation import MotionExcitation
from .temporal_difference import TemporalDifference
from .temporal_shift import TemporalShift

__all__ = ['GateShiftFuse', 'MotionExcitation', 'TemporalDifference', 'TemporalShift']
