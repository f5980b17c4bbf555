#!/usr/bin/env python
"""Time a test at several sub-sampling rates in one pass against a test for each.

Runs the test of tools/test_rates.py on the videos of the given folders, with a network
that has not been trained, and the config's own test once for every rate; then both
without the network, which times the way from the files to batches alone. They take
turns. The start of a run is not timed, although one pass has fewer of them.
"""

import argparse
import copy
import statistics
import tempfile
from pathlib import Path

from alternating import in_turns, machine, ratio
from mmengine.runner import Runner
from on_videos import on_videos, parser

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.robustness import config_at_rates
from dem_mmaction.utils import find_step, markdown_table

EACH, ONE = 'a test for each', 'one pass'


def parse_args() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument('--rates', type=int, nargs='+', default=[1, 2, 4])
    options.add_argument('--number', type=int, default=48, help='videos to test on')
    options.add_argument('--passes', type=int, default=5)
    return options.parse_args()


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = on_videos(
            args.config, args.videos, Path(folder), args.number, args.cfg_options
        )
        config.log_level = 'ERROR'
        config.visualizer = None
        one = Runner.from_cfg(config_at_rates(copy.deepcopy(config), args.rates))
        each = []
        for rate in args.rates:
            own = copy.deepcopy(config)
            own.experiment_name = f'rate_{rate}'
            pipeline = own.test_dataloader.dataset.pipeline
            pipeline[find_step(pipeline, 'SampleFrames')].frame_interval = rate
            each.append(Runner.from_cfg(own))
        whole = in_turns(
            {EACH: lambda: [runner.test() for runner in each], ONE: one.test},
            args.passes,
        )
        reading = in_turns(
            {EACH: lambda: [read(runner) for runner in each], ONE: lambda: read(one)},
            args.passes,
        )
        workers = config.test_dataloader.num_workers
    print(f'{machine()}; {args.number} videos, {workers} workers, {args.passes} passes')
    rows = [
        [
            f'{name}{kind}',
            f'{args.number / statistics.median(seconds[name]):.2f}',
            ratio(seconds[EACH], seconds[name]),
        ]
        for kind, seconds in (('', whole), (', reading alone', reading))
        for name in (EACH, ONE)
    ]
    head = [f'rates {args.rates}', 'videos/s', f'to {EACH}']
    print(markdown_table(head, rows), end='')


def read(runner: Runner) -> None:
    """Read all batches of a test and do nothing with them."""
    for _ in runner.test_dataloader:
        pass


if __name__ == '__main__':
    main()
