#!/usr/bin/env python
"""Time training end to end on real videos against the same steps on resident data.

Runs tools/train.py on the videos of the given folders, with made-up labels, in one and
in two processes, and again with clips that are in memory already; the runs take turns.
Prints clips a second, the share of the time that steps wait for data, and the speed as
a share of that on resident data. The first steps of a run are not counted.
"""

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from alternating import ROOT, machine
from mmengine.config import Config
from on_videos import clips_a_video, on_videos, parser
from tqdm import tqdm

from dem_mmaction.utils import markdown_table

WARMUPS = 5


def parse_args() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument(
        '--processes',
        type=int,
        nargs='+',
        default=[1] if torch.cuda.device_count() == 1 else [1, 2],
    )
    options.add_argument(
        '--steps', type=int, default=30, help='steps of a run that are counted'
    )
    options.add_argument(
        '--rounds', type=int, default=2, help='how often each run is made'
    )
    return options.parse_args()


def make_configs(args: argparse.Namespace, folder: Path) -> dict[str, Config]:
    """Make the configs of the run on videos and of the one on resident data."""
    steps = WARMUPS + args.steps
    config = on_videos(args.config, args.videos, folder, 1, args.cfg_options)
    batch = config.train_dataloader.batch_size * max(args.processes)
    config = on_videos(
        args.config, args.videos, folder, batch * steps, args.cfg_options
    )
    config.train_cfg = dict(type='IterBasedTrainLoop', max_iters=steps)
    config.train_dataloader.sampler = dict(type='InfiniteSampler', shuffle=True)
    config.param_scheduler = config.custom_hooks = []
    config.default_hooks.update(
        checkpoint=None, logger=dict(type='LoggerHook', interval=1)
    )
    config.log_processor = dict(type='LogProcessor', window_size=1, by_epoch=False)
    config.custom_imports = dict(imports=['dem_mmaction', 'resident'])
    resident = copy.deepcopy(config)
    resident.train_dataloader = dict(
        resident.train_dataloader, num_workers=0, persistent_workers=False
    )
    resident.train_dataloader.dataset.type = 'ResidentClips'
    return {'videos': config, 'resident': resident}


def run(config: Config, folder: Path, processes: int) -> list[dict]:
    """Train, and return what was logged at each counted step."""
    config.work_dir = str(folder / 'run')
    path = folder / 'config.py'
    config.dump(path)
    launch = [
        sys.executable,
        '-m',
        'torch.distributed.run',
        '--standalone',
        f'--nproc_per_node={processes}',
        str(ROOT / 'tools/train.py'),
        str(path),
        '--launcher',
        'pytorch',
    ]
    search = [str(ROOT), str(ROOT / 'tools/benchmarks'), os.environ.get('PYTHONPATH')]
    result = subprocess.run(
        launch,
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, search))),
    )
    if result.returncode:
        raise SystemExit(result.stderr[-3000:])
    log = max((folder / 'run').glob('*/vis_data/scalars.json'))
    steps = [json.loads(line) for line in log.read_text().splitlines()]
    return [step for step in steps if 'data_time' in step][WARMUPS:]


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        configs = make_configs(args, Path(folder))
        loader = configs['videos'].train_dataloader
        clips = clips_a_video(configs['videos'])
        steps = {
            (processes, kind): [] for processes in args.processes for kind in configs
        }
        bar = tqdm(range(args.rounds * len(steps)), unit='run', leave=False)
        for _, (key, log) in zip(bar, args.rounds * list(steps.items()), strict=True):
            bar.set_description(f'{key[0]} processes, {key[1]}')
            log += run(configs[key[1]], Path(folder), key[0])
        print(
            f'{machine()}; batch of {loader.batch_size} videos x {clips} clips a '
            f'process, {loader.num_workers} workers each; {args.rounds} rounds of '
            f'{args.steps} steps'
        )
        rows = []
        for (processes, kind), log in steps.items():
            times = [step['time'] for step in log]
            median = statistics.median(times)
            fastest, slowest = statistics.quantiles(times, n=10)[::8]
            resident = statistics.median(
                step['time'] for step in steps[processes, 'resident']
            )
            waiting = sum(step['data_time'] for step in log) / sum(times)
            number = processes * loader.batch_size * clips
            rows.append(
                [
                    processes,
                    kind,
                    f'{number / median:.2f}',
                    f'{number / slowest:.2f}-{number / fastest:.2f}',
                    f'{100 * waiting:.1f} %',
                    f'{100 * resident / median:.0f} %',
                ]
            )
    head = [
        'processes',
        'data',
        'clips/s',
        '80 % of steps',
        'waiting for data',
        'of resident',
    ]
    print(markdown_table(head, rows, left=2), end='')


if __name__ == '__main__':
    main()
