#!/usr/bin/env python
"""Time the forms of D of equation 3.2, and of the convolutions around it, in turns.

Sizes are those of R(2+1)D-18 with DEM everywhere on 16x112x112 clips, in fp16 on a GPU.
D: the plain sequence f, f dilated, g on contiguous memory; the shared projection; the
composed kernel. The (1, d, d) and (3, 1, 1) convolutions: on contiguous memory; on
channels-last memory; there, and as 2D convolutions on views. Prints each form's median
milliseconds and its ratio to the first, forward and with the backward pass.
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from alternating import in_turns, machine, table
from references import reference_variation
from torch import Tensor

from dem_mmaction.models import DEM
from dem_mmaction.models.conv3d import conv3d

# Midplanes, frames, side of the feature map and of the kernel of each stage (Table 3.1)
SIZES = {
    'conv1': (20, 16, 56, 7),
    'conv2_x': (67, 16, 56, 3),
    'conv3_x': (134, 8, 28, 3),
    'conv4_x': (269, 4, 14, 3),
    'conv5_x': (538, 2, 7, 3),
}
LAST = torch.channels_last_3d


class Pass:
    """One form on one input, without or with the backward pass.

    Args:
        form: Takes the input.
        x: (N, C, T, H, W).
        backward: Compute gradients, of the input and of parameters.
    """

    def __init__(self, form: Callable, x: Tensor, backward: bool) -> None:
        self.form, self.backward = form, backward
        self.x = x.detach().requires_grad_(backward)
        self.grad = torch.ones_like(x)

    def __call__(self) -> None:
        with torch.set_grad_enabled(self.backward):
            y = self.form(self.x)
        if self.backward:
            y.backward(self.grad)


def forms(dem: DEM, x: Tensor) -> dict[str, dict[str, tuple[Callable, Tensor]]]:
    """What is compared: name of the work, name of the form, form and input."""
    last = x.contiguous(memory_format=LAST)
    works = {
        'D': {
            'plain': (partial(reference_variation, dem), x),
            'shared': (dem._shared, last),
            'composed': (dem._composed, last),
        }
    }
    d = dem.h.kernel_size[-1]
    time_kernel = torch.nn.Parameter(torch.randn_like(dem.kernel()) / x.shape[1])
    for name, weight, padding in (
        (f'1x{d}x{d}', dem.h.weight, (0, d // 2, d // 2)),
        ('3x1x1', time_kernel, (1, 0, 0)),
    ):
        works[name] = {
            'contiguous': (partial(F.conv3d, weight=weight, padding=padding), x),
            'channels last': (partial(F.conv3d, weight=weight, padding=padding), last),
            '2D views': (partial(conv3d, weight=weight, padding=padding), last),
        }
    return works


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    gpu = torch.cuda.is_available()
    parser.add_argument('--clips', type=int, default=24 if gpu else 4, help='a batch')
    parser.add_argument('--passes', type=int, default=7, help='of each (default 7)')
    args = parser.parse_args()
    device, dtype = ('cuda', torch.float16) if gpu else ('cpu', torch.float32)
    print(f'{machine()}; {args.clips} clips, {dtype}')
    torch.backends.cudnn.benchmark = True
    rows = []
    for stage, (channels, frames, side, d) in SIZES.items():
        torch.manual_seed(0)
        dem = DEM(channels, d).to(device, dtype)
        shape = args.clips, channels, frames, side, side
        x = torch.randn(shape, device=device, dtype=dtype).relu()
        for work, compared in forms(dem, x).items():
            for backward in (False, True):
                seconds = in_turns(
                    {
                        name: Pass(form, own, backward)
                        for name, (form, own) in compared.items()
                    },
                    args.passes,
                    2,
                )
                medians = {name: statistics.median(t) for name, t in seconds.items()}
                first = next(iter(medians.values()))
                rows.append(
                    [
                        stage,
                        work,
                        'training' if backward else 'forward',
                        *(
                            f'{name} {1e3 * median:.1f} ms ({first / median:.2f}x)'
                            for name, median in medians.items()
                        ),
                    ]
                )
    print(table(['stage', 'work', 'pass', 'first form', 'second', 'third'], rows))


if __name__ == '__main__':
    main()
