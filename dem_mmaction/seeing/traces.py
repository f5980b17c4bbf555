"""D and the compensation of each DEM in a network, while it sees a clip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from mmengine.dataset import pseudo_collate
from torch import Tensor, nn

from dem_mmaction.models import DEM, STAGES, find_pairs


@dataclass(frozen=True)
class Trace:
    """What one DEM did to a clip.

    Attributes:
        name: The name of the unit in the network.
        before: x, what the spatial convolution gives, (C, T, H, W).
        after: y, what the temporal convolution takes; same shape.
        variation: D of equation 3.2, (C', T, H, W); of fewer channels with
            ``reduction``. None of a unit without DEM.
    """

    name: str
    before: Tensor
    after: Tensor
    variation: Tensor | None

    @property
    def stage(self) -> str:
        """The stage of the network, in the thesis's names where it has such layers."""
        return stage_of(self.name)

    def maps(self) -> dict[str, Tensor]:
        """The size of D and of the compensation at each place, two of (T, H, W)."""
        compensation = self.after - self.before
        return {
            'D': self.variation.abs().mean(0),
            'compensation': compensation.abs().mean(0),
        }

    def over_time(self) -> dict[str, Tensor]:
        """The size of both in each frame, in parts of the size of x, two of (T,)."""
        size = _rms(self.before).mean().clamp_min(1e-12)
        return {
            'D': _rms(self.variation) / size,
            'compensation': _rms(self.after - self.before) / size,
        }


def stage_of(name: str) -> str:
    """The stage of a part of a backbone: ``layer1.0.conv1`` is in ``conv2_x``."""
    first = name.partition('.')[0]
    number = first.removeprefix('layer')
    if first != number and number.isdigit() and int(number) < len(STAGES):
        return STAGES[int(number)]
    return first


def chosen_dems(network: nn.Module, patterns: Sequence[str] = ()) -> dict[str, DEM]:
    """The DEMs of a network by the names of their units.

    Args:
        network: The backbone.
        patterns: Names of stages, blocks or units. By default all are chosen.

    Raises:
        ValueError: There is no DEM, or none with such a name; lists those that there
            are.
    """
    found = {
        name.rpartition('.')[0] or name: module
        for name, module in network.named_modules()
        if isinstance(module, DEM)
    }
    if not found:
        raise ValueError(f'{type(network).__name__} has no DEM in it.')
    for pattern in patterns:
        if not any(_matches(name, pattern) for name in found):
            raise ValueError(
                f"No DEM is called '{pattern}'; there are "
                f'{", ".join(f"{name} ({stage_of(name)})" for name in found)}.'
            )
    return {
        name: module
        for name, module in found.items()
        if not patterns or any(_matches(name, pattern) for pattern in patterns)
    }


def first_of_stages(names: Iterable[str]) -> list[str]:
    """The first name of each stage."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(stage_of(name), name)
    return list(first.values())


def units_without_dem(network: nn.Module, names: Iterable[str]) -> dict[str, nn.Module]:
    """The temporal convolutions of a network without DEM, by the names of their units.

    Args:
        network: The backbone.
        names: The units that have DEM in the other network.

    Raises:
        ValueError: The network has DEM, or no such unit.
    """
    if any(isinstance(module, DEM) for module in network.modules()):
        raise ValueError('The network to stand beside must have no DEM; it has.')
    modules = dict(network.named_modules())
    temporal = {
        pair.temporal.rpartition('.')[0]: modules[pair.temporal]
        for pair in find_pairs(network)
    }
    found = {name: temporal[name] for name in names if name in temporal}
    if not found:
        raise ValueError(
            f'The network without DEM has none of the units {list(names)}; it has '
            f'{list(temporal)}. Both must be of one kind and depth.'
        )
    return found


def _matches(name: str, pattern: str) -> bool:
    return f'{name}.'.startswith(f'{pattern}.') or pattern == stage_of(name)


@torch.no_grad()
def trace(model: nn.Module, sample: dict, modules: dict[str, nn.Module]) -> list[Trace]:
    """Run a recognizer on a clip and look at some of its modules.

    Args:
        model: The recognizer, in eval mode.
        sample: What a test pipeline makes of one clip. Of several crops the first is
            looked at.
        modules: By name, DEMs, or the temporal convolutions of units without DEM.

    Returns:
        A trace for each of them, in their order, on the CPU in fp32.
    """
    found: dict[str, Trace] = {}

    def hook(name: str):
        def note(module: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
            x, y, d = args[0][:1], args[0][:1], None
            if isinstance(module, DEM):
                y, d = output[:1], module.variation(module.reduce(x))
            own = [
                None if part is None else part[0].float().cpu() for part in (x, y, d)
            ]
            found[name] = Trace(name, *own)

        return note

    hooks = [own.register_forward_hook(hook(name)) for name, own in modules.items()]
    try:
        model.test_step(pseudo_collate([sample]))
    finally:
        for own in hooks:
            own.remove()
    return [found[name] for name in modules]


def _rms(features: Tensor) -> Tensor:
    """The root mean square of each frame, (T,)."""
    return features.square().mean(dim=(0, 2, 3)).sqrt()
