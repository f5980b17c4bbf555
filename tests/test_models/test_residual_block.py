import copy

import pytest
import torch
from mmcv.cnn import ConvModule

from dem_mmaction.models.residual_block import ResidualBlock, build_shortcut

NORM, ACT = dict(type='BN3d'), dict(type='ReLU')


def block(in_channels=4, out_channels=4, stride=1, unit='DEMConv', **kwargs):
    torch.manual_seed(0)
    common = dict(
        kernel_size=3, padding=1, conv_cfg=dict(type=unit), norm_cfg=NORM, act_cfg=None
    )
    units = [
        ConvModule(in_channels, 5, stride=stride, **common),
        ConvModule(5, 5, **common),
        ConvModule(5, out_channels, **common),
    ]
    shortcut = build_shortcut(in_channels, out_channels, stride, NORM)
    return ResidualBlock(units, shortcut, ACT, **kwargs).double()


@pytest.mark.parametrize('unit', ['DEMConv', 'Conv3d'])
@pytest.mark.parametrize('size', [(4, 4, 1), (4, 6, 1), (4, 4, 2), (4, 6, 2)])
def test_adds_its_input_through_a_convolution_where_shapes_differ(size, unit):
    own = block(*size, unit=unit).eval()
    x = torch.randn(2, 4, 5, 6, 7, dtype=torch.float64)
    shortcut = x
    if size != (4, 4, 1):
        weight = own.downsample.conv.weight.flatten(1)
        strided = x[:, :, :: size[2], :: size[2], :: size[2]]
        shortcut = own.downsample.bn(torch.einsum('oc,ncthw->nothw', weight, strided))
    convolved = own.conv3(own.conv2(own.conv1(x)))
    torch.testing.assert_close(own(x), (convolved + shortcut).relu())


def test_the_adapter_acts_on_the_units_alone():
    own = block().eval()
    own.adapter = torch.nn.Softplus()
    x = torch.randn(1, 4, 3, 4, 4, dtype=torch.float64)
    convolved = own.conv3(own.conv2(own.conv1(own.adapter(x))))
    torch.testing.assert_close(own(x), (convolved + x).relu())


def test_checkpointing_changes_neither_gradients_nor_statistics():
    plain = block(4, 6, 2)
    saving = block(4, 6, 2, with_cp=True)
    assert not plain.with_cp
    saving.load_state_dict(copy.deepcopy(plain.state_dict()))
    passes = []
    saving.conv1.register_forward_pre_hook(lambda *_: passes.append(1))
    x = torch.randn(2, 4, 4, 6, 6, dtype=torch.float64)
    for own in (plain, saving):
        own(x).square().mean().backward()
    assert len(passes) == 2
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)
    # Running statistics moved once, and still move.
    for steps in range(2):
        for name, value in plain.state_dict().items():
            assert torch.equal(saving.state_dict()[name], value), (steps, name)
        for own in (plain, saving):
            own(x + 1).sum().backward()
    with torch.no_grad():
        saving(x)
    assert len(passes) == 2 + 2 * 2 + 1
