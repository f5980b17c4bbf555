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
        epilog='After an interruption the same command goes on.',
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
        '--frames',
        type=int,
        default=default.frames,
        metavar='N',
        help='number of frames of a video',
    )
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=default.size,
        metavar=('WIDTH', 'HEIGHT'),
        help='width and height of a frame in pixels',
    )
    parser.add_argument(
        '--seed',
        type=int,
        default=default.seed,
        metavar='N',
        help='seed of everything that is drawn',
    )
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
        help='one motion in each video, or two at once',
    )
    parser.add_argument(
        '--speed',
        type=float,
        nargs=2,
        default=default.speed,
        metavar=('SLOWEST', 'FASTEST'),
        help='range of the mean speed in periods per frame',
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=argparse.SUPPRESS,
        metavar='N',
        help='number of processes (default: one for each core)',
    )
    parser.add_argument(
        '--sheet',
        default=argparse.SUPPRESS,
        metavar='FILE',
        help='also save a picture with a row of frames for each class',
    )
    return parser.parse_args()


def main() -> None:
    args = vars(parse_args())
    out_dir = args.pop('out_dir')
    workers, sheet = args.pop('workers', None), args.pop('sheet', None)
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
