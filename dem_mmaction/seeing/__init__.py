"""What DEM does to the clips of a video: pictures of it, and whether it steadies."""

from .clips import ClipMaker
from .maps import write_maps
from .report import write_steadiness
from .steadiness import Steadiness, cosine_between
from .traces import Trace, chosen_dems, first_of_stages, trace, units_without_dem

__all__ = [
    'ClipMaker',
    'Steadiness',
    'Trace',
    'chosen_dems',
    'cosine_between',
    'first_of_stages',
    'trace',
    'units_without_dem',
    'write_maps',
    'write_steadiness',
]
