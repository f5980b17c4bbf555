#!/usr/bin/env python
"""Turn videos on disk and a data set's official lists into annotation lists.

Finds and checks every video, and writes to --out: the lists that the configs read,
classes.txt, report.md, report.json and report.png. With --transcode it also writes
copies that decode fast, and lists those. After an interruption, the same command goes
on.

Exit code: 0, every video that was found can be used; 2, some videos are damaged (they
are in the report and in no list); 1, an error, and no list was written.
"""

import argparse
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    from dem_mmaction.datasets.preparation.settings import CheckSettings, CopySettings
    from dem_mmaction.datasets.preparation.sources import SOURCES

    checks, copies = CheckSettings(), CopySettings()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('dataset', choices=sorted(SOURCES))
    parser.add_argument('--videos', type=Path, help='folder of the videos')
    parser.add_argument(
        '--lists',
        type=Path,
        help=(
            'folder of the official lists; for `folder` a CSV file with the columns '
            'path, label and perhaps split, or nothing where the folders are named '
            'after their class; `weizmann` has none'
        ),
    )
    parser.add_argument(
        '--out', type=Path, help='folder to write to (default data/DATASET)'
    )
    parser.add_argument(
        '--lists-only',
        action='store_true',
        help='write the official lists without looking at any video',
    )
    parser.add_argument(
        '--workers', type=int, help='number of processes (default: one for each core)'
    )
    parser.add_argument(
        '--limit',
        type=float,
        default=checks.limit,
        metavar='SECONDS',
        help=(
            'longest time that the check of a file may take; a copy may take ten '
            f'times as long (default {checks.limit:g})'
        ),
    )
    parser.add_argument(
        '--every-frame',
        action='store_true',
        help='decode all frames of every video with decord instead of three',
    )
    parser.add_argument(
        '--min-frames',
        type=int,
        default=checks.min_frames,
        help=f'fewest frames of a usable video (default {checks.min_frames})',
    )
    group = parser.add_argument_group('copies that decode fast')
    group.add_argument(
        '--transcode', action='store_true', help='write copies and list those'
    )
    group.add_argument(
        '--short-side',
        type=int,
        default=copies.short_side,
        help=f'length of the short side in pixels (default {copies.short_side})',
    )
    group.add_argument(
        '--key-frames',
        type=int,
        default=copies.key_frames,
        help=f'distance between key frames in frames (default {copies.key_frames})',
    )
    group.add_argument(
        '--quality',
        type=int,
        default=copies.quality,
        help=f'CRF of x264; lower is better (default {copies.quality})',
    )
    group.add_argument(
        '--trim', action='store_true', help='cut longer videos to the annotated segment'
    )
    group = parser.add_argument_group('for `folder` without a split')
    group.add_argument(
        '--val-fraction',
        type=float,
        default=0.2,
        help='part of each class to draw for validation (default 0.2)',
    )
    group.add_argument(
        '--seed', type=int, default=0, help='seed of the draw (default 0)'
    )
    parser.error = lambda text: parser.exit(1, f'prepare: {text}\n')
    args = parser.parse_args()
    if args.lists_only == (args.videos is not None):
        parser.error('give --videos DIR, or --lists-only')
    return args


def main() -> None:
    try:
        args = parse_args()
    except ModuleNotFoundError as error:
        raise SystemExit(f'prepare: {error}') from None
    from dem_mmaction.datasets.preparation.lists import ListError
    from dem_mmaction.datasets.preparation.prepare import prepare
    from dem_mmaction.datasets.preparation.report import summary
    from dem_mmaction.datasets.preparation.settings import CheckSettings, CopySettings
    from dem_mmaction.datasets.preparation.sources import SOURCES

    out = args.out or Path('data') / (
        'custom' if args.dataset == 'folder' else args.dataset
    )
    options = dict(val_fraction=args.val_fraction, seed=args.seed)
    try:
        source = SOURCES[args.dataset](**options if args.dataset == 'folder' else {})
        checks = CheckSettings(
            args.every_frame, args.min_frames, args.workers, args.limit
        )
        copies = (
            CopySettings(args.short_side, args.key_frames, args.quality, args.trim)
            if args.transcode
            else None
        )
        outcome = prepare(source, out, args.videos, args.lists, copies, checks)
        known = summary(outcome)
    except (ListError, ValueError) as error:
        raise SystemExit(f'prepare: {error}') from None
    except OSError as error:
        raise SystemExit(
            f'prepare: {error.filename or out}: {error.strerror or error}. Once that '
            'is mended, the same command goes on.'
        ) from None
    except KeyboardInterrupt:
        print('\nprepare: stopped; the same command goes on.', file=sys.stderr)
        sys.exit(130)
    for stem, counts in known['lists'].items():
        line = ', '.join(
            f'{count:,} {name.replace("_", " ")}'
            for name, count in counts.items()
            if isinstance(count, int)
        )
        print(f'{out / stem}.txt: {line}')
    print(f'{len(known["damaged"])} damaged; all of it is in {out / "report.md"}')
    sys.exit(2 if known['damaged'] else 0)


if __name__ == '__main__':
    main()
