import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.models.common import Conv2plus1d

from dem_mmaction.models import equivalent_midplanes, resolve_midplanes
from dem_mmaction.models.midplanes import UnitSpec, unchanged_midplanes
from dem_mmaction.models.stages import STAGES

channels = st.integers(1, 2048)


def parameters(mid, nin, nout, t, d, dem_weights):
    """Equations 3.4 and 3.5."""
    return (d * d * nin + t * nout) * mid + dem_weights * mid**2


@given(channels, channels, st.integers(1, 7), st.integers(1, 11), st.integers(0, 200))
def test_is_the_largest_unit_not_above_the_3d_one(nin, nout, t, d, dem_weights):
    target = t * d * d * nin * nout  # (3.3)
    size = (nin, nout, t, d, dem_weights)
    if parameters(1, *size) > target:
        with pytest.raises(ValueError, match='at least 1 is needed'):
            equivalent_midplanes(*size)
    else:
        mid = equivalent_midplanes(*size)
        assert parameters(mid, *size) <= target < parameters(mid + 1, *size)


@given(channels, channels)
def test_agrees_with_the_root_in_floating_point(nin, nout):
    a, b, c = 13, 9 * nin + 3 * nout, -27 * nin * nout
    root = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    if root >= 1:
        assert abs(equivalent_midplanes(nin, nout, dem_weights=13) - root) <= 1


def spec(stage='conv3_x', conv=0, nin=64, nout=128, dem_weights=0, d=3, block_in=64):
    return UnitSpec(
        stage=stage,
        block=0,
        conv=conv,
        in_channels=nin,
        out_channels=nout,
        block_in_channels=block_in,
        t=3,
        d=d,
        dem_weights=dem_weights,
    )


STEM = dict(stage='conv1', nin=3, nout=64, d=7, block_in=3)
SECOND = dict(conv=1, nin=128)


@pytest.mark.parametrize(
    'policy, unit, without, with_dem',
    [
        ('equivalent', STEM, 83, 20),
        ('equivalent', {}, 230, 98),
        ('equivalent', SECOND, 288, 134),
        ('vmz', STEM, 45, 14),
        ('vmz', dict(STEM, nout=16), 11, 3),
        ('vmz', SECOND, 288, 134),
        ('torchvision', STEM, 45, 45),
        ('torchvision', SECOND, 230, 230),
        ('unchanged', STEM, 83, 83),
        ('unchanged', SECOND, 288, 288),
    ],
)
def test_policies(policy, unit, without, with_dem):
    dem_weights = 4 + unit.get('d', 3) ** 2
    assert resolve_midplanes(policy, spec(**unit)) == without
    assert resolve_midplanes(policy, spec(**unit, dem_weights=dem_weights)) == with_dem


@pytest.mark.parametrize('nin, nout, d', [(3, 64, 7), (64, 64, 3), (12, 40, 1)])
def test_unchanged_is_what_mmaction2_counts(nin, nout, d):
    for t in (1, 3, 5):
        theirs = Conv2plus1d(nin, nout, (t, d, d))
        assert unchanged_midplanes(nin, nout, d) == theirs.conv_s.out_channels


def numbers(conv3_x):
    return dict(dict.fromkeys(STAGES, 5), conv3_x=conv3_x)


def test_explicit_numbers():
    assert resolve_midplanes(numbers(7), spec()) == 7
    assert resolve_midplanes(numbers([[7, 9], [9, 9]]), spec(conv=1)) == 9


@pytest.mark.parametrize(
    'cfg, message',
    [
        ('same', "midplanes='same'.*equivalent.*torchvision.*unchanged.*vmz"),
        (12, 'midplanes=12'),
        (dict(conv2_x=3), 'conv2_x.*a number for each of.*conv5_x'),
        (dict(numbers(3), conv6_x=3), 'conv6_x.*a number for each of.*conv5_x'),
        (numbers(0), 'conv3_x.*0 for conv3_x, block 0, unit 1.*at least 1'),
        (numbers([[3], [3]]), 'conv3_x, block 0, unit 1'),
        (numbers(2.5), 'conv3_x'),
    ],
)
def test_bad_values_are_named(cfg, message):
    with pytest.raises(ValueError, match=message):
        resolve_midplanes(cfg, spec(conv=1))
