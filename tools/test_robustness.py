#!/usr/bin/env python
"""Test how much a recognizer suffers when time runs differently: any MMAction2 config.

`CONFIG CHECKPOINT` tests a model: every video is read once, each frame decoded once for
all conditions. Called again it goes on where it was cut off. `--compare` puts results
side by side, of other models that were tested before. Writes robustness.json (of a
model), robustness.md, robustness.png, and with --html a page that can be sent.
"""

import argparse
import copy
import os
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', nargs='?', help='test config file')
    parser.add_argument('checkpoint', nargs='?', help='checkpoint file')
    parser.add_argument(
        '--suite',
        choices=['rates', 'temporal', 'all'],
        help='which conditions; default: temporal',
    )
    parser.add_argument(
        '--conditions',
        nargs='+',
        metavar='NAME',
        help='single conditions in place of a suite: reverse box_jumble=9 rate=4 ...',
    )
    parser.add_argument(
        '--over',
        choices=['clip', 'video'],
        default='clip',
        help='whether the order of the clip or of the whole video is changed '
        '(default: clip)',
    )
    parser.add_argument('--seed', type=int, default=0, help='of the conditions')
    parser.add_argument(
        '--compare',
        nargs='+',
        type=Path,
        default=[],
        metavar='RESULTS',
        help='folders or files of results to put beside this model',
    )
    parser.add_argument('--title', default='', help='what the model is called')
    parser.add_argument(
        '--work-dir',
        help='default: work_dirs/, then the name of the config and /robustness',
    )
    parser.add_argument('--html', type=Path, help='a page to write')
    parser.add_argument(
        '--pictures',
        type=int,
        default=6,
        help='videos in the page, those that flip most (default 6)',
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    if args.suite and args.conditions:
        parser.error('--suite and --conditions name the conditions twice: give one')
    if args.config and not args.checkpoint:
        parser.error('a config needs a checkpoint')
    if not args.config and not args.compare:
        parser.error('name a config and a checkpoint, or results to --compare')
    return args


def main() -> None:
    import dem_mmaction  # noqa: F401  first of all: it closes the gaps of the stack

    args = parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    from mmengine.config import Config
    from mmengine.dist import is_main_process

    from dem_mmaction.datasets import VideoReadError
    from dem_mmaction.robustness import (
        ConditionResults,
        measure_robustness,
        named_conditions,
        suite,
        write_robustness,
    )

    folder = Path(args.work_dir or 'work_dirs/robustness')
    config, models = None, []
    try:
        if args.config:
            config = Config.fromfile(args.config)
            if args.cfg_options:
                config.merge_from_dict(args.cfg_options)
            config.launcher = args.launcher
            config.load_from = args.checkpoint
            stem = Path(args.config).stem
            if not args.work_dir:
                folder = Path('work_dirs', stem, 'robustness')
            config.work_dir = str(folder)
            pipeline = config.test_dataloader.dataset.pipeline
            refused = {}
            if args.conditions:
                conditions, refused = named_conditions(
                    args.conditions, args.over, args.seed
                )
            else:
                name = args.suite or 'temporal'
                conditions = suite(name, pipeline, args.over, args.seed)
            tested = copy.deepcopy(config)
            measured = measure_robustness(
                tested,
                conditions,
                folder,
                refused,
                args.title or stem,
                over=args.over,
                seed=args.seed,
            )
            models.append(measured)
        if not is_main_process():
            return
        models += [ConditionResults.load(path) for path in args.compare]
        text, files = write_robustness(models, folder)
        if args.html:
            from dem_mmaction.robustness.clips_seen import Source
            from dem_mmaction.robustness.page import write_page

            source = Source(config, args.over, args.seed) if config else None
            files.append(write_page(models, args.html, source, args.pictures))
    except (FileNotFoundError, ValueError, VideoReadError) as error:
        sys.exit(f'test_robustness: {error}')
    print(f'\n{text}\nWritten: {", ".join(map(str, files))}.')
    # A suite has what a model may be unable to do; what was named was wanted.
    if args.config and args.conditions and models[0].refused:
        sys.exit(1)


if __name__ == '__main__':
    main()
