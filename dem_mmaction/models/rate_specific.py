"""Parts that a network has once for each sub-sampling rate (FFN).

Zhang et al., "Frame Flexible Network", CVPR 2023, section 4.2: specialised
normalisation and weight alteration. All other weights are shared by the rates.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmcv.cnn import is_norm
from torch import Tensor, nn

from .residual_block import ResidualBlock
from .rivals import TemporalDifference


class RateSpecific(nn.Module):
    """Knows which rate the clips of a batch have.

    Args:
        count: Number of rates.

    Attributes:
        active: The index of the rate of all clips. None, the default, for a batch that
            holds equally many clips of each rate, rate after rate, as in training.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.active: int | None = None

    def check_batch(self, x: Tensor) -> None:
        """Refuse a batch that does not hold equally many clips of each rate."""
        if len(x) % self.count:
            raise ValueError(
                f'A batch of {len(x)} clips does not hold equally many clips of '
                f'{self.count} sub-sampling rates. Run a clip of one rate inside '
                'at_rate().'
            )


class RateNorms(RateSpecific):
    """A norm for each rate, in the place of one norm.

    The weights and statistics of a single norm load into each of them.

    Args:
        norm: The norm that is there now; each rate gets a copy of it.
        count: Number of rates.
    """

    def __init__(self, norm: nn.Module, count: int) -> None:
        super().__init__(count)
        self.norms = nn.ModuleList(copy.deepcopy(norm) for _ in range(count))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the clips of each rate by themselves; same shape as ``x``."""
        if self.active is not None:
            return self.norms[self.active](x)
        self.check_batch(x)
        groups = zip(self.norms, x.chunk(self.count), strict=True)
        return torch.cat([norm(clips) for norm, clips in groups])

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        for name in self.norms[0].state_dict():
            if prefix + name in state_dict:  # of a network without rates
                tensor = state_dict.pop(prefix + name)
                for i in range(self.count):
                    state_dict[f'{prefix}norms.{i}.{name}'] = tensor
        super()._load_from_state_dict(state_dict, prefix, *args)


class RateAdapters(RateSpecific):
    """``x + w * x`` with a weight for each channel and rate.

    The product is a channel-wise convolution of size 1x1x1, the paper's weight
    alteration. Its weights start at 0, so that all rates start from the network that
    is there; the code of the paper draws them with a standard deviation of 0.001.

    Args:
        channels: C of the input, (N, C, T, H, W).
        count: Number of rates.
    """

    def __init__(self, channels: int, count: int) -> None:
        super().__init__(count)
        self.weight = nn.Parameter(torch.zeros(count, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the adapted clips; same shape and dtype as ``x``."""
        if self.active is not None:
            weight = self.weight[self.active]
        else:
            self.check_batch(x)
            weight = self.weight.repeat_interleave(len(x) // self.count, dim=0)
        return x * (1 + weight).to(x.dtype)[..., None, None, None]

    def extra_repr(self) -> str:
        return f'{self.weight.shape[1]}, rates={self.count}'


def make_rate_specific(net: nn.Module, count: int) -> None:
    """Give each rate its norms, and its adapter before each block's first convolution.

    Args:
        net: A backbone; changed in place.
        count: Number of rates.

    Raises:
        ValueError: It has no norms or no :class:`ResidualBlock`, or a module in it does
            not keep the clips of a rate together.
    """
    modules = list(net.modules())  # before there are copies among them
    if any(isinstance(module, TemporalDifference) for module in modules):
        raise ValueError(
            'TemporalDifference looks both ways in one batch, in which the clips of a '
            'rate do not lie together: norms for each rate cannot be with it.'
        )
    blocks = [module for module in modules if isinstance(module, ResidualBlock)]
    norms = [
        (parent, name, child)
        for parent in modules
        for name, child in parent.named_children()
        if is_norm(child)
    ]
    if not norms or not blocks:
        raise ValueError(
            f'{type(net).__name__} has {len(norms)} norms and {len(blocks)} residual '
            'blocks of this package: take R2Plus1DDEM or P3DDEM as backbone.'
        )
    for parent, name, norm in norms:
        setattr(parent, name, RateNorms(norm, count))
    for block in blocks:
        block.adapter = RateAdapters(block.conv1.in_channels, count)


@contextmanager
def at_rate(net: nn.Module, index: int) -> Iterator[None]:
    """Let all clips be of one rate inside the context.

    Args:
        net: A network that :func:`make_rate_specific` has changed.
        index: The index of the rate.
    """
    parts = [module for module in net.modules() if isinstance(module, RateSpecific)]
    for part in parts:
        part.active = index
    try:
        yield
    finally:
        for part in parts:
            part.active = None
