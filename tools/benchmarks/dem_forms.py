#!/usr/bin/env python
"""Time the forms of D of equation 3.2, and of the convolutions around it, in turns.

Sizes are those of R(2+1)D-18 with DEM everywhere on 16x112x112 clips, in fp16 on a GPU.
D is computed by f, dilated f and g one after the other on contiguous memory, by the
shared projection, and by the composed kernel. The (1, d, d) and (3, 1, 1) convolutions
run on contiguous memory, on channels-last memory, and as 2D convolutions on views of
channels-last memory, the temporal ones also with torch's own gradients. Prints the
median milliseconds of each form and how many times as fast as the first form it is,
forward alone and with the backward pass.
"""

import argparse
import statistics
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from alternating import in_turns, machine
from references import reference_variation
from torch import Tensor

from dem_mmaction.models import DEM
from dem_mmaction.models.conv3d import conv3d
from dem_mmaction.models.variation import composed, shared
from dem_mmaction.utils import markdown_table

# Midplanes, frames, side of the feature map, side of the kernel; by stage (Table 3.1)
SIZES = {
    'conv1': (20, 16, 56, 7),
    'conv2_x': (67, 16, 56, 3),
    'conv3_x': (134, 8, 28, 3),
    'conv4_x': (269, 4, 14, 3),
    'conv5_x': (538, 2, 7, 3),
}
LAST = torch.channels_last_3d


class Pass:
    """A form run on an input, with or without the backward pass.

    Args:
        form: Function of the input.
        x: Input, (N, C, T, H, W).
        backward: Whether gradients of the input and of parameters are computed.
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
    """Return by work and by name of the form: the form and its input."""
    last = x.contiguous(memory_format=LAST)
    ours = dict(f=dem.f, g=dem.g, padding_mode=dem.padding_mode)
    works = {
        'D': {
            'plain': (partial(reference_variation, dem), x),
            'shared': (partial(shared, **ours), last),
            'composed': (partial(composed, **ours), last),
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
    works['3x1x1']["torch's gradients"] = partial(_as_torch, time_kernel), last
    return works


def _as_torch(weight: Tensor, x: Tensor) -> Tensor:
    """A (3, 1, 1) convolution as a 2D one on a view, all of it torch's."""
    flat = F.conv2d(x.flatten(3), weight.flatten(3), padding=(1, 0))
    return flat.unflatten(3, x.shape[3:])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    gpu = torch.cuda.is_available()
    parser.add_argument(
        '--clips', type=int, default=24 if gpu else 4, help='clips in a batch'
    )
    parser.add_argument(
        '--passes', type=int, default=7, help='passes of each form (default 7)'
    )
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
                cells = [
                    f'{name} {1e3 * median:.1f} ms ({first / median:.2f}x)'
                    for name, median in medians.items()
                ]
                what = 'training' if backward else 'forward'
                rows.append([stage, work, what, *cells, *[''] * (4 - len(cells))])
    head = ['stage', 'work', 'pass', 'first form', 'second', 'third', 'fourth']
    print(markdown_table(head, rows, left=len(head)), end='')


if __name__ == '__main__':
    main()
