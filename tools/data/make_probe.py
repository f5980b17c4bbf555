#!/usr/bin/env python
"""Generate the motion probe, a set of videos told apart by motion alone."""

import argparse

from dem_mmaction.datasets.motion_probe import (
    CLASS_SETS,
    CLUTTER,
    ProbeSpec,
    contact_sheet,
    generate_probe,
)


def parse_args() -> argparse.Namespace:
    default = ProbeSpec()
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='A call that was cut off is repeated to go on.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument('out_dir', help='folder to write to')
    for split in ('train', 'val', 'test'):
        parser.add_argument(
            f'--{split}',
            type=int,
            default=getattr(default, split),
            metavar='N',
            help=f'number of {split} videos, a multiple of the 8 classes',
        )
    parser.add_argument(
        '--frames', type=int, default=default.frames, metavar='N', help='frames a video'
    )
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=default.size,
        metavar=('WIDTH', 'HEIGHT'),
        help='frame size in pixels',
    )
    parser.add_argument('--seed', type=int, default=default.seed, metavar='N')
    parser.add_argument(
        '--clutter',
        choices=CLUTTER,
        default=default.clutter,
        help='what the shape and the background look like, easiest first',
    )
    parser.add_argument(
        '--classes',
        choices=list(CLASS_SETS),
        default=default.classes,
        help='one motion a video, or two at once',
    )
    parser.add_argument(
        '--speed',
        type=float,
        nargs=2,
        default=default.speed,
        metavar=('SLOWEST', 'FASTEST'),
        help='range of the mean speed in periods a frame',
    )
    parser.add_argument(
        '--workers', type=int, metavar='N', help='processes (one a core if None)'
    )
    parser.add_argument(
        '--sheet',
        metavar='FILE',
        help='also save a picture with a row of frames a class',
    )
    return parser.parse_args()


def main() -> None:
    args = vars(parse_args())
    out_dir, workers, sheet = map(args.pop, ('out_dir', 'workers', 'sheet'))
    try:
        spec = ProbeSpec(**args)
        lists = generate_probe(out_dir, spec, workers)
        if sheet:
            contact_sheet(spec, sheet)
    except (ValueError, OSError) as error:
        raise SystemExit(f'make_probe: {error}') from None
    print(*lists.values(), sep='\n')


if __name__ == '__main__':
    main()
