import pytest
import torch
from memory import kept_for_backward
from torch import nn

from dem_mmaction.models import DEM


def inputs(dtype=torch.float32):
    torch.manual_seed(0)
    d = 6 * torch.randn(2, 3, 2, 4, 4)  # both sides of 0 and 6
    return d.to(dtype), torch.randn(2, 3, 2, 4, 4)


@pytest.mark.parametrize('act', ['ReLU6', 'ReLU', 'Sigmoid'])
def test_every_fusion_is_its_formula(act):
    d, x = inputs()
    a = getattr(nn, act)()(d)
    dems = {
        fusion: DEM(3, fusion=fusion, act_cfg=dict(type=act))
        for fusion in ('product', 'concat', 'bilinear')
    }
    u, v = (conv.weight.flatten(1) for conv in (dems['bilinear'].u, dems['bilinear'].v))
    pooled = torch.einsum('oc,ncthw->nothw', u, a) * torch.einsum(
        'oc,ncthw->nothw', v, x
    )
    assert torch.equal(dems['product'].gate(d, x), a * x)
    assert torch.equal(dems['concat'].gate(d, x), torch.cat((a, x), 1))
    torch.testing.assert_close(dems['bilinear'].gate(d, x), pooled)


def test_concatenation_puts_the_channels_of_a_group_together():
    d, x = torch.arange(1.0, 5), torch.arange(11.0, 15)
    expected = {1: [1, 2, 3, 4, 11, 12, 13, 14], 2: [1, 2, 11, 12, 3, 4, 13, 14]}
    expected[4] = [1, 11, 2, 12, 3, 13, 4, 14]
    for groups, channels in expected.items():
        dem = DEM(4, fusion='concat', act_cfg=None, groups=groups)
        fused = dem.gate(d.view(1, 4, 1, 1, 1), x.view(1, 4, 1, 1, 1))
        assert fused.flatten().tolist() == channels


@pytest.mark.parametrize('act_place', ['compensation', 'sum'])
def test_no_activation_where_it_stands_elsewhere(act_place):
    d, x = inputs()
    assert torch.equal(DEM(3, act_place=act_place).gate(d, x), d * x)


def test_product_of_two_dtypes_is_torchs():
    d, x = inputs(torch.bfloat16)
    fused = DEM(3).gate(d, x)
    assert fused.dtype == torch.float32
    assert torch.equal(fused, nn.functional.relu6(d) * x)


def test_product_with_relu6_keeps_its_inputs_alone():
    d, x = (tensor.requires_grad_() for tensor in inputs())
    size = d.numel() * d.element_size()
    assert kept_for_backward(lambda: DEM(3).gate(d, x)) == 2 * size
    assert kept_for_backward(lambda: nn.functional.relu6(d) * x) == 3 * size
