from unittest import mock

import pytest
import torch
from mmaction.registry import MODELS
from mmaction2_networks import stock_r2plus1d
from mmengine.config import Config
from torch import nn
from torchvision_networks import S3D, R2Plus1D

from dem_mmaction.models import DEM, P3DDEM, S3DDEM, R2Plus1DDEM, insert_dem
from dem_mmaction.models.insert import insertions_table
from dem_mmaction.models.pairs import find_pairs

SMALL = dict(depth=10, base_channels=8)


class SepConv(nn.Module):
    """The unit of S3D, with a gate behind it, and names of its own."""

    def __init__(self, channels, out):
        super().__init__()
        self.time = nn.Conv3d(out, out, (3, 1, 1), padding=(1, 0, 0), bias=False)
        self.space = nn.Conv3d(channels, out, (1, 3, 3), padding=(0, 1, 1), bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm3d(out), nn.BatchNorm3d(out)])

    def forward(self, x):
        x = torch.relu_(self.norms[0](self.space(x)))
        x = torch.relu_(self.norms[1](self.time(x)))
        return x * x.mean((2, 3, 4), keepdim=True).sigmoid()


class Other(nn.Module):
    """Pairs in odd orders, and what is none."""

    def __init__(self):
        super().__init__()
        self.normalise = nn.BatchNorm3d(3)
        self.stem = SepConv(3, 8)
        self.mixed = nn.ModuleList([SepConv(8, 8), SepConv(8, 4)])
        self.after_sum = nn.Conv3d(8, 8, (3, 1, 1), padding=(1, 0, 0))
        self.spatial = nn.Conv3d(8, 8, (1, 3, 3), padding=(0, 1, 1))
        self.pointwise = nn.Conv3d(8, 8, 1)
        self.after_pointwise = nn.Conv3d(8, 8, (3, 1, 1), padding=(1, 0, 0))

    def forward(self, x):
        x = self.stem(self.normalise(x))
        y = self.after_sum(self.spatial(x) + x)
        y = self.after_pointwise(self.pointwise(self.spatial(y)))
        return torch.cat([branch(y) for branch in self.mixed], 1)


NETWORKS = dict(
    ours=lambda: R2Plus1DDEM(dem_stages=[], **SMALL),
    mmaction2=lambda: stock_r2plus1d(depth=18),
    other=Other,
    torchvision_r2plus1d=R2Plus1D,
    torchvision_s3d=lambda: S3D().features,
    ours_s3d=lambda: S3DDEM(base_channels=16, dem_stages=[]),
    ours_p3d=lambda: P3DDEM(depth=17, base_channels=8, dem_stages=[]),
)


@pytest.mark.parametrize(
    'name, units',
    [
        ('ours', 9),
        ('mmaction2', 17),
        ('other', 3),
        ('torchvision_r2plus1d', 17),
        ('torchvision_s3d', 20),
        ('ours_s3d', 20),
        # Blocks A and C; in B the temporal convolution is beside the spatial one.
        ('ours_p3d', 2),
    ],
)
def test_output_keeps_every_bit_and_every_parameter_learns(name, units):
    torch.manual_seed(0)
    net, clips = NETWORKS[name](), torch.randn(2, 3, 8, 32, 32)
    net.train()
    for _ in range(3):
        net(clips)  # of running statistics
    net.eval()
    names, expected = list(net.state_dict()), net(clips)
    inserted = insert_dem(net)
    assert len(inserted) == units
    assert torch.equal(net(clips), expected)
    own = [key for key in net.state_dict() if '.dem.' in key]
    assert [key for key in net.state_dict() if '.dem.' not in key] == names and own
    for module in net.modules():
        if isinstance(module, DEM):
            nn.init.normal_(module.scale)
    assert not torch.equal(net(clips), expected)
    net.train()
    net(clips).square().mean().backward()
    zero = [
        key for key, p in net.named_parameters() if p.grad is None or not p.grad.any()
    ]
    assert [key for key in zero if '.dem.' in key] == []


def test_pairs_are_those_of_the_data_flow():
    pairs = find_pairs(Other())
    assert [(own.spatial, own.temporal) for own in pairs] == [
        ('stem.space', 'stem.time'),
        ('mixed.0.space', 'mixed.0.time'),
        ('mixed.1.space', 'mixed.1.time'),
    ]
    assert [own.shape[1] for own in pairs] == [8, 8, 4]
    assert {own.kernel_size for own in pairs} == {3}


def test_what_is_frozen_or_trains_stays_so():
    net = nn.Sequential(
        nn.BatchNorm3d(3), R2Plus1DDEM(dem_stages=[], frozen_stages=1, **SMALL)
    ).train()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    modes = [module.training for module in net.modules()]
    grads = [parameter.requires_grad for parameter in net.parameters()]
    find_pairs(net)
    assert all(
        torch.equal(value, before[key]) for key, value in net.state_dict().items()
    )
    assert [module.training for module in net.modules()] == modes
    assert [parameter.requires_grad for parameter in net.parameters()] == grads
    assert not any(module._forward_pre_hooks for module in net.modules())
    assert all(parameter.grad is None for parameter in net.parameters())


@pytest.mark.parametrize(
    'where, stages',
    [
        ('layer1', ['layer1'] * 2),
        (['layer2.*', 'conv1'], ['conv1', 'layer1', 'layer2', 'layer2']),
        ('*.conv2.*', ['layer1', 'layer2', 'layer3', 'layer4']),
    ],
)
def test_where_is_a_stage_or_a_pattern(where, stages):
    inserted = insert_dem(NETWORKS['ours'](), where)
    found = [own.pair.temporal.split('.')[0] for own in inserted]
    if isinstance(where, str):
        assert found == stages
    else:
        # conv1 is the first unit of each block, too.
        assert set(found) >= {'conv1', 'layer2'}


def test_the_table_counts_what_came_in():
    net = NETWORKS['ours']()
    before = sum(parameter.numel() for parameter in net.parameters())
    inserted = insert_dem(net, 'layer1', dict(groups='channelwise'), clip=(4, 32, 32))
    after = sum(parameter.numel() for parameter in net.parameters())
    assert after - before == sum(own.parameters for own in inserted)
    (pair, _) = (own.pair for own in inserted)
    assert pair.shape[2:] == (4, 16, 16)
    lines = insertions_table(inserted).splitlines()
    assert f'{after - before:,}' in lines[-1] and pair.temporal in lines[2]


def test_other_modules_go_in():
    net = NETWORKS['mmaction2']()
    net.eval()
    insert_dem(net, 'layer1', dict(type='MotionExcitation', reduction=2))
    kinds = {type(m.dem).__name__ for m in net.modules() if hasattr(m, 'dem')}
    assert kinds == {'MotionExcitation'}
    assert net(torch.randn(1, 3, 8, 32, 32)).isfinite().all()


def test_what_has_no_place_is_said():
    plain = MODELS.build(
        dict(type='ResNet3d', depth=18, base_channels=8, pretrained=None)
    )
    with pytest.raises(ValueError, match='ResNet3d has no 1 x d x d convolution'):
        insert_dem(plain)
    with pytest.raises(ValueError, match='no 1 x d x d'):
        insert_dem(nn.Linear(2, 2))
    net = NETWORKS['ours']()
    with pytest.raises(ValueError, match="where='layer9' matches none.*layer1.0.conv1"):
        insert_dem(net, 'layer9')
    with pytest.raises(ValueError, match='fusion'):
        insert_dem(net, dem_cfg=dict(fusion='sum'))
    insert_dem(net, 'layer1')
    with pytest.raises(ValueError, match='has DEM already'):
        insert_dem(net)


def test_from_a_config_before_weights_are_loaded(tmp_path):
    text = """
_base_ = 'mmaction::_base_/models/r2plus1d_r34.py'
model = dict(
    _delete_=True,
    type='RecognizerWithDEM',
    where='layer1',
    recognizer={{_base_.model}},
)
"""
    (tmp_path / 'mine.py').write_text(text)
    config = Config.fromfile(tmp_path / 'mine.py').model
    config.recognizer.backbone.update(
        depth=18, base_channels=8, norm_cfg=dict(type='BN3d')
    )
    config.recognizer.cls_head.in_channels = 64
    with mock.patch('dem_mmaction.models.insert.print_log') as log:
        model = MODELS.build(config)
    lines = log.call_args.args[0].splitlines()
    assert sum('layer1.' in line for line in lines) == 4 and '| total' in lines[-1]
    assert type(model).__name__ == 'Recognizer3D'
    model.init_weights()
    dems = [name for name, own in model.named_modules() if isinstance(own, DEM)]
    assert len(dems) == 4 and all(name.startswith('backbone.layer1.') for name in dems)
    plain = MODELS.build(config.recognizer)
    loaded = model.load_state_dict(plain.state_dict(), strict=False)
    assert not loaded.unexpected_keys
    assert all('.dem.' in key for key in loaded.missing_keys)
    clips = torch.randn(1, 3, 8, 32, 32)
    model.eval(), plain.eval()
    assert torch.equal(model.backbone(clips), plain.backbone(clips))
