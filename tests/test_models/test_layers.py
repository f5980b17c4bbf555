import pytest
from torch import nn

from dem_mmaction.models.layers import build_activation, build_norm, check_norm


def test_norms():
    norm = build_norm(dict(type='GN', num_groups=3), 6)
    assert (type(norm), norm.num_groups, norm.num_channels) == (nn.GroupNorm, 3, 6)
    assert type(build_norm(None, 6)) is nn.Identity


def test_activations():
    act = build_activation(dict(type='LeakyReLU', negative_slope=0.3))
    assert (type(act), act.negative_slope) == (nn.LeakyReLU, 0.3)
    assert type(build_activation(None)) is nn.Identity


def test_types_may_be_classes():
    check_norm(dict(type=nn.BatchNorm3d))
    assert type(build_activation(dict(type=nn.SiLU))) is nn.SiLU


def test_a_config_is_not_changed():
    cfgs = dict(type='BN3d'), dict(type='ReLU')
    build_norm(cfgs[0], 2), build_activation(cfgs[1])
    assert cfgs == (dict(type='BN3d'), dict(type='ReLU'))


@pytest.mark.parametrize('cfg', [dict(), dict(type='Gone'), 'ReLU', dict(type=None)])
def test_bad_values_are_named(cfg):
    with pytest.raises(
        ValueError, match='^norm_cfg=.*must be None or a dict.*such as BN3d, SyncBN'
    ):
        build_norm(cfg, 4)
    with pytest.raises(
        ValueError, match='^norm_cfg=.*must be None or a dict.*such as BN3d, SyncBN'
    ):
        check_norm(cfg)
    with pytest.raises(
        ValueError, match='^act_cfg=.*must be None or a dict.*such as ReLU, ReLU6'
    ):
        build_activation(cfg)
