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


def reference_dem(dem: DEM, x: Tensor) -> Tensor:
    """What ``dem`` computes, convolution by convolution."""
    padded = pad_time(x, dem.padding_mode)
    f_adjacent = F.conv3d(padded, dem.f.weight)
    f_dilated = F.conv3d(padded, dem.f.weight, dilation=(2, 1, 1))
    d = dem.g(f_adjacent) - f_dilated
    d = dem.act(dem.norm_d(d))
    if dem.fusion == 'product':
        fused = d * x
    elif dem.fusion == 'concat':
        fused = torch.cat((d, x), dim=1)
    else:
        fused = dem.u(d) * dem.v(x)
    return x + dem.norm_h(dem.h(fused))
