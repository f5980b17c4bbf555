"""R(2+1)D with DEM, R(2+1)D and R3D: one residual network, its unit a parameter."""

import logging
import math
from collections.abc import Sequence

from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from mmengine.logging import MMLogger
from torch import nn

from .backbone import Backbone
from .checks import at_least, one_of
from .dem_conv import DEMConv
from .dem_conv3d import DEMConv3d
from .midplanes import (
    MidplanesCfg,
    UnitSpec,
    check_midplanes_cfg,
    narrowed,
    resolve_midplanes,
)
from .residual_block import ResidualBlock, build_shortcut
from .slot import Slot, draw_as_ever
from .stages import BLOCKS, STAGES, blocks_with_dem, check_dem_units

UNITS = ('2plus1d', '3d')
_UNITS = (DEMConv, DEMConv3d)
_LOG = logging.getLogger('dem_mmaction')


@MODELS.register_module()
class R2Plus1DDEM(Backbone):
    """R(2+1)D network with DEM in any of its (2+1)D units (Table 3.1, Figure 3.3).

    Without DEM it is R(2+1)D (Tran et al., CVPR 2018), with ``unit='3d'`` R3D. It is
    the network of the thesis, not MMAction2's ``ResNet2Plus1d``: no max-pooling,
    shortcuts of one 1x1x1 convolution, batch norm after each spatial and each temporal
    convolution, temporal strides of 2 from conv3_x on.

    Input is (N, in_channels, T, H, W). With k from 0 for conv2_x to 3 for conv5_x, a
    stage returns (N, 2^k base_channels, T / 2^k, H / 2^(k+1), W / 2^(k+1)), with sizes
    rounded up.

    Submodules are named as in MMAction2's ResNets: ``conv1``, ``layer1`` to ``layer4``.
    Weights of torchvision's ``r2plus1d_18`` and ``r3d_18`` load by any means of
    MMEngine (``midplanes='torchvision'`` for the former; DEM on top in conv2_x alone,
    or it takes more parameters than the network). So do those of MMAction2's
    ``ResNet2Plus1d`` and of any recognizer or backbone by itself; what does not fit is
    refused.

    A 3D unit has DEM on the features that enter its convolution (:class:`DEMConv3d`),
    where ``dem_stages`` asks for it; ``conv1``, which takes pixels, has none. With
    ``'equivalent'`` the channels between the two units of a block are fewer then, so
    that a block has as many parameters as without (docs/hosts.md).

    Args:
        depth: 10, 18 or 34.
        base_channels: Channels of conv1 and conv2_x.
        in_channels: Channels of the input.
        unit: Kind of convolution unit, ``'2plus1d'`` or ``'3d'``.
        dem_stages: Where DEM stands: stages (``'conv1'``, ``'conv2_x'`` ...
            ``'conv5_x'``) or single blocks (``'conv3_x.0'``). None for every (2+1)D
            unit, and for no 3D unit.
        dem_units: Which of the two units of a residual block have DEM where its stage
            or block has. conv1 is a single unit and no residual block.
        midplanes: A policy or numbers, see :func:`resolve_midplanes`.
        with_cp: Recompute the blocks' activations in the backward pass to save memory.
        **common: Arguments of :class:`Backbone`: ``dem_cfg``, ``norm_cfg`` ...

    Raises:
        ValueError: An argument is not one of those above.
    """

    expansion = 8
    depths = {sum(blocks): depth for depth, blocks in BLOCKS.items()}

    def __init__(
        self,
        depth: int = 18,
        base_channels: int = 64,
        in_channels: int = 3,
        unit: str = '2plus1d',
        dem_stages: Sequence[str] | None = None,
        dem_units: Sequence[int] = (0, 1),
        midplanes: MidplanesCfg = 'equivalent',
        with_cp: bool = False,
        **common,
    ) -> None:
        super().__init__(base_channels, **common)
        one_of('depth', depth, BLOCKS)
        one_of('unit', unit, UNITS)
        at_least(1, 'in_channels', in_channels)
        one_of('with_cp', with_cp, (True, False))
        check_midplanes_cfg(midplanes)
        check_dem_units(dem_units)
        draw_as_ever(self.slot)
        self.unit = unit
        blocks = dict(zip(STAGES, (1, *BLOCKS[depth]), strict=True))
        if unit == '3d':
            del blocks[STAGES[0]]
            dem_stages = () if dem_stages is None else dem_stages
        self.dem_blocks = blocks_with_dem(dem_stages, blocks)
        self.dem_units = tuple(dem_units)
        self.midplanes = midplanes
        self.with_cp = with_cp

        self.conv1 = ConvModule(
            in_channels,
            base_channels,
            (3, 7, 7),
            stride=(1, 2, 2),
            padding=(1, 3, 3),
            conv_cfg=self._unit_cfg(STAGES[0], 0, 0, in_channels, base_channels, 7),
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg,
        )
        channels = base_channels
        for k, num_blocks in enumerate(BLOCKS[depth]):
            out_channels = base_channels * 2**k
            blocks = []
            for b in range(num_blocks):
                stride = 2 if k > 0 and b == 0 else 1
                blocks.append(
                    self._block(STAGES[k + 1], b, channels, out_channels, stride)
                )
                channels = out_channels
            self.add_module(f'layer{k + 1}', nn.Sequential(*blocks))
        self.finish()
        self._tell_size()

    def _block(
        self, stage: str, block: int, channels: int, out_channels: int, stride: int
    ) -> ResidualBlock:
        """Build a residual block of two units."""
        between = self._channels_between(stage, block, channels, out_channels)
        ends = (channels, between, out_channels)
        units = [
            ConvModule(
                ends[i],
                ends[i + 1],
                3,
                stride=(stride, 1)[i],
                padding=1,
                conv_cfg=self._unit_cfg(
                    stage, block, i, ends[i], ends[i + 1], 3, channels
                ),
                norm_cfg=self.norm_cfg,
                act_cfg=(self.act_cfg, None)[i],
            )
            for i in range(2)
        ]
        shortcut = build_shortcut(channels, out_channels, stride, self.norm_cfg)
        return ResidualBlock(units, shortcut, self.act_cfg, self.with_cp)

    def _channels_between(
        self, stage: str, block: int, channels: int, out_channels: int
    ) -> int:
        """Channels between the two units; fewer where DEM in 3D units is paid for."""
        if self.unit == '2plus1d' or (stage, block) not in self.dem_blocks:
            return out_channels
        if not isinstance(self.midplanes, str):
            spec = UnitSpec(stage, block, 0, channels, out_channels, channels, 3, 3)
            return resolve_midplanes(self.midplanes, spec)
        if self.midplanes in ('unchanged', 'torchvision'):
            return out_channels

        def weights(between: int, slot: Slot | None) -> int:
            dems = [(channels, between)[i] for i in self.dem_units] if slot else []
            return 27 * between * (channels + out_channels) + sum(
                slot.weights(own, 3) for own in dems
            )

        return narrowed(f'{stage}, block {block}', out_channels, weights, self.slot)

    def _tell_size(self) -> None:
        """Log the parameters; warn where they are more than twice those of R3D.

        By most policies a (2+1)D unit has as many as a 3D one, whatever stands in it
        (equation 3.5); by those that put DEM on top it has more.
        """
        own = _count(self)
        units = [unit for unit in self.modules() if isinstance(unit, _UNITS)]
        with_dem = sum(unit.dem is not None for unit in units)
        text = f'R2Plus1DDEM has {own:,} parameters; units: '
        if self.unit == '3d':
            text += f'3D, {with_dem} with DEM.' if with_dem else '3D.'
        else:
            text += f'{with_dem} of {len(units)} with DEM.'
        surplus = sum(
            _count(unit)
            - math.prod(unit.kernel_size) * unit.in_channels * unit.out_channels
            for unit in units
        )
        too_large = own > 2 * (own - surplus)
        if too_large:
            text += (
                f' That is {own / (own - surplus):.1f} times as many as R3D has: '
                f'midplanes={self.midplanes!r} puts DEM on top. Use '
                "dem_stages=['conv2_x'], or midplanes='equivalent' for a network that "
                'starts without weights.'
            )
        # To the log of a run; outside of one, where its logger is the default, Python
        # shows the warning alone.
        logger = MMLogger.get_current_instance()
        if logger.instance_name == 'mmengine':
            logger = _LOG
        logger.log(logging.WARNING if too_large else logging.INFO, text)

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
        """Return the ``conv_cfg`` of one unit."""
        dem = (stage, block) in self.dem_blocks and (
            stage == STAGES[0] or conv in self.dem_units
        )
        common = dict(norm_cfg=self.norm_cfg, dem=dem, dem_cfg=self.dem_cfg)
        if self.unit == '3d':
            if not dem:
                return dict(type='Conv3d')
            return dict(type='DEMConv3d', min_channels=0, **common)
        spec = UnitSpec(
            stage=stage,
            block=block,
            conv=conv,
            in_channels=in_channels,
            out_channels=out_channels,
            block_in_channels=block_in_channels or in_channels,
            t=3,
            d=d,
            slot=self.slot if dem else None,
        )
        return dict(
            type='DEMConv', midplanes=resolve_midplanes(self.midplanes, spec), **common
        )


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
