#!/usr/bin/env python
"""Repeat the thesis's tables and figures: ``list``, ``run NAME``, ``report NAME``.

`run` trains and tests what is missing, and keeps a small record of each training;
called again it goes on. `report` writes tables as Markdown and CSV and figures as PNG,
from the records alone, with whatever has been run. `--preset` names a data set for
small networks, minutes or an hour on a CPU, or `full` for the configs at the thesis's
size.
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
            '--preset', help='see `list`; default: full, where the study has that'
        )
        command.add_argument(
            '--host', help='network that carries DEM in small: r2p1d, r3d, p3d or s3d'
        )
        command.add_argument('--seeds', type=int, nargs='+', default=[0])
        command.add_argument('--work-dir', type=Path, default='work_dirs/studies')
        command.add_argument(
            '--records',
            type=Path,
            help='folder of the records (default: WORK_DIR/records)',
        )
        if name == 'report':
            command.add_argument(
                '--part',
                choices=['val', 'test'],
                default='test',
                help='the part of the data to report (default test)',
            )
            command.add_argument('--html', type=Path, help='a page to write, too')
            continue
        command.add_argument(
            '--parts',
            choices=['val', 'test'],
            nargs='+',
            default=['test'],
            help='the parts of the data to test on (default test)',
        )
        command.add_argument(
            '--only', nargs='+', help='names of the experiments to run (default: all)'
        )
        command.add_argument(
            '--parallel',
            type=int,
            help='small trainings at a time (default: one a core, at most 2)',
        )
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
                f'--preset {", ".join(presets_of(study))})'
            )
        return
    from dem_mmaction.studies.jobs import JobError
    from dem_mmaction.studies.report import write_report
    from dem_mmaction.studies.running import run_study
    from dem_mmaction.utils import in_a_line

    records = args.records or args.work_dir / 'records'
    try:
        study = find_study(args.name)
        if args.command == 'run':
            preset = choose_preset(
                study, args.preset, args.work_dir, args.gpus, args.parallel, args.host
            )
            chosen = study.only(args.only) if args.only else study
            run_study(chosen, preset, args.seeds, records, args.parts)
            part = args.parts[-1]
        else:
            preset = choose_preset(study, args.preset, args.work_dir, host=args.host)
            part = args.part
        report = write_report(study, preset, args.seeds, records, part)
    except (ValueError, JobError) as error:
        raise SystemExit(str(error)) from None
    except OSError as error:  # a full disk, a folder that may not be written
        raise SystemExit(in_a_line(error)) from None
    files = [*report.files]
    if args.command == 'report' and args.html:
        from dem_mmaction.pages import page_of_markdown

        files.append(page_of_markdown(report.text, files[0].parent).write(args.html))
    print(f'\n{report.text}\nWritten to {", ".join(map(str, files))}.')


if __name__ == '__main__':
    main()
