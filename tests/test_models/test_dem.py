import copy

import pytest
import torch
from reference import reference_dem
from support import conv_weights
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dem_mmaction.models import DEM
from dem_mmaction.models.dem_options import ACT_PLACES, NORM_PLACES, PADDING_MODES
from dem_mmaction.models.gates import FUSIONS


def run(forward, x, modules):
    """Output and the gradients of input and parameters, of a loss with no symmetry."""
    x = x.clone().requires_grad_()
    y = forward(x)
    weights = torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view_as(y)
    parameters = list(modules.parameters())
    return y.detach(), torch.autograd.grad((y * weights).sum(), [x, *parameters])


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

    y, grads = run(dem, x, dem)
    y_ref, grads_ref = run(lambda x: reference_dem(dem, x), x, dem)

    torch.testing.assert_close(y, y_ref)
    for grad, grad_ref in zip(grads, grads_ref, strict=True):
        torch.testing.assert_close(grad, grad_ref)


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
    y, grads = run(dem, x.contiguous(memory_format=memory), dem)
    y_ref, grads_ref = run(lambda x: reference_dem(dem, x), x, dem)
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


def products(module, x):
    """Products per pair of channels that ``module(x)`` takes."""
    with FlopCounterMode(display=False) as counter:
        module(x)
    return counter.get_total_flops() / 2 / x.shape[1] ** 2


@pytest.mark.parametrize('padding_mode', ['zeros', 'circular'])
@pytest.mark.parametrize('groups', [1, 2, 'channelwise'])
def test_takes_the_form_with_fewer_products(padding_mode, groups):
    channels = 8
    dem = DEM(channels, padding_mode=padding_mode, groups=groups)
    # In a group; of the kernels' taps.
    compose = 4 * channels / dem.groups
    for frames, size in [(4, 16), (1, 2), (1, 4), (8, 2), (4, 3), (9, 2), (1, 1)]:
        pixels = frames * size**2
        x = torch.randn(1, channels, frames, size, size)
        taken = products(dem.variation, x) * dem.groups
        # Each frame is projected by both taps of f, then g sees a frame more than both.
        ends = 2 * size**2
        assert taken <= min(3 * pixels + compose, 4 * pixels + ends)


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


@pytest.mark.parametrize('form', FORMS, ids=str)
def test_zero_init_of_a_cheaper_form_is_the_identity(form):
    x = torch.randn(2, 12, 4, 5, 5)
    assert torch.equal(DEM(12, **form)(x), x)


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


@pytest.mark.parametrize('form', [dict(), *FORMS, dict(groups=2, reduction=9)], ids=str)
@pytest.mark.parametrize('fusion', FUSIONS)
@pytest.mark.parametrize('kernel_size', [1, 3, 7])
def test_weights_counts_the_convolutions(form, fusion, kernel_size):
    form = dict(fusion=fusion, **form)
    dem = DEM(12, kernel_size, **form)
    assert DEM.weights(12, kernel_size, form) == conv_weights(dem)


def test_kernel_is_composed_in_fp32_under_autocast():
    torch.manual_seed(0)
    dem = DEM(16)
    x = torch.randn(1, 16, 4, 8, 8).bfloat16()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        d, y = dem.variation(x), dem(x)
    assert d.dtype == y.dtype == torch.bfloat16
    rounded_once = dem.kernel().bfloat16()
    rounded_before = copy.deepcopy(dem).bfloat16().kernel()
    results = [
        nn.functional.conv3d(x, kernel, padding=(1, 0, 0))
        for kernel in (rounded_once, rounded_before)
    ]
    assert torch.equal(d, results[0]) and not torch.equal(*results)


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
        (dict(init_scale='half'), "init_scale='half' must be a number"),
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
