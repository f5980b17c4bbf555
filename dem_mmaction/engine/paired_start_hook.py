"""The same initial values in the layers that two networks share."""

import zlib
from collections.abc import Sequence

import torch
from mmaction.registry import HOOKS, MODELS
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

_LAYERS = (nn.Conv2d, nn.Conv3d, nn.Linear)


@HOOKS.register_module()
class PairedStartHook(Hook):
    """Draw each layer's initial weights by the seed and the name of the layer.

    MMEngine draws all weights from one stream of random numbers: a network with one
    layer more than another starts with other values in every layer behind it. With
    this hook, layers of the same name and shape start with the same values under the
    same seed, so that two networks can be compared seed by seed. The distributions stay
    those of the initialisation: Kaiming's normal for convolutions, as in the thesis
    (section 4.1.2), with the fan of one group inside DEM, and a normal of the head's
    ``init_std`` for linear layers. Other values stay as they are, and so does another
    module in the place of DEM, which has a start of its own and shares no layer with
    other networks. A resumed training goes on with the weights that it has.

    Args:
        prefixes: What the name of a layer must start with, such as ``('cls_head',)``
            where the backbone starts from weights of its own. By default every layer.

    Raises:
        ValueError: ``prefixes`` is no list, or no layer's name starts with one of them.
    """

    def __init__(self, prefixes: Sequence[str] = ('',)) -> None:
        if isinstance(prefixes, str):
            raise ValueError(f"prefixes='{prefixes}' must be a list of names.")
        self.prefixes = tuple(prefixes)

    def before_train(self, runner: Runner) -> None:
        """Draw the weights, which the runner has initialised before."""
        if runner.iter:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        std = getattr(getattr(model, 'cls_head', None), 'init_std', 0.01)
        slots = {
            f'{name}.': isinstance(part, MODELS.get('DEM'))
            for name, part in model.named_modules()
            if name.endswith('.dem')
        }
        others = tuple(name for name, is_dem in slots.items() if not is_dem)
        layers = [
            (name, layer)
            for name, layer in model.named_modules()
            if name.startswith(self.prefixes)
            and not name.startswith(others)
            and isinstance(layer, _LAYERS)
        ]
        if not layers:
            raise ValueError(
                f'prefixes={list(self.prefixes)}: no convolution or linear layer has a '
                'name that starts so.'
            )
        for name, layer in layers:
            in_dem = name.startswith(tuple(slots))
            _draw(layer, runner.seed, name, std, layer.groups if in_dem else 1)


def _draw(layer: nn.Module, seed: int, name: str, std: float, groups: int) -> None:
    """Draw the weights of a layer, on the CPU whatever the device: alike everywhere."""
    generator = torch.Generator().manual_seed(zlib.crc32(f'{seed} {name}'.encode()))
    weight = torch.empty(layer.weight.shape)
    if isinstance(layer, nn.Linear):
        nn.init.normal_(weight, std=std, generator=generator)
    else:
        nn.init.kaiming_normal_(weight, mode='fan_out', generator=generator)
        weight *= groups**0.5
    with torch.no_grad():
        layer.weight.copy_(weight)
