"""Max pooling that leaves maps alone which are too small for it."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor


def pool(x: Tensor, kernel: int | Sequence[int], stride: int | Sequence[int]) -> Tensor:
    """Max pooling, an odd kernel padded by half of it, an even one not at all.

    Args:
        x: (N, C, T, H, W).
        kernel: Its size in time, height and width; one number for all three. An even
            one is cut to the size of a map that is smaller, so that clips may have any
            number of frames.
        stride: Steps in time, height and width; one number for all three.
    """
    sizes = (kernel,) * 3 if isinstance(kernel, int) else kernel
    strides = (stride,) * 3 if isinstance(stride, int) else stride
    sizes = [k if k % 2 else min(k, n) for k, n in zip(sizes, x.shape[2:], strict=True)]
    padding = [k // 2 if k % 2 else 0 for k in sizes]
    return F.max_pool3d(x, sizes, strides, padding)
