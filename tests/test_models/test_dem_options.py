import pytest

from dem_mmaction.models import DEM
from dem_mmaction.models.dem_options import (
    ACT_PLACES,
    NORM_PLACES,
    PADDING_MODES,
    check_dem_cfg,
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
        (dict(init_scale='half'), "init_scale='half' must be a number"),
    ],
)
def test_bad_values_are_named(dem_cfg, message):
    with pytest.raises(ValueError, match=message):
        check_dem_cfg(dem_cfg)
