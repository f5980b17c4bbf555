import pytest
import torch
from mmengine.model import kaiming_init
from torch import nn

from dem_mmaction.models.layers import (
    build_activation,
    build_norm,
    check_norm,
    init_convs_and_norms,
)


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


def test_initialises_convolutions_and_norms_alone():
    parts = nn.Sequential(
        nn.Conv3d(64, 32, 3),
        nn.Conv3d(32, 32, (1, 3, 3), groups=4),
        nn.Sequential(nn.BatchNorm3d(32), nn.GroupNorm(2, 32)),
        nn.PReLU(),
    )
    for parameter in parts.parameters():
        nn.init.constant_(parameter, 0.7)
    torch.manual_seed(0)
    init_convs_and_norms(parts)
    full, grouped, norms, other = parts
    torch.manual_seed(0)
    plain = nn.Conv3d(64, 32, 3)
    torch.manual_seed(0)
    kaiming_init(plain)
    assert torch.equal(full.weight, plain.weight)
    # A pixel of the input reaches 8 channels of its group by 9 taps.
    assert grouped.weight.std().item() == pytest.approx((2 / (8 * 9)) ** 0.5, rel=0.05)
    assert all((conv.bias == 0).all() for conv in (full, grouped))
    assert all((n.weight == 1).all() and (n.bias == 0).all() for n in norms)
    assert other.weight.item() == pytest.approx(0.7)
