#!/usr/bin/env python
"""Train and test small networks with and without DEM on the motion probe.

Minutes on two cores; with a GPU it is used. Prints one table and writes it with a plot
to the working folder. A call that was cut off goes on where it stopped. It is the study
`demo`: `tools/study.py report demo` reports it again.
"""

import argparse
import time
from pathlib import Path


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--work-dir', type=Path, default='work_dirs/demo')
    parser.add_argument(
        '--epochs', type=int, help="length of the training (default: the config's)"
    )
    parser.add_argument(
        '--seeds',
        '--seed',
        type=int,
        nargs='+',
        default=[0],
        help='seeds of the training; with several, the mean and the spread are shown',
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    start = time.time()
    from dem_mmaction.studies.catalogue import find_study
    from dem_mmaction.studies.instruments import INSTRUMENTS
    from dem_mmaction.studies.jobs import JobError
    from dem_mmaction.studies.report import write_report
    from dem_mmaction.studies.running import run_study
    from dem_mmaction.studies.small_scale import SmallScale
    from dem_mmaction.utils import in_a_line

    study, records = find_study('demo'), args.work_dir / 'records'
    preset = SmallScale(args.work_dir, INSTRUMENTS['probe'], args.epochs)
    try:
        run_study(study, preset, args.seeds, records)
        report = write_report(study, preset, args.seeds, records)
    except (ValueError, JobError) as error:
        raise SystemExit(str(error)) from None
    except OSError as error:  # a full disk, a folder that may not be written
        raise SystemExit(in_a_line(error)) from None
    print(f'\n{report.text}\n{(time.time() - start) / 60:.1f} minutes.')
    print(f'Written to {", ".join(map(str, report.files))}.')


if __name__ == '__main__':
    main()
