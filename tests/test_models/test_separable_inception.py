import torch
from torch import nn

from dem_mmaction.models import S3DDEM, DEMConv
from dem_mmaction.models.separable_inception import FeatureGate, InceptionBlock


def test_the_gate_weighs_channels_by_the_whole_clip():
    torch.manual_seed(0)
    gate, x = FeatureGate(3), torch.randn(2, 3, 4, 5, 6)
    pooled = x.mean((2, 3, 4))
    weights = (pooled @ gate.fc.weight.flatten(1).T + gate.fc.bias).sigmoid()
    torch.testing.assert_close(gate(x), x * weights[:, :, None, None, None])


def test_branches_stand_beside_each_other():
    torch.manual_seed(0)
    block = S3DDEM(base_channels=16).eval().layer2[0]
    assert isinstance(block, InceptionBlock)
    x = torch.randn(1, 48, 2, 5, 5)
    y = block(x)
    assert y.shape == (1, block.out_channels, 2, 5, 5) and block.out_channels == 64
    ends = (16, 48, 56, 64)  # 64, 128, 32, 32 channels at 64
    parts = y.tensor_split(ends[:-1], dim=1)
    reduced = block.branch1[0](x)
    expected = (
        block.branch0(x),
        block.branch1[1](reduced),
        block.branch2(x),
        block.branch3[1](nn.functional.max_pool3d(x, 3, 1, 1)),
    )
    for part, own in zip(parts, expected, strict=True):
        assert torch.equal(part, own)


def test_gates_come_after_the_temporal_convolution_of_s3dg_alone():
    net = S3DDEM(base_channels=16, gating=True, dem_stages=['conv3_x.1'])
    gates = [name for name, own in net.named_modules() if isinstance(own, FeatureGate)]
    units = [name for name, own in net.named_modules() if isinstance(own, DEMConv)]
    assert [name.replace('.gate', '.conv') for name in gates] == units
    assert len(units) == 20
    dems = [name for name in units if net.get_submodule(name).dem is not None]
    assert dems == ['layer2.1.branch1.1.conv', 'layer2.1.branch2.1.conv']
    plain = S3DDEM(base_channels=16)
    assert not any(isinstance(own, FeatureGate) for own in plain.modules())


def test_dem_is_paid_for_by_the_channels_between():
    with torch.device('meta'):
        own = S3DDEM()
        plain = S3DDEM(dem_stages=[])

    def of_units(net):
        units = [module for module in net.modules() if isinstance(module, DEMConv)]
        return [
            sum(p.numel() for p in unit.parameters() if p.ndim > 1) for unit in units
        ]

    for narrower, wider in zip(of_units(own), of_units(plain), strict=True):
        assert 0.9 < narrower / wider <= 1
