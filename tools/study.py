#!/usr/bin/env python
"""Repeat tables of the thesis: ``study.py list``, ``run NAME``, ``report NAME``.

`run` trains and tests what is missing; called again it goes on. `report` writes the
table as Markdown and CSV with the thesis's numbers beside the measured ones, whatever
has been run. `--preset probe` takes small networks and generated videos, minutes on a
CPU; `--preset full` the configs at the thesis's size.
"""
import argparse
from pathlib import Path


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('list', help='what there is')
    for name, what in (('run', 'train and test what is missing'),
                       ('report', 'write the table')):
        command = commands.add_parser(name, help=what)
        command.add_argument('name', help='of the table, see `list`')
        command.add_argument('--preset', choices=['probe', 'full'], default='full')
        command.add_argument('--seeds', type=int, nargs='+', default=[0])
        command.add_argument('--work-dir', type=Path, default='work_dirs/studies')
        if name == 'run':
            command.add_argument('--gpus', type=int, default=1,
                                 help='for one training at full size (default 1)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from dem_mmaction.studies.study import STUDIES, find_study
    if args.command == 'list':
        for study in STUDIES.values():
            print(f'{study.name}  {study.title} ({len(study.experiments)} networks)')
        return
    try:
        study = find_study(args.name)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    if args.command == 'run':
        from dem_mmaction.studies.study_runs import run_study
        run_study(study, args.preset, args.work_dir, args.seeds, processes=args.gpus)
    from dem_mmaction.studies.study_report import write_report
    path, text = write_report(study, args.preset, args.work_dir, args.seeds)
    print(f'\n{text}\nWritten to {path} and {path.with_suffix(".csv")}.')


if __name__ == '__main__':
    main()
