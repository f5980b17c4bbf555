"""Pairs of a spatial convolution and the temporal one that takes what it puts out.

That is a 1 x d x d convolution whose output reaches a t x 1 x 1 convolution through
norms, activations and poolings alone. Pairs are found by a run of the network: whatever
its modules are called and however they are nested, autograd notes what follows what.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

#: Frames, height and width of the clip that a network is run on.
CLIP = (8, 64, 64)


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


def find_pairs(network: nn.Module, clip: Sequence[int] = CLIP) -> list[Pair]:
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
        with _run_in_eval_mode(network), torch.enable_grad():
            first = _first_of(network, [modules[name] for name in names.values()], clip)
            network(first.weight.new_zeros(1, first.in_channels, *clip))
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
        if 'Convolution' in node.name():
            return _leaf(node.next_functions[1][0])
        before = (own for own, _ in node.next_functions if own is not None)
        paths = [own for own in before if not hasattr(own, 'variable')]
        if len(paths) != 1:
            return None
        (node,) = paths
    return None


def _leaf(node) -> Tensor | None:
    """The parameter that views of it come from."""
    while node is not None and not hasattr(node, 'variable'):
        node = node.next_functions[0][0] if node.next_functions else None
    return None if node is None else node.variable
