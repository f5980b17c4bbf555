"""Gate-shift-fuse: Sudhakaran et al., "Gate-Shift-Fuse", TPAMI 2023."""

from collections.abc import Mapping

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ..checks import at_least
from ..conv3d import Conv3d
from ..layers import build_norm, check_norm, init_convs_and_norms
from .parts import shift_frames


@MODELS.register_module()
class GateShiftFuse(nn.Module):
    r"""Lets a gate choose what moves to the frame beside, then fuses both by weights.

    The GSF module of the paper. Each half X_i of the channels, i = 1, 2, has one gate,
    a map of one channel from a 3x3x3 convolution of its own half:

    .. math::
        Y_i &= \tanh(\mathrm{gate}_i(\mathrm{ReLU}(\mathrm{BN}(X_i)))) \odot X_i,
               \quad R_i = X_i - Y_i \\
        S_1 &= Y_1 \text{ a frame earlier}, \quad S_2 = Y_2 \text{ a frame later} \\
        W_i &= \sigma(\mathrm{fusion}_i(\mathrm{Pool}(S_i), \mathrm{Pool}(R_i))) \\
        Z_i &= W_i \odot S_i + (1 - W_i) \odot R_i

    Zeros come in at the ends of time. Pool averages over the pixels, and fusion_i is a
    3x3 convolution over channels and frames, from the two pooled maps to one. Both
    convolutions have a bias. It does not start as the identity: with every gate at 0, Z
    is (1 - W) X, where W is around 1/2.

    Adapted: the paper puts it into a branch of a 2D block, before a spatial
    convolution; here the unit's temporal convolution follows, which sees all channels,
    so that the authors' shuffle of channels at the end is left out. It works on all
    channels, as their code does unless told otherwise; the last one of an odd number
    passes by.

    Args:
        channels: C, the midplanes of the host unit, at least 2. Input and output are
            (N, C, T, H, W), any T.
        kernel_size: Not used: the paper's kernels have size 3.
        norm_cfg: The norm before the gate. None for none.

    Raises:
        ValueError: There are fewer than 2 channels, or there is no such norm.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int = 3,
        norm_cfg: dict | None = dict(type='BN3d'),
    ) -> None:
        super().__init__()
        at_least(2, 'GateShiftFuse: channels', channels)
        self.check_options(dict(norm_cfg=norm_cfg))
        gated = channels // 2 * 2
        self.parts = (gated, 1) if channels > gated else (gated,)
        self.norm = build_norm(norm_cfg, gated)
        self.relu = nn.ReLU()
        self.gate = Conv3d(gated, 2, 3, padding=1, groups=2)
        self.fusion = nn.Conv2d(4, 2, 3, padding=1, groups=2)
        self.init_weights()

    @staticmethod
    def weights(channels: int, kernel_size: int, options: Mapping = {}) -> int:
        """Return ``27 C + 36``, C rounded down to an even number: those of the gates
        and of the fusion, without biases.
        """
        return 27 * (channels // 2 * 2) + 36

    @staticmethod
    def check_options(options: Mapping) -> None:
        """Refuse a wrong ``norm_cfg``."""
        check_norm(options.get('norm_cfg'))

    def init_weights(self) -> None:
        """Torch's own start for both convolutions, as in the authors' code.

        Kaiming's fan out would saturate the gate, which has a single channel.
        """
        init_convs_and_norms(self.norm)
        self.gate.reset_parameters()
        self.fusion.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Return Z; same shape and dtype as ``x``."""
        gated, *passing = x.split(self.parts, dim=1)
        gate = self.gate(self.relu(self.norm(gated))).tanh()
        halves = gated.unflatten(1, (2, -1))  # (N, 2, C/2, T, H, W)
        moving = gate.unsqueeze(2) * halves
        resting = halves - moving
        earlier, later = moving.unbind(1)
        moved = shift_frames(earlier, -1), shift_frames(later, 1)
        moving = torch.cat(moved, dim=1).unflatten(1, (2, -1))
        pooled = torch.stack([part.mean((-2, -1)) for part in (moving, resting)], dim=2)
        weight = self.fusion(pooled.flatten(1, 2)).sigmoid()
        fused = resting + weight[..., None, None] * (moving - resting)
        fused = fused.flatten(1, 2)
        return torch.cat((fused, *passing), dim=1) if passing else fused
