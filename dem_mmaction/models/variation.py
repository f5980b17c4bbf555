"""D of equation 3.2, in exact forms that take fewer products than its letters.

``f`` and ``g`` have (2, 1, 1) kernels, C channels, no bias and the same groups. For x
of the shape (N, C, T, H, W) and a padding mode of DEM, each form returns D in that
shape.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .conv3d import conv3d
from .recording import is_recorded


def variation(x: Tensor, f: nn.Conv3d, g: nn.Conv3d, padding_mode: str) -> Tensor:
    """D by the form with fewer products.

    Three products for each pair of channels in a group and each pixel once the kernels
    are composed, or four without composing. The plain sequence of ``f``, ``f`` dilated
    and ``g`` takes six.
    """
    # Composing takes 4 C^3 / groups^2 products, and saves C^2 / groups for each pixel.
    # What is recorded does it once, when its constants are folded.
    composing_pays = is_recorded() or x.numel() * f.groups > 4 * f.in_channels**2
    return (composed if composing_pays else shared)(x, f, g, padding_mode)


def composed(x: Tensor, f: nn.Conv3d, g: nn.Conv3d, padding_mode: str) -> Tensor:
    """D by one convolution over x_{n-1}, x_n, x_{n+1}, its kernel made of f and g."""
    # In fp32 under autocast, so that the kernel is rounded once, as any weight.
    with torch.autocast(x.device.type, enabled=False):
        kernel = compose(f, g)
    if padding_mode == 'zeros':  # without a padded copy
        return conv3d(x, kernel, padding=(1, 0, 0), groups=f.groups)
    return conv3d(_pad(x, padding_mode), kernel, groups=f.groups)


def compose(f: nn.Conv3d, g: nn.Conv3d) -> Tensor:
    """Return the kernel of D as one convolution of x, (C, C / groups, 3, 1, 1)."""
    f, g = _taps(f), _taps(g)
    # All four products of taps at once, in each group.
    (g0f0, g0f1), (g1f0, g1f1) = torch.einsum('niab,njbc->ijnac', g, f)
    f0, f1 = f.unbind(1)
    taps = g0f0 - f0, g0f1 + g1f0, g1f1 - f1
    return torch.stack(taps, dim=-1).flatten(0, 1)[..., None, None]


def shared(x: Tensor, f: nn.Conv3d, g: nn.Conv3d, padding_mode: str) -> Tensor:
    """D with both f terms from one projection of each frame, sums of shifted frames."""
    weight = _taps(f).flatten(0, 2)[..., None, None, None]
    projected = _pad(conv3d(x, weight, groups=f.groups), padding_mode)
    before, after = projected.unflatten(1, (f.groups, 2, -1)).unbind(2)
    f_adjacent = before[..., :-1, :, :] + after[..., 1:, :, :]  # n-1,n and n,n+1
    f_dilated = before[..., :-2, :, :] + after[..., 2:, :, :]  # n-1,n+1
    return g(f_adjacent.flatten(1, 2)) - f_dilated.flatten(1, 2)


def _taps(conv: nn.Conv3d) -> Tensor:
    """Both matrices of a (2, 1, 1) kernel, (groups, 2, C / groups, C / groups)."""
    return conv.weight.flatten(2).unflatten(0, (conv.groups, -1)).movedim(-1, 1)


def _pad(x: Tensor, padding_mode: str) -> Tensor:
    """Add one frame at each end of time."""
    mode = 'constant' if padding_mode == 'zeros' else padding_mode
    return F.pad(x, (0, 0, 0, 0, 1, 1), mode=mode)
