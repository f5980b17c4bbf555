"""The default fusion of DEM, ``ReLU6(D) * x``, with less kept for the backward pass."""

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx


class ReLU6Product(torch.autograd.Function):
    """``relu6(d) * x``, keeping ``d`` and ``x`` alone for the backward pass.

    ``nn.ReLU6`` and a product keep the clamped tensor too, and ``nn.ReLU6`` keeps a
    copy of its input even in place. Clamping again is one cheap pass.
    """

    @staticmethod
    def forward(ctx: FunctionCtx, d: Tensor, x: Tensor) -> Tensor:
        """Multiply; ``d``, ``x`` and the result have one shape and dtype."""
        ctx.save_for_backward(d, x)
        return d.clamp(0, 6).mul_(x)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients of ``d`` (0 where it is clamped) and of ``x``."""
        d, x = ctx.saved_tensors
        grad_d = torch.ops.aten.hardtanh_backward(grad * x, d, 0, 6)
        return grad_d, d.clamp(0, 6).mul_(grad)
