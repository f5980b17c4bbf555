"""The cheaper forms of DEM: groups and a reduction of channels."""

import pytest
import torch
from reference import reference_dem, value_and_gradients
from support import conv_weights
from torch import nn

from dem_mmaction.models import DEM
from dem_mmaction.models.gates import FUSIONS

FORMS = [
    dict(groups=1),
    dict(groups=3),
    dict(groups='channelwise'),
    dict(reduction=2),
    dict(groups=3, reduction=2),
    dict(groups='channelwise', reduction=4),
]


@pytest.mark.parametrize('form', FORMS, ids=str)
@pytest.mark.parametrize('fusion', FUSIONS)
@pytest.mark.parametrize('memory', [torch.contiguous_format, torch.channels_last_3d])
@pytest.mark.parametrize('frames, height', [(1, 6), (4, 6), (2, 1)])
def test_cheaper_forms_equal_equation_3_2(form, fusion, memory, frames, height):
    torch.manual_seed(0)
    dem = DEM(12, fusion=fusion, zero_init=False, **form).double()
    x = torch.randn(2, 12, frames, height, 2, dtype=torch.float64)
    y, grads = value_and_gradients(dem, x.contiguous(memory_format=memory), dem)
    y_ref, grads_ref = value_and_gradients(lambda x: reference_dem(dem, x), x, dem)
    torch.testing.assert_close(y, y_ref)
    for grad, grad_ref in zip(grads, grads_ref, strict=True):
        torch.testing.assert_close(grad, grad_ref)


def test_groups_do_not_see_each_other():
    torch.manual_seed(0)
    dem = DEM(6, fusion='concat', groups=2, zero_init=False).eval()
    x = torch.randn(1, 6, 4, 5, 5, requires_grad=True)
    dem(x)[:, :3].sum().backward()
    assert (x.grad[:, :3] != 0).any() and (x.grad[:, 3:] == 0).all()


def test_reduction_leaves_the_sum_its_channels():
    dem = DEM(10, 5, groups=2, reduction=2)
    shapes = {
        name: tuple(m.weight.shape)
        for name, m in dem.named_children()
        if isinstance(m, (nn.Conv3d, nn.BatchNorm3d))
    }
    assert shapes == dict(
        reduce=(4, 10, 1, 1, 1),
        f=(4, 2, 2, 1, 1),
        g=(4, 2, 2, 1, 1),
        norm_d=(4,),
        h=(4, 2, 1, 5, 5),
        expand=(10, 4, 1, 1, 1),
        norm_h=(10,),
    )
    assert dem.scale.shape == (10,)


def test_groups_start_with_the_variance_of_one_group():
    torch.manual_seed(0)
    x = torch.randn(1, 64, 4, 16, 16)
    spreads = [
        DEM(64, groups=groups, norm_cfg=None).variation(x)[:, :, 1:-1].std().item()
        for groups in (1, 4, 'channelwise')
    ]
    assert spreads == pytest.approx([spreads[0]] * 3, rel=0.25)


@pytest.mark.parametrize('form', FORMS, ids=str)
def test_zero_init_of_a_cheaper_form_is_the_identity(form):
    x = torch.randn(2, 12, 4, 5, 5)
    assert torch.equal(DEM(12, **form)(x), x)


@pytest.mark.parametrize('form', [dict(), *FORMS, dict(groups=2, reduction=9)], ids=str)
@pytest.mark.parametrize('fusion', FUSIONS)
@pytest.mark.parametrize('kernel_size', [1, 3, 7])
def test_weights_counts_the_convolutions(form, fusion, kernel_size):
    form = dict(fusion=fusion, **form)
    dem = DEM(12, kernel_size, **form)
    assert DEM.weights(12, kernel_size, form) == conv_weights(dem)
