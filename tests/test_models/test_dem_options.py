import pytest
from hypothesis import given
from hypothesis import strategies as st

from dem_mmaction.models import DEM
from dem_mmaction.models.dem_options import (
    ACT_PLACES,
    NORM_PLACES,
    PADDING_MODES,
    check_dem_cfg,
    conv_weights,
    multiple_of,
    reduced_channels,
)
from dem_mmaction.models.gates import FUSIONS


@pytest.mark.parametrize(
    'dem_cfg',
    [
        dict(),
        *(dict(fusion=fusion) for fusion in FUSIONS),
        *(dict(padding_mode=mode) for mode in PADDING_MODES),
        *(dict(act_place=place) for place in ACT_PLACES),
        dict(norm_places=NORM_PLACES, norm_cfg=dict(type='GN', num_groups=1)),
        dict(norm_places=[], norm_cfg=None, act_cfg=None),
        dict(act_cfg=dict(type='LeakyReLU', negative_slope=0.2)),
        dict(zero_init=False, init_scale=0.5),
        dict(init_scale=2),
        dict(groups=2),
        dict(groups='channelwise'),
        dict(reduction=4),
    ],
    ids=str,
)
def test_what_dem_takes_passes(dem_cfg):
    check_dem_cfg(dem_cfg)
    DEM(4, **dem_cfg)


@pytest.mark.parametrize(
    'dem_cfg, message',
    [
        (dict(fusion='sum'), "^DEM: fusion='sum'.*product.*concat.*bilinear"),
        (dict(padding_mode='reflect'), "padding_mode='reflect'.*replicate"),
        (dict(act_place='D'), "act_place='D'.*variation.*compensation.*sum"),
        (dict(norm_places=['sum']), "^DEM: norm_places='sum'.*variation.*compensation"),
        (dict(norm_places='variation'), 'must be a list'),
        (dict(norm_cfg=dict(type='BN9')), 'BN9.*SyncBN'),
        (dict(act_cfg=dict(type='Relu7')), 'Relu7.*ReLU6'),
        (dict(init_scale='half'), "init_scale='half' must be a finite number"),
        (dict(groups='all'), "unless 'channelwise', groups='all' must be an integer"),
        (dict(groups=-2), 'groups=-2 must be an integer'),
        (dict(groups=True), 'groups=True must be an integer'),
        (dict(reduction='4'), "reduction='4' must be an integer"),
        (dict(reduction=0), 'reduction=0 must be an integer'),
    ],
)
def test_bad_values_are_named(dem_cfg, message):
    with pytest.raises(ValueError, match=message):
        check_dem_cfg(dem_cfg)


@pytest.mark.parametrize(
    'dem_cfg, channels, reduced',
    [
        (dict(), 67, 67),
        (dict(groups='channelwise'), 67, 67),
        (dict(reduction=4), 67, 16),
        (dict(reduction=4), 3, 1),
        (dict(reduction=4, groups='channelwise'), 67, 16),
        (dict(reduction=4, groups=3), 67, 15),
        (dict(reduction=4, groups=8), 67, 16),
        (dict(reduction=16, groups=8), 67, 8),
    ],
    ids=str,
)
def test_reduced_channels(dem_cfg, channels, reduced):
    assert reduced_channels(channels, dem_cfg) == reduced
    dem = DEM(channels, **dem_cfg)
    assert dem.f.in_channels == reduced and dem.norm_h.num_features == channels


@given(
    st.builds(
        dict,
        fusion=st.sampled_from(sorted(FUSIONS)),
        groups=st.one_of(st.integers(1, 9), st.just('channelwise')),
        reduction=st.integers(1, 20),
    ),
    st.integers(1, 300),
    st.sampled_from([1, 3, 7]),
)
def test_weights_never_fall_as_channels_are_added(dem_cfg, number, kernel_size):
    step = multiple_of(dem_cfg)
    fewer, more = (
        conv_weights(step * n, kernel_size, dem_cfg) for n in (number, number + 1)
    )
    assert 0 < fewer <= more
