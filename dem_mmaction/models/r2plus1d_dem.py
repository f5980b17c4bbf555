"""R(2+1)D with DEM, R(2+1)D and R3D: one residual network, its unit a parameter."""

import logging
import math
from collections.abc import Iterator, Sequence

import torch
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from mmengine.logging import MMLogger
from mmengine.model import BaseModule, initialize
from mmengine.utils.dl_utils.parrots_wrapper import _BatchNorm
from torch import Tensor, nn

from .checkpoints import adapt_names, check_loaded, check_weights, rename_torchvision
from .checks import at_least, one_of
from .dem_conv import DEMConv
from .layers import build_activation, build_norm, init_convs_and_norms
from .midplanes import MidplanesCfg, UnitSpec, check_midplanes_cfg, resolve_midplanes
from .residual_block import ResidualBlock
from .slot import Slot, draw_as_ever
from .stages import BLOCKS, STAGES, blocks_with_dem, check_dem_units

UNITS = ('2plus1d', '3d')
_LOG = logging.getLogger('dem_mmaction')


@MODELS.register_module()
class R2Plus1DDEM(BaseModule):
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

    Args:
        depth: 10, 18 or 34.
        base_channels: Channels of conv1 and conv2_x.
        in_channels: Channels of the input.
        unit: Kind of convolution unit, ``'2plus1d'`` or ``'3d'``.
        dem_stages: Where DEM stands: stages (``'conv1'``, ``'conv2_x'`` ...
            ``'conv5_x'``) or single blocks (``'conv3_x.0'``). None for every (2+1)D
            unit.
        dem_units: Which of the two units of a residual block have DEM where its stage
            or block has. conv1 is a single unit and no residual block.
        dem_cfg: Arguments of :class:`DEM` other than its channels and kernel size; with
            a ``type``, those of another module in its place (:class:`Slot`).
        midplanes: A policy or numbers, see :func:`resolve_midplanes`.
        norm_cfg: The norm everywhere, in DEM unless ``dem_cfg`` names another.
        act_cfg: The activation outside the (2+1)D units; inside they have ReLU.
        frozen_stages: -1 freezes nothing, 0 freezes conv1 and its batch statistics, k
            also the first k stages from conv2_x on.
        norm_eval: Keep the running statistics of all batch norms while training.
        with_cp: Recompute the blocks' activations in the backward pass to save memory.
        channels_last: Work in memory of the format ``torch.channels_last_3d``, in which
            convolutions run faster. Results are the same but for rounding. Features
            come in contiguous memory either way, as heads that call ``.view`` need it.
        out_indices: Stages to return, from 0 for conv2_x to 3 for conv5_x.
        pretrained: A checkpoint, short for an ``init_cfg`` of type ``'Pretrained'``.
        init_cfg: MMEngine's initialisation, applied after that of the thesis (4.1.2).

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
        dem_units: Sequence[int] = (0, 1),
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
        one_of('depth', depth, BLOCKS)
        one_of('unit', unit, UNITS)
        one_of('frozen_stages', frozen_stages, range(-1, 5))
        out_indices = (out_indices,) if isinstance(out_indices, int) else out_indices
        if not isinstance(out_indices, Sequence) or not out_indices:
            raise ValueError(f'out_indices={out_indices!r} must be a list of stages.')
        for index in out_indices:
            one_of('out_indices', index, range(4))
        at_least(1, 'base_channels', base_channels)
        at_least(1, 'in_channels', in_channels)
        for name, value in (
            ('norm_eval', norm_eval),
            ('with_cp', with_cp),
            ('channels_last', channels_last),
        ):
            one_of(name, value, (True, False))
        check_midplanes_cfg(midplanes)
        build_norm(norm_cfg, base_channels)  # refuses what no unit could build
        build_activation(act_cfg)
        check_dem_units(dem_units)
        self._slot = Slot(dem_cfg)  # checks the options even where no unit has DEM
        draw_as_ever(self._slot)
        self.unit = unit
        self.dem_blocks = blocks_with_dem(unit, dem_stages, BLOCKS[depth])
        self.dem_units = tuple(dem_units)
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
        self._tell_size()

    def _tell_size(self) -> None:
        """Log the parameters; warn where they are more than twice those of R3D.

        By most policies a (2+1)D unit has as many as a 3D one, whatever stands in it
        (equation 3.5); by those that put DEM on top it has more.
        """
        own = sum(parameter.numel() for parameter in self.parameters())
        units = [unit for unit in self.modules() if isinstance(unit, DEMConv)]
        with_dem = sum(unit.dem is not None for unit in units)
        kind = '3D' if self.unit == '3d' else f'{with_dem} of {len(units)} with DEM'
        text = f'R2Plus1DDEM has {own:,} parameters; units: {kind}.'
        surplus = sum(
            sum(parameter.numel() for parameter in unit.parameters())
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
        if self.unit == '3d':
            return dict(type='Conv3d')
        dem = (stage, block) in self.dem_blocks and (
            stage == STAGES[0] or conv in self.dem_units
        )
        spec = UnitSpec(
            stage=stage,
            block=block,
            conv=conv,
            in_channels=in_channels,
            out_channels=out_channels,
            block_in_channels=block_in_channels or in_channels,
            t=3,
            d=d,
            slot=self._slot if dem else None,
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

    def dems(self) -> Iterator[nn.Module]:
        """Iterate over the network's DEMs, or what is in their place, from conv1 on."""
        for module in self.modules():
            if isinstance(module, DEMConv) and module.dem is not None:
                yield module.dem

    def init_weights(self) -> None:
        """Initialise as the thesis does (section 4.1.2), then apply ``init_cfg``.

        Convolutions get Kaiming's initialisation, norms weights of 1 and biases of 0,
        and DEM its own. Further calls do nothing, as with any module of MMEngine.
        """
        if self._is_init:
            return
        init_convs_and_norms(self)
        for dem in self.dems():
            dem.init_weights()
        if self.init_cfg:
            initialize(self, self.init_cfg)
        self._is_init = True

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """(N, 3, T, H, W) to the features of ``out_indices``, a tensor if it is one."""
        if self.channels_last:
            x = x.contiguous(memory_format=torch.channels_last_3d)
        outs = []
        for k, stage in enumerate(self.stages, start=-1):
            x = stage(x)
            if k in self.out_indices:
                outs.append(x.contiguous())
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

    def adapt_checkpoint(self, state_dict: dict, prefix: str) -> None:
        """Prepare a checkpoint of a model with this backbone for loading, in place.

        Called with all of its tensors before MMEngine loads any.

        Args:
            state_dict: Tensors by name.
            prefix: Beginning of the backbone's names in the model.

        Raises:
            ValueError: Nothing in it is of this network, or it holds what is no tensor.
        """
        adapt_names(state_dict, prefix)
        check_weights(self, state_dict, prefix)
        check_loaded(self, state_dict, prefix)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        rename_torchvision(state_dict, prefix)
        check_weights(self, state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *args)
