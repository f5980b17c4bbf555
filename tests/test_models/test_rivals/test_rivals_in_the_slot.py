"""What every rival must do to stand in the place of DEM."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import MODELS
from support import conv_weights, trained
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase

from dem_mmaction.models import DEMConv, R2Plus1DDEM, Slot, fuse, rivals

RIVALS = [getattr(rivals, name) for name in rivals.__all__]
LAST = torch.channels_last_3d
each_rival = pytest.mark.parametrize('rival', RIVALS, ids=lambda rival: rival.__name__)


def clip(channels=10, frames=4, size=(6, 5), **kwargs):
    torch.manual_seed(0)
    return torch.randn(2, channels, frames, *size, **kwargs)


@each_rival
def test_is_registered_and_fits_the_slot(rival):
    assert MODELS.get(rival.__name__) is rival
    assert Slot(dict(type=rival.__name__)).build(6, 7, None)(clip(6)).shape[1] == 6


@each_rival
@pytest.mark.parametrize('channels', [2, 3, 16, 17])
@pytest.mark.parametrize('frames, size', [(1, (4, 4)), (2, (1, 1)), (5, (7, 6))])
def test_keeps_shape_and_memory(rival, channels, frames, size):
    x = clip(channels, frames, size)
    last = x.contiguous(memory_format=LAST)
    module = rival(channels).eval()
    y, y_last = module(x), module(last)
    assert y.shape == x.shape and torch.isfinite(y).all()
    torch.testing.assert_close(y_last, y)
    assert y_last.is_contiguous(memory_format=LAST)


@each_rival
def test_gradients_reach_the_input_and_every_parameter(rival):
    module = rival(10).double()
    x = clip(dtype=torch.float64, requires_grad=True)
    y = module(x)
    weights = torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view_as(y)
    (y * weights).sum().backward()
    for name, tensor in (('x', x), *module.named_parameters()):
        assert tensor.grad.isfinite().all() and tensor.grad.abs().sum() > 0, name


@each_rival
@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16], ids=str)
def test_is_safe_in_half_precision(rival, dtype):
    module, x = trained(rival(10)), clip()
    y = module(x)
    with torch.no_grad():
        with torch.autocast('cpu', dtype=dtype):
            mixed, of_half = module(x), module(x.to(dtype))
        half = copy.deepcopy(module).to(dtype)(x.to(dtype))
    assert mixed.dtype == torch.float32  # as after a norm that autocast runs in fp32
    assert of_half.dtype == half.dtype == dtype
    for result in (mixed, of_half, half):
        torch.testing.assert_close(result.float(), y, rtol=0.1, atol=0.1)


@pytest.mark.parametrize('name', ['MotionExcitation', 'TemporalDifference'])
def test_a_norm_in_fp32_leaves_the_dtype(name):
    # Autocast on a GPU runs some norms, such as GN, in fp32.
    module = getattr(rivals, name)(10).bfloat16()
    module.conv_exp.register_forward_hook(lambda part, args, y: y.float())
    assert module(clip().bfloat16()).dtype == torch.bfloat16


@each_rival
@pytest.mark.parametrize('channels', [2, 5, 16, 67, 131])
@pytest.mark.parametrize('kernel_size', [3, 7])
def test_weights_counts_the_convolutions(rival, channels, kernel_size):
    module = rival(channels, kernel_size)
    assert rival.weights(channels, kernel_size) == conv_weights(module)


@pytest.mark.parametrize('name', ['MotionExcitation', 'TemporalDifference'])
def test_weights_depend_on_the_reduction(name):
    rival, options = getattr(rivals, name), dict(reduction=4)
    counted = rival.weights(64, 3, options)
    assert counted == conv_weights(rival(64, **options)) > rival.weights(64, 3)


@given(st.sampled_from(RIVALS), st.integers(2, 3000))
def test_weights_never_fall_as_channels_are_added(rival, channels):
    fewer, more = (rival.weights(c, 3) for c in (channels, channels + 1))
    assert 0 <= fewer <= more


@each_rival
def test_a_unit_has_the_weights_of_the_3d_one(rival):
    cfg = dict(type=rival.__name__)
    unit = DEMConv(64, 64, 3, bias=False, midplanes='equivalent', dem_cfg=cfg)
    next_one = 12 * 64 * (unit.midplanes + 1) + rival.weights(unit.midplanes + 1, 3)
    assert type(unit.dem) is rival
    assert conv_weights(unit) <= 27 * 64 * 64 < next_one


@each_rival
def test_init_weights_initialises_all_of_it(rival):
    module = rival(10)
    for tensor in module.parameters():
        nn.init.constant_(tensor, 7.0)
    torch.manual_seed(0)
    module.init_weights()
    assert not any((tensor == 7).any() for tensor in module.parameters())
    for part in module.modules():
        if isinstance(part, _NormBase):
            assert (part.weight == 1).all() and (part.bias == 0).all()


@each_rival
def test_norm_of_the_network_reaches_it(rival):
    def norms(norm_cfg):
        parts = rival(8, norm_cfg=norm_cfg).modules()
        return [part for part in parts if isinstance(part, _NormBase)]

    assert not norms(None)
    synchronised = norms(dict(type='SyncBN'))
    assert bool(synchronised) == (rival is not rivals.TemporalShift)
    assert all(isinstance(norm, nn.SyncBatchNorm) for norm in synchronised)


@each_rival
@pytest.mark.parametrize('norm_cfg', [dict(type='BN3d'), None], ids=str)
def test_network_trains_and_fuses(rival, norm_cfg):
    torch.manual_seed(0)
    cfg = dict(type=rival.__name__, norm_cfg=norm_cfg)
    net = R2Plus1DDEM(depth=10, base_channels=8, dem_cfg=cfg).double()
    net.init_weights()
    assert [type(dem) for dem in net.dems()] == [rival] * 9
    x = torch.randn(2, 3, 4, 16, 16, dtype=torch.float64)
    net(x).square().mean().backward()
    assert all(p.grad is not None for p in net.parameters())
    trained(net)
    before = copy.deepcopy(net.state_dict())
    fused = fuse(net)
    torch.testing.assert_close(fused(x), net(x))
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    dem = next(fused.dems())
    if rival is rivals.MotionExcitation:  # all its norms follow convolutions
        assert not any(isinstance(part, _BatchNorm) for part in dem.modules())


@each_rival
@pytest.mark.parametrize(
    'options, message',
    [
        (dict(reductoin=4), "option='reductoin' must be one of.*norm_cfg"),
        (dict(fusion='product'), "option='fusion'"),
    ],
    ids=str,
)
def test_other_options_are_named_before_anything_is_built(rival, options, message):
    with pytest.raises(ValueError, match=message):
        Slot(dict(type=rival.__name__, **options))


@pytest.mark.parametrize('rival', sorted({*rivals.__all__} - {'TemporalShift'}))
def test_a_wrong_norm_is_named_before_anything_is_built(rival):
    with pytest.raises(ValueError, match='BN9.*SyncBN'):
        Slot(dict(type=rival, norm_cfg=dict(type='BN9')))
