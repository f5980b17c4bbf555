"""Temporal difference: Wang et al., "TDN: Temporal Difference Networks", CVPR 2021."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from ..conv3d import Conv3d
from ..layers import build_norm, init_convs_and_norms
from .parts import check_options, conv_norm, reduced_channels


@MODELS.register_module()
class TemporalDifference(nn.Module):
    r"""Weighs every pixel by how it differs from the frames beside it, at three scales.

    The long-term module (L-TDM) of section 3.3 of the paper. Its short-term module
    takes the differences of raw RGB frames around each sampled one, which do not exist
    between two convolutions; the long-term one takes two feature maps, as there are
    here. With Z in C/r channels and Z' the frame after or before,

    .. math::
        D(Z, Z') &= Z - \mathrm{conv_{align}}(Z') \\
        M(Z, Z') &= \sigma(\mathrm{conv_{exp}}(\textstyle\frac{1}{3}
                    \sum_j \mathrm{CNN}_j(D))) - \tfrac{1}{2} \\
        Y(t)     &= X(t) + X(t) \odot \tfrac{1}{2}
                    (M(Z(t), Z(t+1)) + M(Z(t), Z(t-1)))

    where D is 0 if there is no frame Z'. conv_red, which makes Z, and conv_exp are
    1x1x1, conv_align is a channel-wise 1x3x3. The three CNN_j are nothing, a 1x3x3
    convolution, and one at half the size. From the authors' code come the norm after
    every convolution but conv_align and the 1/2 that centres M. The paper gives it no
    start as the identity: M is random, around 0.

    Adapted: neighbours are frames, not segments; both directions are one batch for the
    norms; the half size is rounded up, so that a map of one pixel has one.

    Args:
        channels: C, the midplanes of the host unit. Input and output are
            (N, C, T, H, W), any T.
        kernel_size: Not used: the paper's kernels have size 3.
        norm_cfg: The norms. None for none.
        reduction: r. C/r is at least 4 (:func:`reduced_channels`).

    Raises:
        ValueError: ``reduction`` is no integer from 1 on, or there is no such norm.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int = 3,
        norm_cfg: dict | None = dict(type='BN3d'),
        reduction: int = 16,
    ) -> None:
        super().__init__()
        self.check_options(dict(norm_cfg=norm_cfg, reduction=reduction))
        reduced = reduced_channels(channels, reduction)

        def conv(groups: int = 1) -> Conv3d:
            sizes = reduced, reduced, (1, 3, 3)
            return Conv3d(*sizes, padding=(0, 1, 1), groups=groups, bias=False)

        self.conv_red = conv_norm(channels, reduced, norm_cfg)
        self.conv_align = conv(groups=reduced)
        self.cnn_full = nn.Sequential(conv(), build_norm(norm_cfg, reduced))
        self.cnn_half = nn.Sequential(conv(), build_norm(norm_cfg, reduced))
        self.conv_exp = conv_norm(reduced, channels, norm_cfg)
        self.init_weights()

    @staticmethod
    def weights(channels: int, kernel_size: int, options: Mapping = {}) -> int:
        """Return ``(2C + 9 + 18 C/r) C/r``, the number of convolution weights."""
        reduced = reduced_channels(channels, options.get('reduction', 16))
        return (2 * channels + 9 + 18 * reduced) * reduced

    @staticmethod
    def check_options(options: Mapping) -> None:
        """Refuse a wrong ``reduction`` or ``norm_cfg``."""
        check_options('TemporalDifference', options)

    def init_weights(self) -> None:
        """Kaiming for the convolutions, 1 and 0 for the norms."""
        init_convs_and_norms(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return Y; same shape and dtype as ``x``."""
        z = self.conv_red(x)
        aligned = self.conv_align(z)
        to_next = F.pad(z[:, :, :-1] - aligned[:, :, 1:], (0, 0, 0, 0, 0, 1))
        to_last = F.pad(z[:, :, 1:] - aligned[:, :, :-1], (0, 0, 0, 0, 1, 0))
        m = self.excitation(torch.cat((to_next, to_last)))
        to_next, to_last = m.to(x.dtype).chunk(2)
        return x + x * (to_next + to_last) / 2

    def excitation(self, d: Tensor) -> Tensor:
        """M of D: (N, C/r, T, H, W) to (N, C, T, H, W)."""
        # On the frames as images: no backend lacks that for fp16 and bf16.
        frames = d.transpose(1, 2)
        half = F.avg_pool2d(frames.flatten(0, 1), 2, ceil_mode=True)
        half = half.unflatten(0, frames.shape[:2]).transpose(1, 2)
        half = self.cnn_half(half)
        scales = d + self.cnn_full(d) + F.interpolate(half, d.shape[2:])
        return self.conv_exp(scales / 3).sigmoid() - 0.5
