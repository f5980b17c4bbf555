#!/usr/bin/env python
"""Train a config on clips without the order of their frames: does it need motion?

Trains and tests the network on clips as they are, on clips of one frame repeated, and
on clips whose frames are in a random order. Prints and writes the accuracies beside
those of guessing: where the last two reach more, frames give the classes away.
"""

import argparse
import os
from pathlib import Path


def parse_args() -> argparse.Namespace:
    from mmengine.config import DictAction

    from dem_mmaction.robustness import CLIPS

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--clips', nargs='+', choices=CLIPS, default=CLIPS, help='default: all'
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[0], help='default: 0')
    parser.add_argument(
        '--work-dir', help='default: work_dirs/controls/, then the name of the config'
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args()


def main() -> None:
    import dem_mmaction  # noqa: F401  first of all: it closes the gaps of the stack

    args = parse_args()
    from mmengine.config import Config

    from dem_mmaction.robustness import controls_table, train_and_test
    from dem_mmaction.utils import write_text

    config = Config.fromfile(args.config)
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)
    default = os.path.join('work_dirs', 'controls', Path(args.config).stem)
    folder = Path(args.work_dir or default)
    results = {
        clips: [
            train_and_test(config, clips, seed, folder / f'{clips}_seed{seed}')
            for seed in args.seeds
        ]
        for clips in args.clips
    }
    table = controls_table(results, config.model.cls_head.num_classes)
    write_text(folder / 'controls.md', table)
    print(f'\n{table}\nWritten to {folder}: controls.md.')


if __name__ == '__main__':
    main()
