"""What several rivals are made of."""

from collections.abc import Mapping

import torch.nn.functional as F
from mmcv.cnn import ConvModule
from torch import Tensor

from ..checks import at_least
from ..layers import check_norm


def shift_frames(x: Tensor, frames: int) -> Tensor:
    """Move x, (..., T, H, W), later by a number of frames, earlier if it is below 0.

    Frames that leave at one end are lost, zeros come in at the other.
    """
    return F.pad(x, (0, 0, 0, 0, frames, -frames))


def reduced_channels(channels: int, reduction: int) -> int:
    """``channels / reduction``, but at least 4 of them where there are as many.

    The papers reduce by 16 in networks whose narrowest layer has 64 channels. The
    midplanes of a small network are fewer.
    """
    return min(channels, max(4, channels // reduction))


def conv_norm(in_channels: int, out_channels: int, norm_cfg: dict | None) -> ConvModule:
    """Build a 1x1x1 convolution and its norm, which :func:`fuse` folds into it."""
    return ConvModule(
        in_channels,
        out_channels,
        1,
        bias=False,
        conv_cfg=dict(type='Conv3d'),
        norm_cfg=norm_cfg,
        act_cfg=None,
    )


def check_options(name: str, options: Mapping) -> None:
    """Refuse a wrong ``reduction`` or ``norm_cfg``.

    Args:
        name: The module, for the error.
        options: Its arguments.

    Raises:
        ValueError: Names the value and what is accepted.
    """
    at_least(1, f'{name}: reduction', options.get('reduction', 16))
    check_norm(options.get('norm_cfg'))
