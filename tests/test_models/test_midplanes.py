from math import isqrt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.models.common import Conv2plus1d

from dem_mmaction.models import Slot, equivalent_midplanes, resolve_midplanes
from dem_mmaction.models.gates import FUSIONS
from dem_mmaction.models.midplanes import UnitSpec, narrowed, unchanged_midplanes
from dem_mmaction.models.stages import STAGES

channels = st.integers(1, 2048)


def slot(quadratic=0, linear=0, constant=0, reduction=1, multiple_of=1):
    """What stands in the slot, as far as midplanes are concerned."""
    return SimpleNamespace(
        weights=lambda m, d: (
            quadratic * m * max(1, m // reduction) + linear * d * m + constant
        ),
        multiple_of=multiple_of,
    )


def closed_form(nin, nout, t, d, dem_weights):
    """Floor of the positive root of equation 3.5, or of 3.4 without DEM."""
    target, linear = t * d * d * nin * nout, d * d * nin + t * nout
    if not dem_weights:
        return target // linear
    root = isqrt(linear**2 + 4 * dem_weights * target)
    return (root - linear) // (2 * dem_weights)


sizes = st.tuples(channels, channels, st.integers(1, 7), st.integers(1, 11))


@given(sizes, st.integers(0, 200))
def test_is_the_root_of_equation_3_5(size, dem_weights):
    mid = closed_form(*size, dem_weights)
    if mid < 1:
        with pytest.raises(ValueError, match='at least 1 is needed'):
            equivalent_midplanes(*size, slot(dem_weights))
    else:
        assert equivalent_midplanes(*size, slot(dem_weights)) == mid
        if not dem_weights:
            assert equivalent_midplanes(*size) == mid


@given(sizes, st.sampled_from(sorted(FUSIONS)))
def test_every_fusion_has_a_closed_form(size, fusion):
    area = size[3] ** 2
    pairs = dict(product=4 + area, concat=4 + 2 * area, bilinear=6 + area)[fusion]
    mid = closed_form(*size, pairs)
    if mid >= 1:
        assert equivalent_midplanes(*size, Slot(dict(fusion=fusion))) == mid


@given(
    sizes,
    st.builds(
        slot,
        st.integers(0, 60),
        st.integers(0, 500),
        st.integers(0, 500),
        st.integers(1, 16),
        st.integers(1, 8),
    ),
)
def test_is_the_largest_unit_not_above_the_3d_one(size, module):
    nin, nout, t, d = size

    def unit(mid):
        return (d * d * nin + t * nout) * mid + module.weights(mid, d)

    target, step = t * d * d * nin * nout, module.multiple_of  # (3.3)
    if unit(step) > target:
        with pytest.raises(ValueError, match=f'at least {step} is needed'):
            equivalent_midplanes(*size, module)
    else:
        mid = equivalent_midplanes(*size, module)
        assert mid % step == 0
        assert unit(mid) <= target < unit(mid + step)


def spec(stage='conv3_x', conv=0, nin=64, nout=128, slot=None, d=3, block_in=64):
    return UnitSpec(
        stage=stage,
        block=0,
        conv=conv,
        in_channels=nin,
        out_channels=nout,
        block_in_channels=block_in,
        t=3,
        d=d,
        slot=slot,
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
    assert resolve_midplanes(policy, spec(**unit)) == without
    assert resolve_midplanes(policy, spec(**unit, slot=Slot())) == with_dem


@pytest.mark.parametrize(
    'module, stem',
    [
        (Slot(dict(fusion='concat')), 14),  # dearer than 14 can pay, yet DEM
        (slot(), 45),
        (slot(quadratic=10), 25),
        (slot(quadratic=10, multiple_of=4), 24),
    ],
)
def test_vmz_stem_has_equal_weights(module, stem):
    assert resolve_midplanes('vmz', spec(**STEM, slot=module)) == stem
    in_proportion = max(module.multiple_of, stem // 8)
    assert in_proportion - resolve_midplanes(
        'vmz', spec(**dict(STEM, nout=8), slot=module)
    ) in range(module.multiple_of)
    if stem != 14:
        weights = [
            (147 + 192) * mid + module.weights(mid, 7)
            for mid in (stem, stem + module.multiple_of)
        ]
        assert weights[0] <= 45 * (147 + 192) < weights[1]


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


@given(
    st.integers(1, 200),
    st.integers(1, 40),
    st.integers(0, 200),
    st.sampled_from([1, 2, 4]),
)
def test_narrowed_is_the_widest_that_pays_for_its_slot(width, linear, quadratic, step):
    own = slot(quadratic=quadratic, multiple_of=step)
    own.name = 'DEM'

    def weights(m, of_slot):
        return linear * m * m + (of_slot.weights(m, 3) if of_slot else 0)

    target = weights(width, None)
    fitting = [m for m in range(step, width + 1, step) if weights(m, own) <= target]
    if fitting:
        assert narrowed('a part', width, weights, own) == fitting[-1]
    else:
        with pytest.raises(ValueError, match=f'a part: DEM leaves none of {width} cha'):
            narrowed('a part', width, weights, own)
