"""A temporal convolution whose gradients are quick on a CPU."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx

Pair = tuple[int, int]


class TemporalConv(torch.autograd.Function):
    """``F.conv2d`` with a (t, 1) kernel on (N, C, T, P) in channels-last memory.

    The gradient of its kernel is one matrix product a tap, of the pixels that the tap
    brings together. oneDNN has no quick kernel for it on images of T rows and thousands
    of columns; ``tools/benchmarks/dem_forms.py`` measures both. All else is torch's.
    """

    @staticmethod
    def pays(x: Tensor, weight: Tensor, groups: int) -> bool:
        """Whether a CPU will train this weight, in full precision."""
        return (
            groups == 1
            and x.device.type == 'cpu'
            and x.dtype in (torch.float32, torch.float64)
            and weight.requires_grad
            and torch.is_grad_enabled()
            and not torch.is_autocast_enabled('cpu')
        )

    @staticmethod
    def forward(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: Pair,
        padding: Pair,
        dilation: Pair,
        groups: int,
    ) -> Tensor:
        """Return ``F.conv2d`` of the same arguments.

        Args:
            x: (N, Cin, T, P), in memory (N, T, P, Cin).
            weight: (Cout, Cin, t, 1).
            bias: (Cout, ), or None for none.
            stride: Step in time, and 1.
            padding: Zeros at each end of time, and 0.
            dilation: Distance of the kernel's taps, and 1.
            groups: 1.
        """
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)

    @staticmethod
    def setup_context(
        ctx: FunctionCtx, inputs: tuple[Any, ...], output: Tensor
    ) -> None:
        """Keep what the backward pass needs: input and weight, as torch does."""
        x, weight, _, *ctx.place, _ = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of ``x``, ``weight`` and ``bias``."""
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad[:3]
        grad_x = grad_weight = grad_bias = None
        if of_x:
            fixed = False, (0, 0), 1, (True, False, False)  # the input's gradient alone
            grad_x, _, _ = torch.ops.aten.convolution_backward(
                grad, x, weight, None, *ctx.place, *fixed
            )
        if of_weight:
            in_time = (pair[0] for pair in ctx.place)
            grad_weight = weight_gradient(x, grad, weight.shape[2], *in_time)
        if of_bias:
            grad_bias = grad.sum((0, 2, 3))
        return grad_x, grad_weight, grad_bias, None, None, None, None


def weight_gradient(
    x: Tensor, grad: Tensor, taps: int, stride: int, padding: int, dilation: int
) -> Tensor:
    """The gradient of a temporal kernel, (Cout, Cin, taps, 1).

    Args:
        x: Input of the convolution, (N, Cin, T, P).
        grad: Gradient of its output, (N, Cout, T', P).
        taps: Number of taps of the kernel.
        stride: Step in time.
        padding: Zeros at each end of time.
        dilation: Distance of the kernel's taps.
    """
    x, grad = x.permute(0, 2, 3, 1), grad.permute(0, 2, 3, 1)  # channels last
    frames, steps = x.shape[1], grad.shape[1]
    products = []
    for tap in range(taps):
        # Output frame i sees input frame i * stride + ahead, if there is one.
        ahead = tap * dilation - padding
        first = max(0, -(ahead // stride))
        last = min(steps - 1, (frames - 1 - ahead) // stride)
        if first > last:
            products.append(x.new_zeros(x.shape[-1], grad.shape[-1]))
            continue
        seen = slice(first * stride + ahead, last * stride + ahead + 1, stride)
        before = x[:, seen].flatten(1, 2)  # (N, pixels, Cin)
        after = grad[:, first : last + 1].flatten(1, 2)
        products.append((before.transpose(1, 2) @ after).sum(0))
    return torch.stack(products, -1).transpose(0, 1)[..., None]
