"""Memory that autograd holds between the forward and the backward pass."""

from collections.abc import Callable, Iterable

import torch


def kept_for_backward(forward: Callable, but: Iterable[torch.Tensor] = ()) -> int:
    """Bytes of all tensors that ``forward()`` saves, each storage counted once.

    Args:
        forward: What to run.
        but: Tensors not to count: parameters are there anyway.
    """
    kept = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        result = forward()  # noqa: F841  storages stay alive, so that none is reused
    own = {tensor.untyped_storage().data_ptr() for tensor in but}
    return sum(size for place, size in kept.items() if place not in own)
