#!/usr/bin/env python
"""Turn videos on disk and a data set's official lists into annotation lists.

Finds and checks every video, and writes to --out: the lists that the configs read,
classes.txt, report.md, report.json and report.png. With --transcode also copies that
decode fast, and lists those. A call that was cut off is repeated to go on.

Exit code: 0, missing videos or none; 2, some videos are damaged (they are in the report
and in no list); 1, an error, and no list was written.
"""

import argparse
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    from dem_mmaction.datasets.preparation.sources import SOURCES
    from dem_mmaction.datasets.preparation.transcode import CopySettings

    default = CopySettings()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('dataset', choices=sorted(SOURCES))
    parser.add_argument('--videos', type=Path, help='folder of the videos')
    parser.add_argument(
        '--lists',
        type=Path,
        help=(
            'folder of the official lists; for `folder` a CSV with path, label and '
            'perhaps split, or nothing where the folders are named after their class'
        ),
    )
    parser.add_argument('--out', type=Path, help='default: data/DATASET')
    parser.add_argument(
        '--lists-only',
        action='store_true',
        help='write the official lists; no video is looked at',
    )
    parser.add_argument('--workers', type=int, help='processes; default: one a core')
    parser.add_argument(
        '--limit',
        type=float,
        default=60.0,
        metavar='SECONDS',
        help='for the check of a file; ten times that for a copy',
    )
    parser.add_argument(
        '--every-frame',
        action='store_true',
        help='decode all of every video, not three frames',
    )
    parser.add_argument(
        '--min-frames', type=int, default=2, help='of a usable video (default 2)'
    )
    copies = parser.add_argument_group('copies that decode fast')
    copies.add_argument('--transcode', action='store_true')
    copies.add_argument(
        '--short-side',
        type=int,
        default=default.short_side,
        help=f'default {default.short_side}',
    )
    copies.add_argument(
        '--key-frames',
        type=int,
        default=default.key_frames,
        help=f'distance between them (default {default.key_frames})',
    )
    copies.add_argument(
        '--quality',
        type=int,
        default=default.quality,
        help=f'CRF of x264, low is good (default {default.quality})',
    )
    copies.add_argument(
        '--trim', action='store_true', help='cut longer videos to the annotated segment'
    )
    folder = parser.add_argument_group('for `folder` without a split')
    folder.add_argument('--val-fraction', type=float, default=0.2)
    folder.add_argument('--seed', type=int, default=0)
    parser.error = lambda text: parser.exit(1, f'prepare: {text}\n')
    args = parser.parse_args()
    if args.lists_only == (args.videos is not None):
        parser.error('give --videos DIR, or --lists-only')
    for name, least in (('workers', 1), ('min_frames', 1), ('limit', 0.001)):
        value = getattr(args, name)
        if value is not None and value < least:
            parser.error(f'--{name.replace("_", "-")} {value} must be {least} or more')
    return args


def main() -> None:
    try:
        args = parse_args()
    except ModuleNotFoundError as error:
        raise SystemExit(f'prepare: {error}') from None
    from dem_mmaction.datasets.preparation.lists import ListError
    from dem_mmaction.datasets.preparation.prepare import prepare
    from dem_mmaction.datasets.preparation.report import summary
    from dem_mmaction.datasets.preparation.sources import SOURCES
    from dem_mmaction.datasets.preparation.transcode import CopySettings

    out = args.out or Path('data') / (
        'custom' if args.dataset == 'folder' else args.dataset
    )
    options = dict(val_fraction=args.val_fraction, seed=args.seed)
    try:
        source = SOURCES[args.dataset](**options if args.dataset == 'folder' else {})
        copies = (
            CopySettings(args.short_side, args.key_frames, args.quality, args.trim)
            if args.transcode
            else None
        )
        outcome = prepare(
            source,
            out,
            args.videos,
            args.lists,
            copies,
            args.every_frame,
            args.min_frames,
            args.workers,
            args.limit,
        )
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
