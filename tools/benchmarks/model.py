#!/usr/bin/env python
"""Time training and inference of R(2+1)D-18 with DEM against other networks.

Compared are R(2+1)D-18 without DEM, with DEM in each stage and everywhere, and with the
straightforward DEM; MMAction2's ResNet2Plus1d-18; and torchvision's r2plus1d_18 if that
is installed. The networks take turns on the same random clips, after passes that are
not counted; this package's networks are fused for inference. fp16 with loss scaling is
used on a GPU, fp32 on a CPU.

Prints for each network the clips a second, how many times as fast it is as MMAction2's
network and as the straightforward DEM (median, least and most), memory, operations, and
the share of the limit. The limit is the time that the convolutions alone must take,
each at the measured rate of the best large product or of a large copy, whichever is
slower; the share is this limit divided by the time measured. With --compile, the
first call, which compiles, stands apart.
"""

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

import torch
from alternating import in_turns, machine, ratio
from networks import (
    EVERYWHERE,
    PEER,
    PLAIN,
    TORCHVISION,
    WITHOUT,
    Inference,
    TrainStep,
    available,
    build,
)
from roofline import Convolutions, Rates

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.models import fuse
from dem_mmaction.utils import markdown_table


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    gpu = torch.cuda.is_available()
    parser.add_argument(
        '--clips', type=int, default=24 if gpu else 2, help='clips in a batch'
    )
    parser.add_argument('--frames', type=int, default=16)
    parser.add_argument(
        '--size', type=int, default=112, help='side of a frame, in pixels'
    )
    parser.add_argument('--passes', type=int, default=20 if gpu else 7)
    parser.add_argument(
        '--networks',
        nargs='+',
        choices=available(),
        default=available(),
        metavar='NAME',
        help=f'some of {available()}',
    )
    parser.add_argument('--fp32', action='store_true', help='use fp32 on a GPU, too')
    parser.add_argument(
        '--compile',
        action='store_true',
        help='time each network compiled by torch.compile, too',
    )
    parser.add_argument(
        '--curves',
        type=Path,
        metavar='PNG',
        help='instead: draw clips a second over frames and over the batch size',
    )
    parser.add_argument(
        '--curve-frames', nargs='+', type=int, default=[16, 32, 64], metavar='T'
    )
    parser.add_argument(
        '--curve-clips',
        nargs='+',
        type=int,
        default=[4, 8, 16, 32, 64] if gpu else [1, 2, 4, 8],
        metavar='N',
    )
    return parser.parse_args()


class Setting:
    """The device, the precision, and the works to time on them.

    Args:
        args: Arguments of the command line.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        self.amp = self.device.type == 'cuda' and not args.fp32
        self.dtype = torch.float16 if self.amp else torch.float32

    def clips(self, number: int, frames: int, size: int) -> torch.Tensor:
        """Make random clips, (number, 3, frames, size, size)."""
        return torch.randn(number, 3, frames, size, size, device=self.device)

    def works(
        self, name: str, clips: torch.Tensor, compiled: bool = False
    ) -> tuple[TrainStep, Inference]:
        """Make the training step and the inference of a network."""
        net = build(name).to(self.device)
        ours = name not in (PLAIN, PEER, TORCHVISION)
        fast = fuse(net) if ours else net
        if compiled:
            net, fast = torch.compile(net), torch.compile(fast)
        return TrainStep(net, clips, self.amp), Inference(fast, clips, self.amp)


def compare(args: argparse.Namespace, setting: Setting) -> None:
    """Print a table of training and one of inference."""
    clips = setting.clips(args.clips, args.frames, args.size)
    works = {name: setting.works(name, clips) for name in args.networks}
    compiled = {
        f'{name}, compiled': setting.works(name, clips, compiled=True)
        for name in (args.networks if args.compile else ())
    }
    works |= compiled
    limit = Rates(setting.device, setting.dtype)
    seconds, first = [], []
    for i in range(2):
        first.append(
            in_turns({name: both[i] for name, both in compiled.items()}, 1, warmups=0)
        )
        seconds.append(
            in_turns(
                {name: both[i] for name, both in works.items()}, args.passes, warmups=3
            )
        )
        limit.measure()
    print(
        f'{machine()}; {limit}; {args.clips} clips {args.frames}x{args.size}x'
        f'{args.size}, {"fp16 AMP" if setting.amp else "fp32"}, {args.passes} passes'
    )
    for i, kind in enumerate(('training step', 'inference')):
        peers = [peer for peer in (PEER, PLAIN) if peer in works]
        head = [
            kind,
            'clips/s',
            'GFLOP/clip',
            'of the limit',
            *(f'to {peer}' for peer in peers),
        ]
        if i == 0:
            head.append('peak MB' if clips.is_cuda else 'kept MB')
        if compiled:
            head.append('first call, s')
        rows = []
        for name, both in works.items():
            median = statistics.median(seconds[i][name])
            convolutions = count(both[i])
            row = [
                name,
                f'{args.clips / median:.2f}',
                f'{convolutions.operations / args.clips / 1e9:.1f}',
                f'{100 * convolutions.seconds(limit) / median:.0f} %',
                *(ratio(seconds[i][peer], seconds[i][name]) for peer in peers),
            ]
            if i == 0:
                # Hooks on what is kept would have the network compiled anew.
                row.append('' if name in compiled else f'{both[0].memory() / 1e6:.0f}')
            if compiled:
                row.append(f'{first[i][name][0]:.0f}' if name in compiled else '')
            rows.append(row)
        print('\n' + markdown_table(head, rows), end='')


def count(work: Callable) -> Convolutions:
    """Count the convolutions of a work, of a compiled network as it was written."""
    net = work.net
    work.net = getattr(net, '_orig_mod', net)
    with Convolutions() as convolutions:
        work()
    work.net = net
    return convolutions


def draw_curves(args: argparse.Namespace, setting: Setting) -> None:
    """Draw clips a second over frames a clip and over the batch size."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot as plt

    names = [
        name for name in (WITHOUT, EVERYWHERE, PLAIN, PEER) if name in args.networks
    ]
    sizes = {
        'frames a clip': [(args.clips, frames) for frames in args.curve_frames],
        'clips a batch': [(clips, args.frames) for clips in args.curve_clips],
    }
    figure, axes = plt.subplots(2, 2, figsize=(9, 7), layout='constrained')
    for column, (label, cases) in enumerate(sizes.items()):
        rates = {name: ([], []) for name in names}
        for number, frames in cases:
            clips = setting.clips(number, frames, args.size)
            works = {name: setting.works(name, clips) for name in names}
            for i in range(2):
                seconds = in_turns(
                    {name: both[i] for name, both in works.items()},
                    args.passes,
                    warmups=2,
                )
                for name in names:
                    # In clips of 16 frames, so that a flat line is steady work.
                    rates[name][i].append(
                        number * frames / 16 / statistics.median(seconds[name])
                    )
            del works
        for i, kind in enumerate(('training', 'inference')):
            axis = axes[i, column]
            places = [case[1 - column] for case in cases]
            for name in names:
                axis.plot(places, rates[name][i], 'o-', label=name)
            axis.set(
                xlabel=label,
                ylabel='clips/s, in 16 frames',
                title=kind,
                xscale='log',
                xticks=places,
                xticklabels=places,
                ylim=(0, None),
            )
            axis.minorticks_off()
            head = [kind, *(f'{place} {label}' for place in places)]
            rows = [[name, *(f'{r:.2f}' for r in rates[name][i])] for name in names]
            print(markdown_table(head, rows))
    axes[0, 0].legend()
    figure.suptitle(machine(), fontsize='small')
    figure.savefig(args.curves, dpi=120)
    print(args.curves)


def main() -> None:
    args = parse_args()
    torch.backends.cudnn.benchmark = True  # as in the configs
    setting = Setting(args)
    (draw_curves if args.curves else compare)(args, setting)


if __name__ == '__main__':
    main()
