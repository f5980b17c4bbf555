#!/usr/bin/env python
"""Test what tools/export.py has written: tools/test_exported.py CONFIG FILE

The data, the clips and the metrics are those of the test in CONFIG, so that the figures
stand beside those of tools/test.py.
"""

import argparse
import sys
import tempfile

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.datasets import VideoReadError
from dem_mmaction.export import ExportedRecognizer


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config')
    parser.add_argument('file')
    parser.add_argument('--work-dir', help='for the log; default: none is kept')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            config = Config.fromfile(args.config)
            config.merge_from_dict(args.cfg_options or {})
            runner = Runner(
                ExportedRecognizer(args.file),
                args.work_dir or folder,
                test_dataloader=config.test_dataloader,
                test_cfg=config.test_cfg,
                test_evaluator=config.test_evaluator,
                default_hooks=config.get('default_hooks'),
                default_scope=config.get('default_scope', 'mmaction'),
                experiment_name='test_exported',
                cfg=config,
            )
            runner.test()
        except (ImportError, FileNotFoundError, ValueError, VideoReadError) as error:
            sys.exit(f'test_exported: {error}')


if __name__ == '__main__':
    main()
