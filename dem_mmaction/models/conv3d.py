"""3D convolutions in the form that runs best."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from .recording import is_recorded
from .temporal_conv import TemporalConv

Triple = tuple[int, int, int]


class Conv3d(nn.Conv3d):
    """``nn.Conv3d`` that runs kernels flat in time or in space as 2D convolutions.

    See :func:`conv3d`. Arguments, weights and results are those of ``nn.Conv3d``.
    """

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != 'zeros' or isinstance(self.padding, str):
            return super()._conv_forward(x, weight, bias)
        return conv3d(
            x, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )


def conv3d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Triple = (1, 1, 1),
    padding: Triple = (0, 0, 0),
    dilation: Triple = (1, 1, 1),
    groups: int = 1,
) -> Tensor:
    """``F.conv3d``, as a 2D convolution where that is the same on a view of ``x``.

    In memory of the format ``torch.channels_last_3d``, (N, T, H, W, C), a (1, d, d)
    kernel is a 2D one on the frames, (N * T, C, H, W), and a (t, 1, 1) kernel is a 2D
    one on (N, C, T, H * W). Backends have faster kernels for 2D, and nothing is copied;
    ``tools/benchmarks/dem_forms.py`` measures it.

    Args:
        x: (N, Cin, T, H, W).
        weight: (Cout, Cin / groups, t, h, w).
        bias: (Cout, ), or None for none.
        stride: Steps in time, height and width.
        padding: Zeros at each end of time, height and width.
        dilation: Distances of the kernel's taps in time, height and width.
        groups: Blocks of channels that do not see each other.

    Returns:
        (N, Cout, T', H', W'), in the memory format of ``x``.
    """
    if is_recorded():
        return F.conv3d(x, weight, bias, stride, padding, dilation, groups)
    flat = [
        k == 1 and s == 1 and p == 0
        for k, s, p in zip(weight.shape[2:], stride, padding, strict=True)
    ]
    x_last = x.permute(0, 2, 3, 4, 1)  # (N, T, H, W, C)
    # A single pixel is contiguous in both formats: 2D wins nothing there, and rounding
    # stays that of F.conv3d.
    channels_last = x_last.is_contiguous() and not x.is_contiguous()
    if channels_last and flat[0]:
        y = _conv2d(
            F.conv2d,
            x_last.flatten(0, 1),
            weight.squeeze(2),
            bias,
            stride[1:],
            padding[1:],
            dilation[1:],
            groups,
        )
        y = y.unflatten(0, x_last.shape[:2])
    elif channels_last and flat[1] and flat[2]:
        pays = TemporalConv.pays(x, weight, groups)
        y = _conv2d(
            TemporalConv.apply if pays else F.conv2d,
            x_last.flatten(2, 3),
            weight.flatten(3),
            bias,
            (stride[0], 1),
            (padding[0], 0),
            (dilation[0], 1),
            groups,
        )
        y = y.unflatten(2, x_last.shape[2:4])
    else:
        return F.conv3d(x, weight, bias, stride, padding, dilation, groups)
    return y.permute(0, 4, 1, 2, 3)


def _conv2d(
    conv2d: Callable[..., Tensor], x_last: Tensor, *args: Tensor | tuple | int | None
) -> Tensor:
    """A 2D convolution from and to (N, H, W, C)."""
    return conv2d(x_last.permute(0, 3, 1, 2), *args).permute(0, 2, 3, 1)
