"""A temporal convolution whose gradients are quick on a CPU."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx


class TemporalConv(torch.autograd.Function):
    """A (t, 1) convolution of (N, C, T, P) in channels-last memory.

    The gradient of its kernel is one matrix product a tap, of the pixels that the tap
    brings together. oneDNN has no quick kernel for it on images of T rows and thousands
    of columns: there it computes at a tenth of the rate of the forward pass
    (``tools/benchmarks/dem_forms.py``). All else is torch's.
    """

    @staticmethod
    def forward(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: int,
        padding: int,
        dilation: int,
    ) -> Tensor:
        """Return ``F.conv2d`` with these values in time and none in P.

        Args:
            x: (N, Cin, T, P), in memory (N, T, P, Cin).
            weight: (Cout, Cin, t, 1).
            bias: (Cout, ), or None for none.
            stride: Step in time.
            padding: Zeros at each end of time.
            dilation: Distance of the kernel's taps.
        """
        return F.conv2d(x, weight, bias, (stride, 1), (padding, 0), (dilation, 1))

    @staticmethod
    def setup_context(
        ctx: FunctionCtx, inputs: tuple[Any, ...], output: Tensor
    ) -> None:
        """Keep what the backward pass needs: input and weight, as torch does."""
        x, weight, ctx.bias, *ctx.place = inputs
        ctx.bias = ctx.bias is not None
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of ``x``, ``weight`` and ``bias``."""
        x, weight = ctx.saved_tensors
        stride, padding, dilation = ctx.place
        of_x, of_weight, of_bias = ctx.needs_input_grad[:3]
        grad_x = grad_weight = grad_bias = None
        if of_x:
            grad_x, _, _ = torch.ops.aten.convolution_backward(
                grad,
                x,
                weight,
                None,
                (stride, 1),
                (padding, 0),
                (dilation, 1),
                False,  # not transposed
                (0, 0),
                1,
                (True, False, False),
            )
        if of_weight:
            grad_weight = weight_gradient(
                x, grad, weight.shape[2], stride, padding, dilation
            )
        if of_bias:
            grad_bias = grad.sum((0, 2, 3))
        return grad_x, grad_weight, grad_bias, None, None, None


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
