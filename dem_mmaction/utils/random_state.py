"""The random numbers of a process, taken from it and given back."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class RandomState:
    """Where the generators of ``random``, numpy and torch's CPU stand.

    It can be pickled and goes from one process to another.

    Attributes:
        python: State of ``random``.
        numpy: State of numpy's global generator.
        torch: State of torch's generator on the CPU, uint8.
    """

    python: tuple
    numpy: tuple
    torch: np.ndarray

    @classmethod
    def now(cls) -> 'RandomState':
        """The state of this process."""
        return cls(
            random.getstate(), np.random.get_state(), torch.get_rng_state().numpy()
        )

    def restore(self) -> None:
        """Let this process draw what comes after this state."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        torch.set_rng_state(torch.from_numpy(self.torch))

    def as_tensors(self) -> dict[str, Any]:
        """The state as tensors and numbers, which any loader of weights reads."""
        version, numbers, gauss = self.python
        kind, keys, *rest = self.numpy
        return dict(
            python=[version, torch.tensor(numbers), gauss],
            numpy=[kind, torch.from_numpy(keys.astype(np.int64)), *rest],
            torch=torch.from_numpy(self.torch),
        )

    @classmethod
    def from_tensors(cls, kept: dict[str, Any]) -> 'RandomState':
        """The state that :meth:`as_tensors` has written."""
        version, numbers, gauss = kept['python']
        kind, keys, *rest = kept['numpy']
        return cls(
            (version, tuple(numbers.tolist()), gauss),
            (kind, keys.cpu().numpy().astype(np.uint32), *rest),
            kept['torch'].cpu().numpy(),
        )
