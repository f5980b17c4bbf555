#!/usr/bin/env python
"""Time training end to end on real videos against the same steps on resident data.

Runs tools/train.py on the videos of folders, with made-up labels, in one and in two
processes, and again with clips that are in memory already; the runs take turns. Prints
clips a second, the share of the time that a step waits for its data, and how fast the
run is to the one on resident data. The first steps of a run are not counted.
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
from alternating import machine, table
from mmengine.config import Config, DictAction
from on_videos import clips_a_video, on_videos
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[2]
WARMUPS = 5


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', type=Path, nargs='+', help='folders')
    parser.add_argument('--config', default=str(ROOT / 'configs/r2p1d_dem_minik.py'))
    parser.add_argument(
        '--processes',
        type=int,
        nargs='+',
        default=[1] if torch.cuda.device_count() == 1 else [1, 2],
    )
    parser.add_argument('--steps', type=int, default=30, help='counted, of a run')
    parser.add_argument('--rounds', type=int, default=2, help='of all runs')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='e.g. train_dataloader.num_workers=16',
    )
    return parser.parse_args()


def make_configs(args: argparse.Namespace, folder: Path) -> dict[str, Config]:
    """The run on videos and the one on resident data."""
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
    """Train; the log of each counted step."""
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
    print(
        table(
            [
                'processes',
                'data',
                'clips/s',
                '80 % of steps',
                'waiting for data',
                'of resident',
            ],
            rows,
        )
    )


if __name__ == '__main__':
    main()
