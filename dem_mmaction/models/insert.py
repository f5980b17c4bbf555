"""DEM in a network that is built already, between its convolutions."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from mmaction.registry import MODELS
from mmengine.logging import print_log
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode

from dem_mmaction.utils import costs, markdown_table

from .dem_conv3d import DEMConv3d
from .pairs import CLIP, Pair, find_pairs
from .slot import Slot

#: Name of the module that an insertion adds to a temporal convolution.
NAME = 'dem'


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
    clip: Sequence[int] = CLIP,
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
        if getattr(modules[pair.temporal], NAME, None) is not None:
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
    setattr(temporal, NAME, module)
    if not isinstance(temporal, DEMConv3d):  # which runs it by itself
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
    clip: Sequence[int] = CLIP,
) -> nn.Module:
    """Build a recognizer and put DEM into its backbone, from a config.

    .. code-block:: python

        _base_ = 'mmaction::recognition/r2plus1d/...'
        model = dict(
            _delete_=True, type='RecognizerWithDEM', recognizer={{_base_.model}},
            where='layer1')

    It returns the recognizer itself, with DEM in it, before weights are loaded, and
    lists in the log what was put in: :func:`insertions_table`.

    Args:
        recognizer: The config of the recognizer.
        where: See :func:`insert_dem`, as the others.
        dem_cfg: See there.
        clip: See there.

    Raises:
        ValueError: See there.
    """
    model = MODELS.build(recognizer)
    inserted = insert_dem(model, where, dem_cfg, clip)
    table = insertions_table(inserted)
    print_log(f'DEM was put in, by RecognizerWithDEM:\n{table}', logger='current')
    return model


def _matches(pair: Pair, where: str | Sequence[str]) -> bool:
    patterns = [where] if isinstance(where, str) else where
    return any(
        fnmatch.fnmatchcase(name, pattern) or f'.{pattern}.' in f'.{name}.'
        for name in (pair.spatial, pair.temporal)
        for pattern in patterns
    )
