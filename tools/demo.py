#!/usr/bin/env python
"""Train and test small networks with and without DEM on the motion probe.

Minutes on two cores; with a GPU it is used. Prints one table and writes it with a plot
and JSON to the working folder. A call that was cut off goes on where it stopped.
"""

import argparse
import time
from pathlib import Path


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--work-dir', type=Path, default='work_dirs/demo')
    parser.add_argument('--epochs', type=int, default=8, help='of training')
    parser.add_argument('--seed', type=int, default=0, help='of training')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    start = time.time()
    from dem_mmaction.studies.demo import run_demo, table

    results = run_demo(args.work_dir, epochs=args.epochs, seed=args.seed)
    minutes = (time.time() - start) / 60
    print(
        f'\nTop-1 [%], trained at sub-sampling rate (SR) 1, tested at 1, 2 and 4; '
        f'chance {100 * results["chance"]:.1f}. {minutes:.1f} minutes.\n'
    )
    print(table(results))
    print(f'Written to {args.work_dir}: table.md, accuracy.png, results.json.')


if __name__ == '__main__':
    main()
