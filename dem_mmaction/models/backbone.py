"""What the networks that carry DEM share: stages, freezing, starting and loading."""

from collections.abc import Iterator, Mapping, Sequence

import torch
from mmengine.model import BaseModule, initialize
from mmengine.utils.dl_utils.parrots_wrapper import _BatchNorm
from torch import Tensor, nn

from .checkpoints import adapt_names, check_loaded, check_weights, rename_torchvision
from .checks import at_least, one_of
from .dem_conv import DEMConv
from .dem_conv3d import DEMConv3d
from .layers import build_activation, build_norm, init_convs_and_norms
from .slot import Slot


class Backbone(BaseModule):
    """A network of five stages, ``conv1`` and ``layer1`` to ``layer4``.

    A network builds these in its ``__init__`` and ends it by :meth:`finish`. Between
    its stages it may pool (:meth:`enter`). Weights load by any means of MMEngine, those
    of a recognizer, of a backbone by itself and of torchvision alike; what does not fit
    is refused.

    Args:
        base_channels: Channels of conv1, from which the others follow.
        dem_cfg: Arguments of :class:`DEM` other than its channels and kernel size; with
            a ``type``, those of another module in its place (:class:`Slot`).
        norm_cfg: The norm everywhere, in DEM unless ``dem_cfg`` names another.
        act_cfg: The activation outside the (2+1)D units; inside they have ReLU.
        frozen_stages: -1 freezes nothing, 0 freezes conv1 and its batch statistics, k
            also the first k stages from conv2_x on.
        norm_eval: Keep the running statistics of all batch norms while training.
        channels_last: Work in memory of the format ``torch.channels_last_3d``, in which
            convolutions run faster. Results are the same but for rounding. Features
            come in contiguous memory either way, as heads that call ``.view`` need it.
        out_indices: Stages to return, from 0 for conv2_x to 3 for conv5_x.
        pretrained: A checkpoint, short for an ``init_cfg`` of type ``'Pretrained'``.
        init_cfg: MMEngine's initialisation, applied after that of the thesis (4.1.2).

    Attributes:
        depths: The depth of a network of this kind by its number of blocks.
        expansion: How many times the base channels conv5_x has.

    Raises:
        ValueError: An argument is not one of those above.
    """

    depths: Mapping[int, int] = {}
    expansion: int

    def __init__(
        self,
        base_channels: int = 64,
        dem_cfg: dict | None = None,
        norm_cfg: dict = dict(type='BN3d'),
        act_cfg: dict = dict(type='ReLU', inplace=True),
        frozen_stages: int = -1,
        norm_eval: bool = False,
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
        one_of('frozen_stages', frozen_stages, range(-1, 5))
        out_indices = (out_indices,) if isinstance(out_indices, int) else out_indices
        if not isinstance(out_indices, Sequence) or not out_indices:
            raise ValueError(f'out_indices={out_indices!r} must be a list of stages.')
        for index in out_indices:
            one_of('out_indices', index, range(4))
        at_least(1, 'base_channels', base_channels)
        for name, value in (('norm_eval', norm_eval), ('channels_last', channels_last)):
            one_of(name, value, (True, False))
        build_norm(norm_cfg, base_channels)  # refuses what no unit could build
        build_activation(act_cfg)
        self.base_channels = base_channels
        self.slot = Slot(dem_cfg)  # checks the options even where no unit has DEM
        self.dem_cfg = dem_cfg or {}
        self.norm_cfg = norm_cfg
        self.act_cfg = act_cfg
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval
        self.channels_last = channels_last
        self.out_indices = tuple(out_indices)

    @classmethod
    def features(cls, base_channels: int = 64) -> int:
        """Channels of conv5_x, which a classifier takes."""
        return cls.expansion * base_channels

    def finish(self) -> None:
        """Freeze what is to be frozen, once all is built."""
        self._freeze_stages()

    @property
    def stages(self) -> tuple[nn.Module, ...]:
        """conv1 and conv2_x to conv5_x, in order."""
        return (self.conv1, self.layer1, self.layer2, self.layer3, self.layer4)

    def dems(self) -> Iterator[nn.Module]:
        """Iterate over the network's DEMs, or what is in their place, from conv1 on."""
        for module in self.modules():
            if isinstance(module, (DEMConv, DEMConv3d)) and module.dem is not None:
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

    def enter(self, stage: int, x: Tensor) -> Tensor:
        """What happens to features before a stage, from 0 for conv1; nothing here."""
        return x

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """(N, 3, T, H, W) to the features of ``out_indices``, a tensor if it is one."""
        if self.channels_last:
            x = x.contiguous(memory_format=torch.channels_last_3d)
        outs = []
        for k, stage in enumerate(self.stages):
            x = stage(self.enter(k, x))
            if k - 1 in self.out_indices:
                outs.append(x.contiguous())
        return outs[0] if len(outs) == 1 else tuple(outs)

    def train(self, mode: bool = True) -> 'Backbone':
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
