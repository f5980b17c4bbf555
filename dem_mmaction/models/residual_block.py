"""The residual block of the networks, the same for every kind of unit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from mmcv.cnn import ConvModule
from mmengine.utils.dl_utils.parrots_wrapper import _BatchNorm
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .layers import build_activation


class ResidualBlock(nn.Module):
    """Convolution units in a row and a shortcut, with the activation after the sum.

    Args:
        units: The units, from (N, Cin, T, H, W) to (N, Cout, T', H', W'). They become
            the submodules ``conv1``, ``conv2`` and so on.
        shortcut: What acts on the input that is added, see :func:`build_shortcut`. None
            for nothing.
        act_cfg: The activation after the sum.
        with_cp: Recompute activations in the backward pass to save memory.

    Attributes:
        adapter: What acts on the input of the first unit; nothing, unless a network
            puts something in. The shortcut goes around it.
    """

    def __init__(
        self,
        units: Sequence[nn.Module],
        shortcut: nn.Module | None,
        act_cfg: dict,
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        self.names = [f'conv{i + 1}' for i in range(len(units))]
        for name, unit in zip(self.names, units, strict=True):
            self.add_module(name, unit)
        self.downsample = shortcut
        self.relu = build_activation(act_cfg)
        self.adapter: nn.Module = nn.Identity()
        self.with_cp = with_cp

    def forward(self, x: Tensor) -> Tensor:
        """(N, Cin, T, H, W) to (N, Cout, T', H', W'): sizes over stride, rounded up."""
        if self.with_cp and torch.is_grad_enabled():
            # torch.compile takes no contexts, and moves statistics once by itself.
            contexts = (
                {}
                if torch.compiler.is_compiling()
                else dict(context_fn=lambda: (nullcontext(), _statistics_kept(self)))
            )
            return checkpoint(self._forward, x, use_reentrant=False, **contexts)
        return self._forward(x)

    def _forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.adapter(x)
        for name in self.names:
            x = getattr(self, name)(x)
        return self.relu(x + shortcut)


def build_shortcut(
    in_channels: int, out_channels: int, stride: int | Sequence[int], norm_cfg: dict
) -> nn.Module | None:
    """Build the shortcut of a block: a strided 1x1x1 convolution with a norm.

    Args:
        in_channels: Channels of the block's input.
        out_channels: Channels of its output.
        stride: Its stride in time, height and width; one number for all three.
        norm_cfg: The norm.

    Returns:
        The module. None where input and output have the same shape.
    """
    stride = (stride,) * 3 if isinstance(stride, int) else tuple(stride)
    if stride == (1, 1, 1) and in_channels == out_channels:
        return None
    return ConvModule(
        in_channels,
        out_channels,
        1,
        stride=stride,
        conv_cfg=dict(type='Conv3d'),
        norm_cfg=norm_cfg,
        act_cfg=None,
    )


@contextmanager
def _statistics_kept(module: nn.Module) -> Iterator[None]:
    """Let norms see a batch once more without moving their running statistics."""
    kept = [
        (norm, norm.momentum, norm.num_batches_tracked.clone())
        for norm in module.modules()
        if isinstance(norm, _BatchNorm) and norm.track_running_stats
    ]
    for norm, _, _ in kept:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum, batches in kept:
            norm.momentum = momentum
            norm.num_batches_tracked.copy_(batches)
