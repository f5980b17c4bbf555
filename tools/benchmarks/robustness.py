#!/usr/bin/env python
"""Time a test under many conditions in one pass: against the network, and test by test.

Tests a network that has not been trained on the videos of the given folders: once under
all conditions, as tools/test_robustness.py does it, with its records; once under each
condition by itself, as tools/test.py would; and the network alone on as many clips that
are in memory already. Then the reading alone. They take turns. The start of a run is
not timed, although one pass has fewer of them; what reads is started anew for each
pass under all conditions, and goes on between the tests under one.
"""

import argparse
import copy
import itertools
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from alternating import in_turns, machine, ratio
from mmengine.config import Config
from mmengine.runner import Runner, TestLoop
from on_videos import on_videos, parser

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.robustness import (
    CLEAN,
    config_of_condition,
    named_conditions,
    robustness_runner,
)
from dem_mmaction.utils import markdown_table

EACH, ONE, NETWORK = 'a test for each', 'one pass', 'the network alone'
#: With the clean one, twelve.
CONDITIONS = (
    'rate=2',
    'rate=4',
    'speed=0.5',
    'speed=2',
    'profile=accelerating',
    'freeze=0.4',
    'jumble=4',
    'box_jumble=4',
    'reverse',
    'drop=0.25',
    'one_frame',
)


def parse_args() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument('--conditions', nargs='+', default=CONDITIONS, metavar='NAME')
    options.add_argument('--number', type=int, default=48, help='videos to test on')
    options.add_argument('--passes', type=int, default=5)
    return options.parse_args()


def begun(runner: Runner) -> TestLoop:
    """The test of a runner, up to its first video."""
    loop = runner.test_loop
    runner.call_hook('before_run')
    return loop


def one_pass(config: Config, conditions: list, folder: Path) -> Iterator[TestLoop]:
    """Tests under all conditions, each with a journal of its own."""
    for number in itertools.count():
        own = copy.deepcopy(config)
        own.experiment_name = f'one_pass_{number}'
        journal = folder / f'journal{number}'
        journal.mkdir()
        yield begun(robustness_runner(own, conditions, journal))


def single(config: Config, condition: object, number: int) -> TestLoop:
    """The test under one condition."""
    own = config_of_condition(copy.deepcopy(config), condition)
    own.experiment_name = f'condition_{number}'
    return begun(Runner.from_cfg(own))


def read(test: TestLoop) -> None:
    """Read all batches of a test and do nothing with them."""
    for _ in test.dataloader:
        pass


def main() -> None:
    args = parse_args()
    named, refused = named_conditions(args.conditions, 'clip', 0)
    if refused:
        raise SystemExit(f'robustness: {refused}')
    conditions = [CLEAN, *named]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = on_videos(
            args.config, args.videos, folder, args.number, args.cfg_options
        )
        config.log_level = 'ERROR'
        config.visualizer = None
        each = [single(config, own, i) for i, own in enumerate(conditions)]
        passes = one_pass(config, conditions, folder)
        ready = [next(passes) for _ in range(args.passes + 1)]
        # A pass goes on where its journal ends: each has one of its own.
        unread = iter(ready)
        batches = list(each[0].dataloader)
        model = each[0].runner.model.eval()

        @torch.no_grad()
        def network() -> None:
            for batch in batches:
                for _ in conditions:
                    model.test_step(batch)

        whole = in_turns(
            {
                EACH: lambda: [test.run() for test in each],
                ONE: lambda: next(unread).run(),
                NETWORK: network,
            },
            args.passes,
        )
        reader = next(passes)
        reading = in_turns(
            {EACH: lambda: [read(test) for test in each], ONE: lambda: read(reader)},
            args.passes,
        )
        workers = config.test_dataloader.num_workers
    print(
        f'{machine()}; {args.number} videos, {len(conditions)} conditions, {workers} '
        f'workers, {args.passes} passes'
    )
    rows = [
        [
            f'{name}{kind}',
            f'{args.number / statistics.median(own):.2f}',
            ratio(seconds[EACH], own),
            ratio(own, seconds[NETWORK]) if NETWORK in seconds else '',
        ]
        for kind, seconds in (('', whole), (', reading alone', reading))
        for name, own in seconds.items()
    ]
    head = [
        f'{len(conditions)} conditions',
        'videos/s',
        f'to {EACH}',
        "of the network's time",
    ]
    print(markdown_table(head, rows), end='')


if __name__ == '__main__':
    main()
