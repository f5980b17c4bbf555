#!/usr/bin/env python
"""Repeat the thesis's tables and figures: ``list``, ``run NAME``, ``report NAME``.

`run` trains and tests what is missing; called again it goes on. `report` writes a table
as Markdown and CSV with the thesis's numbers beside the measured ones, or a figure as
PNG, with whatever has been run. `--preset probe` takes small networks and generated
videos, minutes on a CPU; `--preset full` the configs at the thesis's size.
"""

import argparse
from pathlib import Path


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('list', help='what there is')
    for name, what in (
        ('run', 'train and test what is missing'),
        ('report', 'write the table or figure'),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument('name', help='of the study, see `list`')
        command.add_argument(
            '--preset',
            choices=['probe', 'full'],
            help='default: full, where the study has that',
        )
        command.add_argument('--seeds', type=int, nargs='+', default=[0])
        command.add_argument('--work-dir', type=Path, default='work_dirs/studies')
        if name == 'run':
            command.add_argument(
                '--gpus',
                type=int,
                default=1,
                help='for one training at full size (default 1)',
            )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    from dem_mmaction.studies.catalogue import STUDIES, find_study
    from dem_mmaction.studies.presets import choose_preset, presets_of

    if args.command == 'list':
        for study in STUDIES.values():
            print(
                f'{study.name:12} {study.title} ({len(study.experiments)} networks; '
                f'--preset {" or ".join(presets_of(study))})'
            )
        return
    from dem_mmaction.studies.jobs import JobError
    from dem_mmaction.studies.report import write_report
    from dem_mmaction.studies.running import run_study

    try:
        study = find_study(args.name)
        preset = choose_preset(
            study, args.preset, args.work_dir, getattr(args, 'gpus', 1)
        )
        if args.command == 'run':
            run_study(study, preset, args.seeds)
        report = write_report(study, preset, args.seeds)
    except (ValueError, FileNotFoundError, JobError) as error:
        raise SystemExit(str(error)) from None
    print(f'\n{report.text}\nWritten to {", ".join(map(str, report.files))}.')


if __name__ == '__main__':
    main()
