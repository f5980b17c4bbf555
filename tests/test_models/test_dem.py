import copy

import pytest
import torch
from reference import reference_dem, value_and_gradients
from torch import nn

from dem_mmaction.models import DEM
from dem_mmaction.models.dem_options import ACT_PLACES, NORM_PLACES, PADDING_MODES
from dem_mmaction.models.gates import FUSIONS


# Many pixels for the channels, so that composing the kernel of D pays, and few.
@pytest.mark.parametrize('channels, height', [(5, 6), (16, 1)])
@pytest.mark.parametrize('frames', [1, 2, 5, 8])
@pytest.mark.parametrize('fusion', FUSIONS)
@pytest.mark.parametrize('padding_mode', PADDING_MODES)
def test_equals_equation_3_2(channels, height, frames, fusion, padding_mode):
    torch.manual_seed(0)
    dem = DEM(channels, fusion=fusion, padding_mode=padding_mode, zero_init=False)
    dem.double()
    x = torch.randn(2, channels, frames, height, 4, dtype=torch.float64)

    y, grads = value_and_gradients(dem, x, dem)
    y_ref, grads_ref = value_and_gradients(lambda x: reference_dem(dem, x), x, dem)

    torch.testing.assert_close(y, y_ref)
    for grad, grad_ref in zip(grads, grads_ref, strict=True):
        torch.testing.assert_close(grad, grad_ref)


@pytest.mark.parametrize('act_place', ACT_PLACES)
@pytest.mark.parametrize(
    'norm_places', [(), *((place,) for place in NORM_PLACES), NORM_PLACES]
)
def test_norms_and_activation_stand_where_asked(norm_places, act_place):
    torch.manual_seed(0)
    dem = DEM(
        4, norm_places=norm_places, act_place=act_place, zero_init=False, init_scale=0.5
    ).double()
    x = 5 * torch.randn(2, 4, 5, 6, 6, dtype=torch.float64)
    y = dem(x)
    torch.testing.assert_close(y, reference_dem(dem, x))
    norms = dict(variation=dem.norm_d, compensation=dem.norm_h)
    acts = dict(variation=dem.act_d, compensation=dem.act_h, sum=dem.act_y)
    assert [isinstance(norms[p], nn.BatchNorm3d) for p in norms] == [
        p in norm_places for p in norms
    ]
    assert [isinstance(acts[p], nn.ReLU6) for p in acts] == [
        p == act_place for p in acts
    ]
    assert torch.equal(dem.scale, torch.full((4,), 0.5, dtype=torch.float64))
    if act_place == 'sum':
        assert y.min() == 0 and y.max() == 6


def test_moves_to_channels_last_memory():
    x = torch.randn(1, 4, 4, 8, 8)
    dem = DEM(4, zero_init=False)
    y = dem(x)
    dem.to(memory_format=torch.channels_last_3d)
    torch.testing.assert_close(dem(x), y)


def test_measures_departure_from_uniform_motion():
    # f = difference, g = sum: two steps of one frame against one of two frames. Both
    # see the same change, so D vanishes wherever no padding is involved.
    dem = DEM(1, norm_cfg=None, act_cfg=None)
    with torch.no_grad():
        dem.f.weight.copy_(torch.tensor([-1.0, 1.0]).view_as(dem.f.weight))
        dem.g.weight.copy_(torch.tensor([1.0, 1.0]).view_as(dem.g.weight))
    x = torch.randn(1, 1, 8, 3, 3)
    torch.testing.assert_close(dem.variation(x)[:, :, 1:-1], torch.zeros(1, 1, 6, 3, 3))
    # g = first minus second: acceleration.
    with torch.no_grad():
        dem.g.weight.copy_(torch.tensor([0.0, 2.0]).view_as(dem.g.weight))
    acceleration = x[:, :, 2:] - 2 * x[:, :, 1:-1] + x[:, :, :-2]
    torch.testing.assert_close(dem.variation(x)[:, :, 1:-1], acceleration)


@pytest.mark.parametrize('norm_cfg', [dict(type='BN3d'), None])
@pytest.mark.parametrize('fusion', FUSIONS)
def test_zero_init_is_the_identity_to_the_bit(norm_cfg, fusion):
    x = torch.randn(2, 6, 4, 5, 5)
    dem = DEM(6, fusion=fusion, norm_cfg=norm_cfg)
    assert torch.equal(dem(x), x)
    assert torch.equal(dem.eval()(x), x)
    started = DEM(6, fusion=fusion, norm_cfg=norm_cfg, zero_init=False)
    assert not torch.allclose(started(x), x)


def test_zero_init_learns():
    torch.manual_seed(0)
    dem = DEM(4)
    x, target = torch.randn(2, 4, 6, 8, 8), torch.randn(2, 4, 6, 8, 8)
    before = copy.deepcopy(dem.state_dict())
    optimizer = torch.optim.SGD(dem.parameters(), lr=0.1)
    losses = []
    for _ in range(5):
        loss = (dem(x) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    for name in ('f.weight', 'g.weight', 'h.weight', 'scale'):
        assert not torch.equal(dem.state_dict()[name], before[name]), name


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(kernel_size=4), 'kernel_size=4 must be an odd'),
        (dict(kernel_size=(3, 3)), 'kernel_size=.3, 3. must be an odd'),
        (dict(channels=0), 'channels=0'),
        (dict(channels=4.0), 'channels=4.0'),
        (dict(norm_cfg=dict(type='BN9')), 'BN9.*SyncBN'),
        (dict(act_cfg='ReLU'), 'act_cfg=ReLU must be None or a dict'),
        (dict(fusion='sum'), "fusion='sum'.*product.*concat.*bilinear"),
        (dict(padding_mode='reflect'), "padding_mode='reflect'.*replicate"),
        (dict(act_cfg=dict(type='Relu7')), 'Relu7.*ReLU6'),
        (dict(act_cfg=dict()), 'ReLU6'),
        (dict(act_place='D'), "act_place='D'.*variation.*compensation.*sum"),
        (dict(norm_places=['sum']), "norm_places='sum'.*variation.*compensation"),
        (dict(norm_places='variation'), 'must be a list'),
        (dict(init_scale='half'), "init_scale='half' must be a finite number"),
        (dict(kernel_size=-3), 'kernel_size=-3 must be an odd'),
        (dict(groups=3), "groups=3 must divide its 4 channels.*'channelwise'"),
        (dict(groups=0), "unless 'channelwise', groups=0 must be an integer from 1 on"),
        (dict(reduction=0.5), 'reduction=0.5 must be an integer from 1 on'),
    ],
)
def test_bad_values_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        DEM(**dict(dict(channels=4), **kwargs))


@pytest.mark.parametrize('norm_cfg', [None, dict(type='BN3d')], ids=str)
def test_trains_on_fp32_input_under_autocast(norm_cfg):
    # As after a norm that autocast runs in fp32, such as GN.
    torch.manual_seed(0)
    dem = DEM(8, norm_cfg=norm_cfg, zero_init=False)
    x = torch.randn(2, 8, 4, 6, 6, requires_grad=True)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        y = dem(x)
    assert y.dtype == x.dtype
    torch.testing.assert_close(y, reference_dem(dem, x), rtol=0.1, atol=0.2)
    y.square().mean().backward()
    assert all(
        p.grad.isfinite().all() and p.grad.abs().sum() > 0
        for p in (x, dem.f.weight, dem.g.weight, dem.h.weight, dem.scale)
    )
