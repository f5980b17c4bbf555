import copy

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.runner import load_checkpoint, save_checkpoint
from support import ROOT, trained
from torch.nn.modules.batchnorm import _BatchNorm

from dem_mmaction.models import DEM, R2Plus1DDEM, fuse
from dem_mmaction.models.dem_options import ACT_PLACES, NORM_PLACES, PADDING_MODES
from dem_mmaction.models.fuse import FusedDEM
from dem_mmaction.models.gates import FUSIONS

NET = dict(depth=10, base_channels=4)


@pytest.mark.parametrize(
    'dem_cfg',
    [
        *(
            dict(fusion=fusion, padding_mode=mode)
            for fusion in FUSIONS
            for mode in PADDING_MODES
        ),
        *(
            dict(act_place=act, norm_places=norms)
            for act in ACT_PLACES
            for norms in ((), ('variation',), ('compensation',), NORM_PLACES)
        ),
        dict(norm_cfg=dict(type='GN', num_groups=1)),
        dict(act_cfg=None),
        dict(groups=2),
        dict(groups='channelwise', padding_mode='circular'),
        dict(reduction=2),
        dict(reduction=2, groups='channelwise', fusion='concat'),
        dict(reduction=2, act_place='compensation', norm_places=['variation']),
    ],
    ids=str,
)
def test_fused_dem_gives_what_dem_gives(dem_cfg):
    torch.manual_seed(0)
    dem = trained(DEM(6, 3, zero_init=False, **dem_cfg)).double()
    for frames in (1, 2, 5):
        x = torch.randn(2, 6, frames, 7, 5, dtype=torch.float64)
        fused = FusedDEM(copy.deepcopy(dem))
        torch.testing.assert_close(fused(x.clone()), dem(x))


@pytest.mark.parametrize(
    'cfg',
    [
        dict(),
        dict(dem_stages=['conv2_x']),
        dict(dem_stages=[]),
        dict(unit='3d'),
        dict(dem_cfg=dict(norm_cfg=None)),
        dict(norm_cfg=dict(type='GN', num_groups=1)),
        dict(dem_cfg=dict(fusion='bilinear')),
        dict(dem_cfg=dict(groups=2, reduction=4)),
    ],
    ids=str,
)
def test_network_gives_the_same_and_stays_as_it_is(cfg):
    torch.manual_seed(0)
    net = trained(R2Plus1DDEM(**NET, **cfg)).double()
    before = copy.deepcopy(net.state_dict())
    x = torch.randn(2, 3, 8, 24, 24, dtype=torch.float64)
    fused = fuse(net)
    torch.testing.assert_close(fused(x), net(x))
    assert all(
        torch.equal(value, before[key]) for key, value in net.state_dict().items()
    )
    assert not fused.training and not any(p.requires_grad for p in fused.parameters())
    if 'norm_cfg' not in cfg:
        assert not any(isinstance(part, _BatchNorm) for part in fused.modules())


def test_recognizer_from_a_checkpoint(tmp_path):
    config = Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')
    config.model.backbone.update(NET)
    config.model.cls_head.in_channels = 32
    source = trained(MODELS.build(config.model))
    save_checkpoint(dict(state_dict=source.state_dict()), str(tmp_path / 'net.pth'))
    model = MODELS.build(config.model).eval()
    load_checkpoint(model, str(tmp_path / 'net.pth'), map_location='cpu')
    inputs = torch.randn(1, 3, 3, 16, 40, 40, dtype=torch.float64)
    model.double()  # such statistics make rounding grow
    with torch.no_grad():
        features = [net(inputs, mode='tensor') for net in (model, fuse(model))]
    torch.testing.assert_close(*features)


def test_statistics_of_training_are_not_moved():
    net = R2Plus1DDEM(**NET)
    net.train()
    fuse(net)
    assert net.training and all(p.requires_grad for p in net.parameters())
