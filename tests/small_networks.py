"""Networks and clips that tests can afford."""

import torch

from dem_mmaction.models import R2Plus1DDEM


def small(**kwargs):
    """R(2+1)D-10 with DEM and 8 base channels."""
    return R2Plus1DDEM(**dict(dict(depth=10, base_channels=8), **kwargs))


def clips(frames=8, size=32):
    """Two random clips."""
    return torch.randn(2, 3, frames, size, size)
