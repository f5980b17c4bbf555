"""The straightforward form of DEM: equation 3.2 as Figure 3.2 draws it."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dem_mmaction.models import DEM


def pad_time(x: Tensor, mode: str) -> Tensor:
    """One frame at each end."""
    first, last = x[:, :, :1], x[:, :, -1:]
    ends = {
        'zeros': (torch.zeros_like(first), torch.zeros_like(last)),
        'replicate': (first, last),
        'circular': (last, first),
    }
    before, after = ends[mode]
    return torch.cat((before, x, after), dim=2)


def dense(conv: nn.Conv3d, parts: int = 1) -> Tensor:
    """The weight of a grouped convolution without groups: zeros between the groups.

    Args:
        conv: The convolution, from C times ``parts`` channels to C.
        parts: Number of tensors of C channels whose concatenation the weight is for;
            each group sees its own channels of every one of them.
    """
    groups = conv.groups
    own = conv.weight.unflatten(0, (groups, -1)).unflatten(2, (parts, -1))
    out, _, each, *taps = own.shape[1:]
    weight = own.new_zeros(groups, out, parts, groups, each, *taps)
    for i in range(groups):
        weight[i, :, :, i] = own[i]
    return weight.flatten(2, 4).flatten(0, 1)


def reference_variation(dem: DEM, x: Tensor) -> Tensor:
    """D of equation 3.2, convolution by convolution."""
    f, g = dense(dem.f), dense(dem.g)
    padded = pad_time(x, dem.padding_mode)
    f_adjacent = F.conv3d(padded, f)
    f_dilated = F.conv3d(padded, f, dilation=(2, 1, 1))
    return F.conv3d(f_adjacent, g) - f_dilated


def reference_dem(dem: DEM, x: Tensor) -> Tensor:
    """What ``dem`` computes, convolution by convolution."""
    z = F.conv3d(x, dem.reduce.weight) if hasattr(dem.reduce, 'weight') else x
    d = dem.act_d(dem.norm_d(reference_variation(dem, z)))
    h = dense(dem.h, parts=2 if dem.fusion == 'concat' else 1)
    if dem.fusion == 'product':
        fused = d * z
    elif dem.fusion == 'concat':
        fused = torch.cat((d, z), dim=1)
    else:
        fused = F.conv3d(d, dem.u.weight) * F.conv3d(z, dem.v.weight)
    pad = dem.h.kernel_size[-1] // 2
    compensation = F.conv3d(fused, h, padding=(0, pad, pad))
    if hasattr(dem.expand, 'weight'):
        compensation = F.conv3d(compensation, dem.expand.weight)
    compensation = dem.act_h(dem.norm_h(compensation))
    return dem.act_y(x + dem.scale[:, None, None, None] * compensation)


def value_and_gradients(
    forward: Callable[[Tensor], Tensor], x: Tensor, modules: nn.Module
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Output and the gradients of input and parameters, of a loss with no symmetry."""
    x = x.clone().requires_grad_()
    y = forward(x)
    weights = torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view_as(y)
    parameters = list(modules.parameters())
    return y.detach(), torch.autograd.grad((y * weights).sum(), [x, *parameters])
