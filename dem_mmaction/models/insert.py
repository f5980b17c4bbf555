"""DEM in a network that is built already, between its convolutions.

A pair is a 1 x d x d convolution whose output reaches a t x 1 x 1 convolution through
norms, activations and poolings alone. It is found by a run of the network: whatever its
modules are called and however they are nested, autograd has noted what follows what.
"""

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode

from dem_mmaction.utils import costs, markdown_table

from .slot import Slot

#: Name of the module that an insertion adds to a temporal convolution.
NAME = 'dem'
# Frames, height and width of the clip that a network is run on to find its pairs.
_CLIP = (8, 64, 64)


@dataclass(frozen=True)
class Pair:
    """A spatial convolution and the temporal one that takes what it puts out.

    Attributes:
        spatial: Name of the 1 x d x d convolution in the network.
        temporal: Name of the t x 1 x 1 convolution.
        kernel_size: d.
        shape: (N, C, T, H, W) between the two, of the clip that the network was run on.
    """

    spatial: str
    temporal: str
    kernel_size: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Insertion:
    """A module that was put between a pair.

    Attributes:
        pair: Where.
        parameters: Number of its parameters.
        multiply_adds: Those that it adds for one clip of the run.
    """

    pair: Pair
    parameters: int
    multiply_adds: int


def insert_dem(
    network: nn.Module,
    where: str | Sequence[str] = '*',
    dem_cfg: Mapping | None = None,
    clip: Sequence[int] = _CLIP,
) -> list[Insertion]:
    """Put DEM between spatial and temporal convolutions of a network, in place.

    DEM starts as the identity: in eval mode the output keeps every bit. It becomes the
    submodule ``dem`` of the temporal convolution, which it runs before; no other name
    in the network changes, so that weights without it load as ever.

    Args:
        network: A network of (N, C, T, H, W), or a recognizer, of which the backbone is
            meant. It is run once, on zeros.
        where: Pairs to take, by the name of either convolution: patterns such as
            ``'layer1.*'`` or ``'*.0.conv1.*'``, or the name of a stage, ``'layer1'``.
            All by default.
        dem_cfg: Arguments of :class:`DEM` other than its channels and kernel size; with
            a ``type``, those of another module in its place (:class:`Slot`).
        clip: Frames, height and width of the clip that it is run on.

    Returns:
        What was inserted, in the order of the network.

    Raises:
        ValueError: The network has no such pair, ``where`` matches none (lists those
            there are), one has DEM already, or ``dem_cfg`` is wrong.
    """
    network = getattr(network, 'backbone', network)
    slot = Slot(dem_cfg)
    pairs = find_pairs(network, clip)
    if not pairs:
        raise ValueError(
            f'{type(network).__name__} has no 1 x d x d convolution whose output goes '
            'to a t x 1 x 1 convolution through norms, activations and poolings alone: '
            'DEM has no place in it.'
        )
    chosen = [pair for pair in pairs if _matches(pair, where)]
    if not chosen:
        raise ValueError(
            f'where={where!r} matches none of the pairs of {type(network).__name__}: '
            f'{", ".join(pair.temporal for pair in pairs)}.'
        )
    modules = dict(network.named_modules())
    for pair in chosen:
        if hasattr(modules[pair.temporal], NAME):
            raise ValueError(f"'{pair.temporal}' has DEM already.")
        if pair.kernel_size % 2 == 0:
            raise ValueError(
                f"'{pair.spatial}' has an even kernel, {pair.kernel_size}: DEM needs "
                'an odd one. Leave it out by where=...'
            )
    return [_insert(modules[pair.temporal], pair, slot) for pair in chosen]


def _insert(temporal: nn.Module, pair: Pair, slot: Slot) -> Insertion:
    channels = pair.shape[1]
    module = slot.build(channels, pair.kernel_size, dict(type='BN3d'))
    module.init_weights()
    module.to(temporal.weight.device).train(temporal.training)
    temporal.add_module(NAME, module)
    temporal.register_forward_pre_hook(_run_dem)
    with FakeTensorMode():
        twin = slot.build(channels, pair.kernel_size, dict(type='BN3d'))
        parameters, operations, _ = costs(twin, torch.empty(pair.shape))
    return Insertion(pair, parameters, operations // 2)


def _run_dem(temporal: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    return (temporal.dem(inputs[0]),)


def insertions_table(insertions: Sequence[Insertion]) -> str:
    """What was inserted as a Markdown table, with a total."""
    rows = [
        (
            own.pair.temporal,
            own.pair.shape[1],
            f'{own.parameters:,}',
            f'{own.multiply_adds / 1e6:,.1f}',
        )
        for own in insertions
    ]
    parameters = sum(own.parameters for own in insertions)
    operations = sum(own.multiply_adds for own in insertions) / 1e6
    rows.append(('total', '', f'{parameters:,}', f'{operations:,.1f}'))
    return markdown_table(('before', 'channels', 'parameters', 'M multiply-adds'), rows)


@MODELS.register_module()
def RecognizerWithDEM(
    recognizer: Mapping,
    where: str | Sequence[str] = '*',
    dem_cfg: Mapping | None = None,
    clip: Sequence[int] = _CLIP,
) -> nn.Module:
    """Build a recognizer and put DEM into its backbone, from a config.

    .. code-block:: python

        _base_ = 'mmaction::recognition/r2plus1d/...'
        model = dict(
            _delete_=True, type='RecognizerWithDEM', recognizer={{_base_.model}},
            where='layer1')

    It returns the recognizer itself, with DEM in it, before weights are loaded.

    Args:
        recognizer: The config of the recognizer.
        where: See :func:`insert_dem`, as the others.
        dem_cfg: See there.
        clip: See there.

    Raises:
        ValueError: See there.
    """
    model = MODELS.build(recognizer)
    insert_dem(model, where, dem_cfg, clip)
    return model


# --- pairs --------------------------------------------------------------------------


def find_pairs(network: nn.Module, clip: Sequence[int] = _CLIP) -> list[Pair]:
    """Find the pairs of a spatial and a following temporal convolution.

    Args:
        network: A network of (N, C, T, H, W). It is run once, in eval mode, on zeros.
        clip: Frames, height and width of the clip.

    Returns:
        The pairs, in the order in which the temporal convolutions run.
    """
    names = {
        id(module.weight): name
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv3d)
    }
    modules = dict(network.named_modules())
    if not names:
        return []
    inputs: dict[str, Tensor] = {}

    def note(name: str):
        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            inputs.setdefault(name, args[0])

        return hook

    hooks = [
        modules[name].register_forward_pre_hook(note(name), prepend=True)
        for name in names.values()
        if _is_temporal(modules[name])
    ]
    try:
        first = _first_of(network, [modules[name] for name in names.values()], clip)
        x = first.weight.new_zeros(1, first.in_channels, *clip)
        with _run_in_eval_mode(network), torch.enable_grad():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    pairs = []
    for temporal, taken in inputs.items():
        spatial = names.get(id(_weight_before(taken)))
        if spatial is not None and _is_spatial(modules[spatial]):
            d = modules[spatial].kernel_size[1]
            pairs.append(Pair(spatial, temporal, d, tuple(taken.shape)))
    return pairs


class _Reached(Exception):
    """A run has come to a module."""


def _first_of(
    network: nn.Module, convolutions: Sequence[nn.Conv3d], clip: Sequence[int]
) -> nn.Conv3d:
    """The convolution that a network runs first, which knows the clip's channels."""

    def stop(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        raise _Reached(module)

    hooks = [own.register_forward_pre_hook(stop) for own in convolutions]
    try:
        network(convolutions[0].weight.new_zeros(1, 3, *clip))
    except _Reached as reached:
        return reached.args[0]
    finally:
        for hook in hooks:
            hook.remove()
    raise ValueError(f'{type(network).__name__} runs none of its convolutions.')


def _is_spatial(module: nn.Conv3d) -> bool:
    t, *d = module.kernel_size
    return t == 1 and d[0] == d[1] > 1


def _is_temporal(module: nn.Conv3d) -> bool:
    t, *d = module.kernel_size
    return t > 1 and d == [1, 1]


@contextmanager
def _run_in_eval_mode(network: nn.Module) -> Iterator[None]:
    """Let all parameters be noted by autograd, and change none of the statistics."""
    modes = {module: module.training for module in network.modules()}
    frozen = [own for own in network.parameters() if not own.requires_grad]
    try:
        for module in modes:
            module.training = False
        for parameter in frozen:
            parameter.requires_grad_(True)
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)
        for module, mode in modes.items():
            module.training = mode


def _weight_before(x: Tensor) -> Tensor | None:
    """The weight of the last convolution that a tensor comes from.

    None where it is a sum, a product or a concatenation of several others.
    """
    node = x.grad_fn
    while node is not None:
        others = [own for own, _ in node.next_functions if own is not None]
        if 'Convolution' in node.name():
            return _leaf(node.next_functions[1][0])
        paths = [own for own in others if not hasattr(own, 'variable')]
        if len(paths) != 1:
            return None
        (node,) = paths
    return None


def _leaf(node) -> Tensor | None:
    """The parameter that views of it come from."""
    while node is not None and not hasattr(node, 'variable'):
        node = node.next_functions[0][0] if node.next_functions else None
    return None if node is None else node.variable


def _matches(pair: Pair, where: str | Sequence[str]) -> bool:
    patterns = [where] if isinstance(where, str) else where
    return any(
        fnmatch.fnmatchcase(name, pattern) or f'.{name}.'.find(f'.{pattern}.') >= 0
        for name in (pair.spatial, pair.temporal)
        for pattern in patterns
    )
