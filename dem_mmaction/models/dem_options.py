"""The options of DEM: which values they take, and what they cost."""

import math
from collections.abc import Iterable, Mapping

from .checks import at_least, one_of
from .gates import FUSIONS
from .layers import build_activation, check_norm

PADDING_MODES = ('zeros', 'replicate', 'circular')
NORM_PLACES = ('variation', 'compensation')
ACT_PLACES = ('variation', 'compensation', 'sum')
CHANNELWISE = 'channelwise'

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
    if isinstance(norm_places, str) or not isinstance(norm_places, Iterable):
        raise ValueError(f'DEM: norm_places={norm_places!r} must be a list.')
    for place in norm_places:
        one_of('DEM: norm_places', place, NORM_PLACES)
    init_scale = dem_cfg.get('init_scale', 1)
    if not isinstance(init_scale, (int, float)) or not math.isfinite(init_scale):
        raise ValueError(f'DEM: init_scale={init_scale!r} must be a finite number.')
    check_norm(dem_cfg.get('norm_cfg'))
    build_activation(dem_cfg.get('act_cfg'))
    if dem_cfg.get('groups') != CHANNELWISE:
        at_least(1, f"DEM: unless '{CHANNELWISE}', groups", dem_cfg.get('groups', 1))
    at_least(1, 'DEM: reduction', dem_cfg.get('reduction', 1))


def multiple_of(dem_cfg: Mapping) -> int:
    """What the channels of :class:`DEM` must be a multiple of."""
    groups = dem_cfg.get('groups', 1)
    # With a reduction it is the reduced channels that are a multiple of the groups.
    return 1 if groups == CHANNELWISE or dem_cfg.get('reduction', 1) > 1 else groups


def reduced_channels(channels: int, dem_cfg: Mapping) -> int:
    """Channels in which D is computed: C / reduction, rounded down.

    They are a multiple of ``groups``, and at least one for each group.

    Args:
        channels: C, the channels of :class:`DEM`.
        dem_cfg: Arguments of :class:`DEM`; ``groups`` and ``reduction`` matter.
    """
    reduction, groups = dem_cfg.get('reduction', 1), dem_cfg.get('groups', 1)
    if reduction == 1:
        return channels
    step = 1 if groups == CHANNELWISE else groups
    return step * max(1, channels // (reduction * step))


def conv_weights(channels: int, kernel_size: int, dem_cfg: Mapping = {}) -> int:
    """Count the convolution weights of :class:`DEM`, the last term of equation 3.5.

    There are ``(4 + d^2) C^2`` with the defaults. With a reduction and groups, f, g and
    h have a smaller C and only their pairs of channels in one group.

    Args:
        channels: C, the midplanes of the host unit.
        kernel_size: d, the spatial kernel size of the host unit.
        dem_cfg: Further arguments; ``fusion``, ``groups``, ``reduction`` matter.
    """
    reduced = reduced_channels(channels, dem_cfg)
    groups = dem_cfg.get('groups', 1)
    pairs = reduced if groups == CHANNELWISE else reduced**2 // groups
    fusion, area = dem_cfg.get('fusion', 'product'), kernel_size**2
    f_g_h = (2 + 2 + area * (2 if fusion == 'concat' else 1)) * pairs
    u_v = 2 * reduced**2 if fusion == 'bilinear' else 0
    reduce_expand = 2 * channels * reduced if dem_cfg.get('reduction', 1) > 1 else 0
    return f_g_h + u_v + reduce_expand
