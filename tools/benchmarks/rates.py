#!/usr/bin/env python
"""Time a test at several sub-sampling rates in one pass against a test for each.

The test of tools/test_rates.py on the videos of folders, with a network that has not
been trained, against the config's own test once for every rate; and both again without
the network, the way from the files to batches alone. They take turns. The start of a
run is not timed, of which one pass saves two more.
"""

import argparse
import copy
import statistics
import tempfile
from pathlib import Path

from alternating import in_turns, machine, ratio, table
from mmengine.config import DictAction
from mmengine.runner import Runner
from on_videos import on_videos

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.studies.rates import at_rates

ROOT = Path(__file__).resolve().parents[2]
EACH, ONE = 'a test for each', 'one pass'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', type=Path, nargs='+', help='folders')
    parser.add_argument('--config', default=str(ROOT / 'configs/r2p1d_dem_minik.py'))
    parser.add_argument('--rates', type=int, nargs='+', default=[1, 2, 4])
    parser.add_argument('--number', type=int, default=48, help='of videos')
    parser.add_argument('--passes', type=int, default=5)
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='e.g. model.backbone.base_channels=8',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = on_videos(
            args.config, args.videos, Path(folder), args.number, args.cfg_options
        )
        config.log_level = 'ERROR'
        config.visualizer = None
        one = Runner.from_cfg(at_rates(copy.deepcopy(config), args.rates))
        each = []
        for rate in args.rates:
            own = copy.deepcopy(config)
            own.experiment_name = f'rate_{rate}'
            sample = next(
                step
                for step in own.test_dataloader.dataset.pipeline
                if step['type'] == 'SampleFrames'
            )
            sample.frame_interval = rate
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
    print(
        table(
            [f'rates {args.rates}', 'videos/s', f'to {EACH}'],
            [
                [
                    f'{name}{kind}',
                    f'{args.number / statistics.median(seconds[name]):.2f}',
                    ratio(seconds[EACH], seconds[name]),
                ]
                for kind, seconds in (('', whole), (', reading alone', reading))
                for name in (EACH, ONE)
            ],
        )
    )


def read(runner: Runner) -> None:
    """All batches of a test, for nothing."""
    for _ in runner.test_dataloader:
        pass


if __name__ == '__main__':
    main()
