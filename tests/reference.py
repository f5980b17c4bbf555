"""The straightforward form of DEM: equation 3.2 as Figure 3.2 draws it."""

import torch
import torch.nn.functional as F
from torch import Tensor

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


def reference_variation(dem: DEM, x: Tensor) -> Tensor:
    """D of equation 3.2, convolution by convolution."""
    padded = pad_time(x, dem.padding_mode)
    f_adjacent = F.conv3d(padded, dem.f.weight)
    f_dilated = F.conv3d(padded, dem.f.weight, dilation=(2, 1, 1))
    return F.conv3d(f_adjacent, dem.g.weight) - f_dilated


def reference_dem(dem: DEM, x: Tensor) -> Tensor:
    """What ``dem`` computes, convolution by convolution."""
    d = dem.act_d(dem.norm_d(reference_variation(dem, x)))
    if dem.fusion == 'product':
        fused = d * x
    elif dem.fusion == 'concat':
        fused = torch.cat((d, x), dim=1)
    else:
        fused = F.conv3d(d, dem.u.weight) * F.conv3d(x, dem.v.weight)
    pad = dem.h.kernel_size[-1] // 2
    compensation = dem.norm_h(F.conv3d(fused, dem.h.weight, padding=(0, pad, pad)))
    return dem.act_y(x + dem.scale[:, None, None, None] * dem.act_h(compensation))
