import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from dem_mmaction.models.conv3d import Conv3d, conv3d

KERNELS = [(1, 1, 1), (1, 3, 3), (1, 7, 7), (3, 1, 1), (2, 1, 1), (3, 3, 3)]


@st.composite
def cases(draw):
    """Sizes and arguments of a convolution whose result has a pixel at least."""
    kernel = draw(st.sampled_from(KERNELS))
    triple = st.tuples(*[st.integers(1, 2)] * 3)
    padding = draw(st.tuples(*[st.integers(0, k // 2) for k in kernel]))
    dilation = draw(triple)
    least = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = [draw(st.integers(k, k + 4)) for k in least]
    channels = draw(st.tuples(*[st.integers(1, 5)] * 2))
    return kernel, size, channels, draw(triple), padding, dilation


@settings(deadline=None, max_examples=150)
@given(cases(), st.booleans(), st.booleans(), st.integers(1, 3), st.integers(1, 3))
def test_equals_torch(case, channels_last, bias, clips, groups):
    kernel, size, (c_in, c_out), stride, padding, dilation = case
    torch.manual_seed(0)
    x = torch.randn(clips, groups * c_in, *size, dtype=torch.float64)
    if channels_last:
        x = x.contiguous(memory_format=torch.channels_last_3d)
    weight = torch.randn(groups * c_out, c_in, *kernel, dtype=torch.float64)
    tensors = [x, weight] + [torch.randn(groups * c_out, dtype=torch.float64)] * bias
    for tensor in tensors:
        tensor.requires_grad_()
    ours, torchs = (
        function(
            *tensors, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
        for function in (conv3d, F.conv3d)
    )
    torch.testing.assert_close(ours, torchs)
    loss_weights = torch.randn_like(torchs)
    torch.testing.assert_close(
        torch.autograd.grad((ours * loss_weights).sum(), tensors),
        torch.autograd.grad((torchs * loss_weights).sum(), tensors),
    )


class Operators(TorchDispatchMode):
    """All operators called: the name, and the dimensions of the first argument."""

    def __init__(self):
        super().__init__()
        self.called = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.called[func.overloadpacket.__name__] = getattr(args[0], 'ndim', None)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize('kernel', KERNELS)
@pytest.mark.parametrize('groups', [1, 3])
def test_flat_kernels_run_in_2d_on_views(kernel, groups):
    x = torch.randn(2, 6, 4, 8, 8).contiguous(memory_format=torch.channels_last_3d)
    conv = Conv3d(6, 9, kernel, padding=[k // 2 for k in kernel], groups=groups)
    with Operators() as operators:
        y = conv(x)
    assert operators.called['convolution'] == (5 if kernel == (3, 3, 3) else 4)
    assert not {'clone', 'copy_', '_to_copy'} & operators.called.keys()
    assert y.is_contiguous(memory_format=torch.channels_last_3d)


def gradients_called(kernel, groups=1, **autocast):
    """The operators of a backward pass, and whether it equals that of torch."""
    torch.manual_seed(0)
    x = torch.randn(2, 6, 4, 8, 8).contiguous(memory_format=torch.channels_last_3d)
    conv = Conv3d(6, 9, kernel, padding=[k // 2 for k in kernel], groups=groups)
    grads = []
    for own in (False, True):
        conv.zero_grad()
        with torch.autocast('cpu', **autocast):
            y = (
                conv(x)
                if own
                else torch.nn.Conv3d._conv_forward(conv, x, conv.weight, conv.bias)
            )
        with Operators() as operators:
            y.float().square().sum().backward()
        grads.append([conv.weight.grad.clone(), conv.bias.grad.clone()])
    return operators.called, grads


@pytest.mark.parametrize('kernel', KERNELS)
@pytest.mark.parametrize('groups', [1, 3])
def test_gradients_of_temporal_kernels_are_products(kernel, groups):
    called, grads = gradients_called(kernel, groups, enabled=False)
    is_temporal = kernel[0] > 1 and kernel[1:] == (1, 1)
    assert ('bmm' in called) == (is_temporal and groups == 1)
    torch.testing.assert_close(grads[1], grads[0], rtol=1e-4, atol=1e-4)


def test_under_autocast_gradients_are_torchs():
    called, grads = gradients_called((3, 1, 1), dtype=torch.bfloat16)
    assert 'bmm' not in called
    torch.testing.assert_close(grads[1], grads[0], rtol=0.05, atol=1.0)


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(padding=(0, 1, 1), padding_mode='replicate'),
        dict(padding='same'),
        dict(padding=(0, 1, 1), padding_mode='circular'),
        dict(groups=2),
    ],
    ids=str,
)
def test_takes_every_argument_of_torchs(kwargs):
    conv = Conv3d(4, 4, (1, 3, 3), **kwargs)
    plain = torch.nn.Conv3d(4, 4, (1, 3, 3), **kwargs)
    plain.load_state_dict(conv.state_dict())
    x = torch.randn(2, 4, 4, 6, 6)
    torch.testing.assert_close(conv(x), plain(x))
    x = x.contiguous(memory_format=torch.channels_last_3d)
    torch.testing.assert_close(conv(x), plain(x))
