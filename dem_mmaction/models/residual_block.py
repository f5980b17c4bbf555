"""The residual block of the network, the same for every kind of unit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from mmcv.cnn import ConvModule
from mmengine.utils.dl_utils.parrots_wrapper import _BatchNorm
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from . import dem_conv  # noqa: F401  registers the unit
from .layers import build_activation


class ResidualBlock(nn.Module):
    """Two convolution units and a shortcut, with the activation after the sum.

    Args:
        in_channels: Channels of the input, (N, Cin, T, H, W).
        out_channels: Channels of the output, (N, Cout, T', H', W').
        stride: Stride in time, height and width of the first unit and the shortcut.
        conv_cfgs: The config of each of the two units.
        norm_cfg: The norm after each unit and in the shortcut.
        act_cfg: The activation after the first unit and after the sum.
        with_cp: Recompute activations in the backward pass to save memory.

    Attributes:
        adapter: What acts on the input of the first unit; nothing, unless a network
            puts something in. The shortcut goes around it.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int,
        conv_cfgs: Sequence[dict],
        norm_cfg: dict,
        act_cfg: dict,
        with_cp: bool = False,
    ) -> None:
        super().__init__()
        common = dict(kernel_size=3, padding=1, norm_cfg=norm_cfg)
        self.conv1 = ConvModule(
            in_channels,
            out_channels,
            stride=stride,
            conv_cfg=conv_cfgs[0],
            act_cfg=act_cfg,
            **common,
        )
        self.conv2 = ConvModule(
            out_channels, out_channels, conv_cfg=conv_cfgs[1], act_cfg=None, **common
        )
        self.downsample = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = ConvModule(
                in_channels,
                out_channels,
                1,
                stride=stride,
                conv_cfg=dict(type='Conv3d'),
                norm_cfg=norm_cfg,
                act_cfg=None,
            )
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
        return self.relu(self.conv2(self.conv1(self.adapter(x))) + shortcut)


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
