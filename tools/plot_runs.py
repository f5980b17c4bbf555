#!/usr/bin/env python
"""Draw loss and accuracy of trainings over each other, from MMEngine's own logs."""

import argparse
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('work_dirs', nargs='+', type=Path, metavar='WORK_DIR')
    parser.add_argument(
        '--names', nargs='+', help='what to call them; default: their paths'
    )
    parser.add_argument(
        '--curves',
        nargs='+',
        help='such as train/loss, loss, video/top1, train/lr (default: the first '
        'three, as far as they are there)',
    )
    parser.add_argument(
        '--smooth',
        type=int,
        default=10,
        help='entries of training in one mean (default 10)',
    )
    parser.add_argument('--out', type=Path, default=Path('runs.png'))
    args = parser.parse_args()
    if args.names and len(args.names) != len(args.work_dirs):
        parser.error('--names: give one a work dir')
    if args.smooth < 1:
        parser.error('--smooth: must be 1 or more')
    return args


def main() -> None:
    args = parse_args()
    from dem_mmaction.engine import draw_runs, run_curves

    names = args.names or map(str, args.work_dirs)
    try:
        runs = {
            name: run_curves(folder)
            for name, folder in zip(names, args.work_dirs, strict=True)
        }
        written = draw_runs(runs, args.out, args.curves, args.smooth)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(f'plot_runs: {error}')
    print(f'Written: {written}.')


if __name__ == '__main__':
    main()
