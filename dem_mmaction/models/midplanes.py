"""How many midplanes a (2+1)D unit gets: equations 3.3 to 3.5 of the thesis.

The midplanes are the channels between the spatial and the temporal convolution. They
are chosen so that a unit has as many parameters as a t x d x d convolution.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .slot import Slot
from .stages import STAGES

MidplanesCfg = str | Mapping[str, int | Sequence]


def equivalent_midplanes(
    in_channels: int,
    out_channels: int,
    t: int = 3,
    d: int = 3,
    slot: Slot | None = None,
) -> int:
    """Midplanes that give a (2+1)D unit the parameters of a t x d x d convolution.

    The largest m for which ``(d^2 Nin + t Nout) m`` and the weights of what stands in
    the slot are not above ``t d^2 Nin Nout``. With DEM, of ``(4 + d^2) m^2`` weights,
    that is the floor of the positive root of equation 3.5.

    Args:
        in_channels: Nin, channels of the unit's input.
        out_channels: Nout, channels of its output.
        t: Temporal kernel size.
        d: Spatial kernel size.
        slot: What stands between the convolutions. None for nothing, equation 3.4.

    Raises:
        ValueError: The result is below 1: the unit is too small to be factorised.
    """
    target = t * d * d * in_channels * out_channels  # (3.3)
    linear = d * d * in_channels + t * out_channels  # (3.4)
    mid = _largest(linear, target, d, slot)
    if mid < 1:
        raise ValueError(
            f'A {t}x{d}x{d} unit from {in_channels} to {out_channels} channels leaves '
            f'{mid} midplanes, at least {_step(slot)} is needed: use more channels.'
        )
    return mid


def largest_width(
    weights: Callable[[int], int], target: int, most: int, step: int = 1
) -> int:
    """The largest number of channels, or 0, with no more weights than a target.

    Args:
        weights: Number of weights by the channels; never falls as these grow.
        target: As many weights as there may be.
        most: The most channels to consider.
        step: What the channels must be a multiple of.
    """
    candidates = range(step, most + 1, step)
    return step * bisect_right(candidates, target, key=weights)


def narrowed(
    owner: str, width: int, weights: Callable[[int, Slot | None], int], slot: Slot
) -> int:
    """The width at which a part of a network pays for what stands in its slot.

    Args:
        owner: What the part is called in the message.
        width: Its channels without anything in the slot.
        weights: Number of its weights by its width and what stands in the slot.
        slot: What stands there.

    Returns:
        The most channels with which it has no more weights than it has without.

    Raises:
        ValueError: There are none.
    """
    target = weights(width, None)
    found = largest_width(lambda m: weights(m, slot), target, width, slot.multiple_of)
    if found < 1:
        raise ValueError(
            f'{owner}: {slot.name} leaves none of {width} channels, at least '
            f"{slot.multiple_of} are needed: use more, or midplanes='unchanged'."
        )
    return found


def _largest(linear: int, target: int, d: int, slot: Slot | None) -> int:
    """The largest m, or 0, with ``linear m`` and the slot's weights within target."""
    return largest_width(
        lambda m: linear * m + (slot.weights(m, d) if slot else 0),
        target,
        target // linear,
        _step(slot),
    )


def _step(slot: Slot | None) -> int:
    return slot.multiple_of if slot else 1


def unchanged_midplanes(in_channels: int, out_channels: int, d: int = 3) -> int:
    """Midplanes of a (2+1)D unit that has no DEM, by equation 3.4.

    They are counted for a temporal kernel of 3 whatever its true size, as MMAction2's
    ``Conv2plus1d`` counts them, whose weights then fit. The network of the thesis has
    no other temporal kernel.

    Args:
        in_channels: Nin.
        out_channels: Nout.
        d: Spatial kernel size.

    Raises:
        ValueError: The result is below 1.
    """
    return equivalent_midplanes(in_channels, out_channels, 3, d)


@dataclass(frozen=True)
class UnitSpec:
    """Where a (2+1)D unit stands in the network and what it looks like.

    Attributes:
        stage: One of ``STAGES``, the names of Table 3.1.
        block: Index of the residual block in its stage, from 0.
        conv: Index of the unit in its block, from 0.
        in_channels: Nin of the unit.
        out_channels: Nout of the unit.
        block_in_channels: Input channels of the block.
        t: Temporal kernel size.
        d: Spatial kernel size.
        slot: What stands between the convolutions, None for nothing.
    """

    stage: str
    block: int
    conv: int
    in_channels: int
    out_channels: int
    block_in_channels: int
    t: int
    d: int
    slot: Slot | None = None

    def __str__(self) -> str:
        return f'{self.stage}, block {self.block}, unit {self.conv}'


def _equivalent(unit: UnitSpec) -> int:
    return equivalent_midplanes(
        unit.in_channels, unit.out_channels, unit.t, unit.d, unit.slot
    )


def _unchanged(unit: UnitSpec) -> int:
    return unchanged_midplanes(unit.in_channels, unit.out_channels, unit.d)


def _vmz(unit: UnitSpec) -> int:
    if unit.stage != 'conv1':
        return _equivalent(unit)
    stem = 45  # from 3 to 64 channels
    if unit.slot:
        # 14 for DEM, in every form of it that the thesis names. What is cheaper gets as
        # many as leave that stem its weights.
        linear = 7 * 7 * 3 + 3 * 64
        stem = max(14, _largest(linear, 45 * linear, 7, unit.slot))
    step = _step(unit.slot)
    return max(step, stem * unit.out_channels // 64 // step * step)


def _torchvision(unit: UnitSpec) -> int:
    if unit.stage == 'conv1':
        return max(1, 45 * unit.out_channels // 64)
    return equivalent_midplanes(
        unit.block_in_channels, unit.out_channels, unit.t, unit.d
    )


POLICIES = {
    'equivalent': _equivalent,
    'vmz': _vmz,
    'torchvision': _torchvision,
    'unchanged': _unchanged,
}


def check_midplanes_cfg(cfg: MidplanesCfg) -> None:
    """Refuse what is neither a policy nor a mapping from the five stages.

    Raises:
        ValueError: Names the value and what is accepted.
    """
    if isinstance(cfg, str):
        fits = cfg in POLICIES
    else:
        fits = isinstance(cfg, Mapping) and set(cfg) == set(STAGES)
    if not fits:
        raise ValueError(
            f'midplanes={cfg!r} must be one of {sorted(POLICIES)} or a mapping with a '
            f'number for each of {STAGES}.'
        )


def resolve_midplanes(cfg: MidplanesCfg, unit: UnitSpec) -> int:
    """Midplanes of one unit of a network.

    Args:
        cfg: A policy, or explicit numbers.

            - ``'equivalent'``: as many parameters as the 3D unit, DEM or what stands in
              its place counted in (Table 3.1).
            - ``'vmz'``: the same with a stem of 45 midplanes, 14 with DEM, as in the
              Caffe2 code of R(2+1)D (Tables 4.1 and 4.2), and with anything cheaper as
              many as leave the stem its weights; in proportion where the stem does not
              have 64 channels.
            - ``'torchvision'``: a stem of 45 midplanes, and in each block the same
              number for both units, from the channels of the first; DEM on top. Fits
              the public weights of ``r2plus1d_18``.
            - ``'unchanged'``: what the unit has without DEM; DEM on top
              (:func:`unchanged_midplanes`).
            - a mapping from every stage to a number, or to a list of one list a block
              with one number a unit: ``dict(conv1=83, conv2_x=144, conv3_x=[[230,
              288], [288, 288]], ...)``.
        unit: The unit.

    Raises:
        ValueError: The policy is unknown, or the numbers have none of at least 1 for
            the unit.
    """
    check_midplanes_cfg(cfg)
    if isinstance(cfg, str):
        return POLICIES[cfg](unit)
    mid = cfg[unit.stage]
    if not isinstance(mid, int):
        try:
            mid = mid[unit.block][unit.conv]
        except (KeyError, IndexError, TypeError):
            raise ValueError(
                f"midplanes['{unit.stage}']={mid} has no number for {unit}; give one "
                'number, or one list a block with one number a unit.'
            ) from None
    if not isinstance(mid, int) or isinstance(mid, bool) or mid < 1:
        raise ValueError(
            f"midplanes['{unit.stage}'] gives {mid!r} for {unit}; it must be an "
            'integer of at least 1.'
        )
    return mid
