#!/usr/bin/env python
"""Time the forms of D of equation 3.2 against each other, in one run.

The plain sequence f, f dilated, g; the shared projection; the composed kernel. Sizes
are those of R(2+1)D-18 with DEM everywhere on 16x112x112 clips. Prints, for the forward
pass and for forward and backward, each form's median time and its ratio to the plain
one; passes alternate, after one that is not counted.
"""
import argparse
import platform
import statistics
import time

import torch
import torch.nn.functional as F
from torch import Tensor

from dem_mmaction.models import DEM

# Midplanes, frames, side of the feature map of each stage (Table 3.1)
SIZES = {
    'conv1': (20, 16, 56), 'conv2_x': (67, 16, 56), 'conv3_x': (134, 8, 28),
    'conv4_x': (269, 4, 14), 'conv5_x': (538, 2, 7)
}


def plain(dem: DEM, x: Tensor) -> Tensor:
    """Convolution by convolution, as Figure 3.2 draws it."""
    padded = F.pad(x, (0, 0, 0, 0, 1, 1))
    dilated = F.conv3d(padded, dem.f.weight, dilation=(2, 1, 1))
    return dem.g(dem.f(padded)) - dilated


FORMS = {'plain': plain, 'shared': DEM._shared, 'composed': DEM._composed}


def seconds(form, dem: DEM, x: Tensor, backward: bool) -> float:
    """Time of one pass."""
    dem.zero_grad(set_to_none=True)
    x = x.detach().requires_grad_(backward)
    synchronize(x)
    start = time.perf_counter()
    with torch.set_grad_enabled(backward):
        y = form(dem, x)
    if backward:
        y.backward(torch.ones_like(y))
    synchronize(x)
    return time.perf_counter() - start


def synchronize(x: Tensor) -> None:
    if x.is_cuda:
        torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clips', type=int, default=4, help='a batch (default 4)')
    parser.add_argument('--passes', type=int, default=7, help='of each (default 7)')
    args = parser.parse_args()
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    name = torch.cuda.get_device_name() if device == 'cuda' else platform.machine()
    print(f'{name}, {torch.get_num_threads()} threads, torch {torch.__version__}, '
          f'{args.clips} clips')
    for stage, (channels, frames, side) in SIZES.items():
        torch.manual_seed(0)
        dem = DEM(channels).to(device)
        x = torch.randn(args.clips, channels, frames, side, side, device=device).relu()
        for backward in (False, True):
            times = {form: [] for form in FORMS}
            for i in range(args.passes + 1):
                for form, function in FORMS.items():
                    elapsed = seconds(function, dem, x, backward)
                    if i > 0:  # the first warms up
                        times[form].append(elapsed)
            medians = {form: statistics.median(t) for form, t in times.items()}
            cells = [f'{form} {1e3 * m:7.1f} ms ({medians["plain"] / m:4.2f}x)'
                     for form, m in medians.items()]
            kind = 'train  ' if backward else 'forward'
            print(f'{stage:8}{kind}  ' + '  '.join(cells))


if __name__ == '__main__':
    main()
