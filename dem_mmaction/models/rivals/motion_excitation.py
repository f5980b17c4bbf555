"""Motion excitation: Li et al., "TEA: Temporal Excitation and ...", CVPR 2020."""

from collections.abc import Mapping

import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor, nn

from ..conv3d import Conv3d
from ..layers import init_convs_and_norms
from .parts import check_options, conv_norm, reduced_channels


@MODELS.register_module()
class MotionExcitation(nn.Module):
    r"""Weighs the channels of each frame by how much they change to the next frame.

    The ME module of section 3.1 of the paper. With Z = conv_red(X) in C/r channels,

    .. math::
        M(t) &= \mathrm{conv_{trans}}(Z(t+1)) - Z(t), \quad M(T) = 0 \\
        A    &= 2 \sigma(\mathrm{conv_{exp}}(\mathrm{Pool}(M))) - 1 \\
        Y    &= X + X \odot A

    conv_red and conv_exp are 1x1x1, conv_trans is a channel-wise 1x3x3, Pool averages
    over the pixels. As in the authors' code a norm follows conv_red and conv_exp, and
    no convolution has a bias; that code has A half as large. The paper gives it no
    start as the identity: A is random, around 0.

    Adapted: in the paper it stands before the temporal convolution of a Res2Net block,
    after a 1x1 convolution; here after the unit's spatial convolution.

    Args:
        channels: C, the midplanes of the host unit. Input and output are
            (N, C, T, H, W), any T; a batch norm can train on N T = 2 or more.
        kernel_size: Not used: conv_trans has the paper's kernel of 3.
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
        self.conv_red = conv_norm(channels, reduced, norm_cfg)
        self.conv_trans = Conv3d(
            reduced, reduced, (1, 3, 3), padding=(0, 1, 1), groups=reduced, bias=False
        )
        self.conv_exp = conv_norm(reduced, channels, norm_cfg)
        self.init_weights()

    @staticmethod
    def weights(channels: int, kernel_size: int, options: Mapping = {}) -> int:
        """Return ``(2C + 9) C/r``, the number of convolution weights."""
        reduced = reduced_channels(channels, options.get('reduction', 16))
        return (2 * channels + 9) * reduced

    @staticmethod
    def check_options(options: Mapping) -> None:
        """Refuse a wrong ``reduction`` or ``norm_cfg``."""
        check_options('MotionExcitation', options)

    def init_weights(self) -> None:
        """Kaiming for the convolutions, 1 and 0 for the norms."""
        init_convs_and_norms(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return Y; same shape and dtype as ``x``."""
        z = self.conv_red(x)
        m = self.conv_trans(z)[:, :, 1:] - z[:, :, :-1]
        pooled = F.pad(m.mean((3, 4), keepdim=True), (0, 0, 0, 0, 0, 1))  # M(T) = 0
        a = 2 * self.conv_exp(pooled).sigmoid() - 1
        return x + x * a.to(x.dtype)
