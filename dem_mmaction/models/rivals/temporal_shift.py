"""Temporal shift: Lin et al., "TSM: Temporal Shift Module", ICCV 2019."""

from collections.abc import Mapping

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from ..checks import at_least
from .parts import shift_frames


@MODELS.register_module()
class TemporalShift(nn.Module):
    """Moves an eighth of the channels to the frame before, an eighth to that after.

    The offline shift of section 3 of the paper: the first C/8 channels of frame n come
    from frame n+1, the next C/8 from frame n-1, zeros where there is no such frame, and
    the others stay. It has no weights, and does not start as the identity.

    The paper's residual shift (section 3.2) stands at the head of a residual branch, so
    that the shortcut keeps what was shifted away. Here it stands inside a unit of the
    branch, which the shortcut passes by in the same way; the shift in conv1 alone has
    no shortcut beside it. Shifted channels reach the temporal convolution from one
    frame farther: it sees n-2 to n+2 in place of n-1 to n+1.

    Args:
        channels: C, the midplanes of the host unit. Input and output are
            (N, C, T, H, W), any T.
        kernel_size: Not used, nothing is convolved.
        norm_cfg: Not used, there is no norm.
        shift_div: One of so many channels moves in each direction. At least one channel
            does where there are two.

    Raises:
        ValueError: ``shift_div`` is no integer from 2 on.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int = 3,
        norm_cfg: dict | None = None,
        shift_div: int = 8,
    ) -> None:
        super().__init__()
        self.check_options(dict(shift_div=shift_div))
        fold = min(max(1, channels // shift_div), channels // 2)
        still = channels - 2 * fold
        self.parts = (fold, fold, still) if still else (fold, fold)

    @staticmethod
    def weights(channels: int, kernel_size: int, options: Mapping = {}) -> int:
        """Return 0, the number of convolution weights."""
        return 0

    @staticmethod
    def check_options(options: Mapping) -> None:
        """Refuse a wrong ``shift_div``."""
        at_least(2, 'TemporalShift: shift_div', options.get('shift_div', 8))

    def init_weights(self) -> None:
        """Do nothing: there are no weights."""

    def forward(self, x: Tensor) -> Tensor:
        """Shift; same shape and dtype as ``x``."""
        from_next, from_last, *still = x.split(self.parts, dim=1)
        shifted = shift_frames(from_next, -1), shift_frames(from_last, 1)
        return torch.cat((*shifted, *still), dim=1)

    def extra_repr(self) -> str:
        return f'parts={self.parts}'
