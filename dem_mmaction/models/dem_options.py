"""The options of DEM: which there are, and which values they take."""

from collections.abc import Mapping

from .checks import one_of
from .gates import FUSIONS
from .layers import build_activation, check_norm

PADDING_MODES = ('zeros', 'replicate', 'circular')
NORM_PLACES = ('variation', 'compensation')
ACT_PLACES = ('variation', 'compensation', 'sum')

_CHOICES = dict(fusion=FUSIONS, padding_mode=PADDING_MODES, act_place=ACT_PLACES)


def check_dem_cfg(dem_cfg: Mapping) -> None:
    """Refuse options that :class:`DEM` refuses, before any is built.

    Args:
        dem_cfg: Arguments of :class:`DEM`. One that is not given has its default, which
            is right.

    Raises:
        ValueError: Names the option, its value and what is accepted.
    """
    for name, accepted in _CHOICES.items():
        if name in dem_cfg:
            one_of(f'DEM: {name}', dem_cfg[name], accepted)
    norm_places = dem_cfg.get('norm_places', NORM_PLACES)
    if isinstance(norm_places, str):
        raise ValueError(f"DEM: norm_places='{norm_places}' must be a list.")
    for place in norm_places:
        one_of('DEM: norm_places', place, NORM_PLACES)
    init_scale = dem_cfg.get('init_scale', 1)
    if not isinstance(init_scale, (int, float)):
        raise ValueError(f'DEM: init_scale={init_scale!r} must be a number.')
    check_norm(dem_cfg.get('norm_cfg'))
    build_activation(dem_cfg.get('act_cfg'))
