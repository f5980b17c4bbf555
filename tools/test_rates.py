#!/usr/bin/env python
"""Test a recognizer at several sub-sampling rates in one pass over the videos.

Every video is read once. Prints each metric at each rate and Delta, its difference to
the model's own rate, and writes rates.json, rates.md and rates.png. For any MMAction2
config whose test pipeline samples clips at a frame interval.
"""

import argparse
import os
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='test config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument(
        '--rates',
        type=float,
        nargs='+',
        help="every rate-th frame; default: the config's own interval times 1, 2, 4; "
        'fractions, as 0.5, repeat frames',
    )
    parser.add_argument(
        '--own-rate', type=float, help="rate of the training; default: the config's"
    )
    parser.add_argument(
        '--work-dir', help='default: work_dirs/, then the name of the config'
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser.parse_args()


def main() -> None:
    import dem_mmaction  # noqa: F401  first of all: it closes the gaps of the stack

    args = parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    from mmengine.config import Config
    from mmengine.dist import is_main_process

    from dem_mmaction.datasets import VideoReadError
    from dem_mmaction.robustness import (
        measure_at_rates,
        own_rate,
        rates_table,
        write_rates,
    )

    config = Config.fromfile(args.config)
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)
    reference = args.own_rate or own_rate(config)
    rates = args.rates or [reference * factor for factor in (1, 2, 4)]
    config.launcher = args.launcher
    config.load_from = args.checkpoint
    config.work_dir = (
        args.work_dir
        or config.get('work_dir')
        or os.path.join('work_dirs', Path(args.config).stem)
    )

    try:
        results = measure_at_rates(config, rates, reference)
    except (FileNotFoundError, VideoReadError) as error:
        sys.exit(f'test_rates: {error}')
    if is_main_process():
        files = write_rates(results, config.work_dir)
        print('\n' + rates_table(results))
        for rate, result in results.rates.items():
            if result.too_short:
                print(
                    f'SR {rate}: {result.too_short} videos are shorter than one clip; '
                    'their clips repeat frames.'
                )
        print(
            f'Written to {config.work_dir}: {", ".join(file.name for file in files)}.'
        )


if __name__ == '__main__':
    main()
