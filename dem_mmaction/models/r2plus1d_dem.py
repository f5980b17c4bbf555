"""R(2+1)D with DEM, R(2+1)D and R3D: one residual network, its unit a parameter."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import torch
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule, constant_init, initialize, kaiming_init
from mmengine.utils.dl_utils.parrots_wrapper import _BatchNorm
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from . import dem_conv  # noqa: F401  registers the unit
from .checkpoints import check_weights, rename_torchvision
from .dem import DEM
from .layers import build_activation
from .midplanes import (
    STAGES,
    MidplanesCfg,
    UnitSpec,
    check_midplanes_cfg,
    resolve_midplanes,
)

BLOCKS = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
UNITS = ('2plus1d', '3d')


class ResidualBlock(nn.Module):
    """Two convolution units and a shortcut, ReLU after the sum.

    Args:
        in_channels: Channels of the input, (N, Cin, T, H, W).
        out_channels: Channels of the output.
        stride: In time, height and width, of the first unit and the shortcut.
        conv_cfgs: The config of each unit.
        norm_cfg: Norm after each unit and in the shortcut.
        act_cfg: Activation after the first unit and after the sum.
        with_cp: Recompute activations in the backward pass to save memory.
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
        self.with_cp = with_cp

    def forward(self, x: Tensor) -> Tensor:
        """(N, Cin, T, H, W) to (N, Cout, T', H', W'), each size over stride, up."""
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
        return self.relu(self.conv2(self.conv1(x)) + shortcut)


@MODELS.register_module()
class R2Plus1DDEM(BaseModule):
    """R(2+1)D network with DEM in any of its (2+1)D units (Table 3.1, Figure 3.3).

    Without DEM it is R(2+1)D (Tran et al., CVPR 2018), with ``unit='3d'`` R3D. It is
    the network of the thesis, not MMAction2's ``ResNet2Plus1d``: no max-pooling,
    shortcuts of one 1x1x1 convolution, batch norm after each spatial and each temporal
    convolution, temporal strides of 2 from conv3_x on.

    Input is (N, 3, T, H, W). Stage k of conv2_x to conv5_x returns
    (N, 2^k base_channels, T / 2^k, H / 2^(k+1), W / 2^(k+1)), k from 0, rounded up.

    Submodules are named as in MMAction2's ResNets: ``conv1``, ``layer1`` to ``layer4``.
    Weights of torchvision's ``r2plus1d_18`` and ``r3d_18`` load by any means of
    MMEngine (``midplanes='torchvision'`` for the former).

    Args:
        depth: 10, 18 or 34.
        base_channels: Channels of conv1 and conv2_x.
        in_channels: Channels of the input.
        unit: ``'2plus1d'`` or ``'3d'``.
        dem_stages: Where DEM stands: stages (``'conv1'``, ``'conv2_x'`` ...
            ``'conv5_x'``) or single blocks (``'conv3_x.0'``). None: in every (2+1)D
            unit.
        dem_cfg: Arguments of :class:`DEM` but its channels and kernel size.
        midplanes: Policy or numbers, see :func:`resolve_midplanes`.
        norm_cfg: Every norm, DEM's too unless ``dem_cfg`` names others.
        act_cfg: Activation of the network, outside the (2+1)D units.
        frozen_stages: 0 freezes conv1, k also the first k of conv2_x to conv5_x, their
            batch statistics too. -1 freezes nothing.
        norm_eval: Keep the batch statistics of all norms while training.
        with_cp: Recompute the blocks' activations in the backward pass to save memory.
        channels_last: Work on memory of the format ``torch.channels_last_3d``, which
            convolutions run faster on; features come in it. Results are the same but
            for rounding.
        out_indices: Which of conv2_x (0) to conv5_x (3) to return.
        pretrained: A checkpoint, short for an ``init_cfg`` of type Pretrained.
        init_cfg: MMEngine's, applied after the thesis's initialisation (4.1.2).

    Raises:
        ValueError: An argument is not one of those above.
    """

    def __init__(
        self,
        depth: int = 18,
        base_channels: int = 64,
        in_channels: int = 3,
        unit: str = '2plus1d',
        dem_stages: Sequence[str] | None = None,
        dem_cfg: dict | None = None,
        midplanes: MidplanesCfg = 'equivalent',
        norm_cfg: dict = dict(type='BN3d'),
        act_cfg: dict = dict(type='ReLU', inplace=True),
        frozen_stages: int = -1,
        norm_eval: bool = False,
        with_cp: bool = False,
        channels_last: bool = True,
        out_indices: Sequence[int] = (3,),
        pretrained: str | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        if pretrained is not None:
            if init_cfg is not None:
                raise ValueError('Set either pretrained or init_cfg, not both.')
            init_cfg = dict(type='Pretrained', checkpoint=pretrained)
        super().__init__(init_cfg)
        _one_of('depth', depth, BLOCKS)
        _one_of('unit', unit, UNITS)
        _one_of('frozen_stages', frozen_stages, range(-1, 5))
        out_indices = (out_indices,) if isinstance(out_indices, int) else out_indices
        for index in out_indices:
            _one_of('out_indices', index, range(4))
        if not isinstance(base_channels, int) or base_channels < 1:
            raise ValueError(f'base_channels={base_channels} must be 1 or more.')
        check_midplanes_cfg(midplanes)
        build_activation(act_cfg)
        # Wrong values fail where no unit is there to see them, too.
        DEM(1, **{**(dem_cfg or {}), 'norm_cfg': None})
        self.unit = unit
        self.dem_blocks = _dem_blocks(unit, dem_stages, BLOCKS[depth])
        self.dem_cfg = dem_cfg or {}
        self.midplanes = midplanes
        self.norm_cfg = norm_cfg
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval
        self.channels_last = channels_last
        self.out_indices = tuple(out_indices)

        self.conv1 = ConvModule(
            in_channels,
            base_channels,
            (3, 7, 7),
            stride=(1, 2, 2),
            padding=(1, 3, 3),
            conv_cfg=self._unit_cfg(STAGES[0], 0, 0, in_channels, base_channels, 7),
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        )
        channels = base_channels
        for k, num_blocks in enumerate(BLOCKS[depth]):
            stage, out_channels = STAGES[k + 1], base_channels * 2**k
            blocks = []
            for b in range(num_blocks):
                cfgs = [
                    self._unit_cfg(stage, b, 0, channels, out_channels),
                    self._unit_cfg(
                        stage, b, 1, out_channels, out_channels, 3, channels
                    ),
                ]
                stride = 2 if k > 0 and b == 0 else 1
                blocks.append(
                    ResidualBlock(
                        channels, out_channels, stride, cfgs, norm_cfg, act_cfg, with_cp
                    )
                )
                channels = out_channels
            self.add_module(f'layer{k + 1}', nn.Sequential(*blocks))
        self._freeze_stages()

    def _unit_cfg(
        self,
        stage: str,
        block: int,
        conv: int,
        in_channels: int,
        out_channels: int,
        d: int = 3,
        block_in_channels: int | None = None,
    ) -> dict:
        """The ``conv_cfg`` of one unit."""
        if self.unit == '3d':
            return dict(type='Conv3d')
        dem = (stage, block) in self.dem_blocks
        spec = UnitSpec(
            stage=stage,
            block=block,
            conv=conv,
            in_channels=in_channels,
            out_channels=out_channels,
            block_in_channels=block_in_channels or in_channels,
            t=3,
            d=d,
            dem_weights=DEM.weights_per_pair(d, self.dem_cfg) if dem else 0,
        )
        return dict(
            type='DEMConv',
            midplanes=resolve_midplanes(self.midplanes, spec),
            norm_cfg=self.norm_cfg,
            dem=dem,
            dem_cfg=self.dem_cfg,
        )

    @property
    def stages(self) -> tuple[nn.Module, ...]:
        """conv1 and conv2_x to conv5_x, in order."""
        return (self.conv1, self.layer1, self.layer2, self.layer3, self.layer4)

    def dems(self) -> Iterator[DEM]:
        """Every DEM of the network, from the input on."""
        return (module for module in self.modules() if isinstance(module, DEM))

    def init_weights(self) -> None:
        """Kaiming for convolutions, 1 and 0 for norms (4.1.2), DEM; then ``init_cfg``.

        Further calls do nothing, as with any module of MMEngine.
        """
        if self._is_init:
            return
        for module in self.modules():
            if isinstance(module, nn.Conv3d):
                kaiming_init(module)
            elif isinstance(module, (_BatchNorm, nn.GroupNorm)):
                constant_init(module, 1)
        for dem in self.dems():
            dem.init_weights()
        if self.init_cfg:
            initialize(self, self.init_cfg)
        self._is_init = True

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """(N, 3, T, H, W) to the feature of the last stage, or a tuple of features."""
        if self.channels_last:
            x = x.contiguous(memory_format=torch.channels_last_3d)
        outs = []
        for k, stage in enumerate(self.stages, start=-1):
            x = stage(x)
            if k in self.out_indices:
                outs.append(x)
        return outs[0] if len(outs) == 1 else tuple(outs)

    def train(self, mode: bool = True) -> 'R2Plus1DDEM':
        """Keep frozen stages, and with ``norm_eval`` all norms, in eval mode."""
        super().train(mode)
        self._freeze_stages()
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def _freeze_stages(self) -> None:
        for stage in self.stages[: self.frozen_stages + 1]:
            stage.eval()
            stage.requires_grad_(False)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        rename_torchvision(state_dict, prefix)
        check_weights(self, state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *args)


def _dem_blocks(
    unit: str, dem_stages: Sequence[str] | None, blocks: Sequence[int]
) -> list[tuple[str, int]]:
    """The blocks with DEM, as (stage, index of the block)."""
    num_blocks = dict(zip(STAGES, (1, *blocks), strict=True))
    if dem_stages is None:
        dem_stages = STAGES if unit == '2plus1d' else ()
    elif isinstance(dem_stages, str) or not isinstance(dem_stages, Sequence):
        raise ValueError(f"dem_stages={dem_stages!r} must be a list, e.g. ['conv2_x'].")
    if dem_stages and unit == '3d':
        raise ValueError(
            f"dem_stages={list(dem_stages)} with unit='3d': DEM stands between the two "
            "convolutions of a (2+1)D unit; use unit='2plus1d' or dem_stages=[]."
        )
    chosen = []
    for name in dem_stages:
        stage, dot, index = str(name).partition('.')
        if stage not in num_blocks or (
            dot and not (index.isdigit() and int(index) < num_blocks[stage])
        ):
            raise ValueError(
                f"dem_stages has '{name}'; known are the stages {STAGES} and their "
                f'blocks from 0, here {list(num_blocks.values())} of them, such as '
                "'conv2_x.0'."
            )
        indices = [int(index)] if dot else range(num_blocks[stage])
        chosen += [(stage, i) for i in indices]
    return chosen


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


def _one_of(name: str, value: object, accepted: Sequence) -> None:
    if value not in accepted:
        raise ValueError(f'{name}={value!r} must be one of {list(accepted)}.')
