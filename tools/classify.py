#!/usr/bin/env python
"""Say what happens when in videos: tools/classify.py VIDEO... CONFIG CHECKPOINT

A window slides over each video, every frame of which is decoded once. Prints the
classes of the highest mean score and writes, for each video, the class of each time
with its score as CSV and JSON, a picture of them, and with --captions a video that
shows them. Class names come with the checkpoint; any 3D recognizer of MMAction2 will
do. A video that cannot be read is named, and the others go on.
"""

import argparse
import functools
import sys
from pathlib import Path

from tqdm import tqdm

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.classification import (
    WindowClassifier,
    top_table,
    write_captions,
    write_timeline,
)
from dem_mmaction.datasets.transforms import VideoReadError
from dem_mmaction.utils import distinct_stems, read_names


def parse_args() -> argparse.Namespace:
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', metavar='VIDEO')
    parser.add_argument('config')
    parser.add_argument('checkpoint')
    parser.add_argument(
        '-o',
        '--out',
        type=Path,
        default=Path('work_dirs/classify'),
        help='folder to write to, default: %(default)s',
    )
    parser.add_argument(
        '--classes',
        type=Path,
        help='text file with a class name a line; default: the names in the checkpoint',
    )
    parser.add_argument(
        '--window', type=float, metavar='SECONDS', help='default: the length of a clip'
    )
    parser.add_argument(
        '--stride',
        type=float,
        default=0.5,
        help='distance between windows as part of a window, default: %(default)s',
    )
    parser.add_argument(
        '--top', type=int, default=5, help='classes to name, default: %(default)s'
    )
    parser.add_argument(
        '--min-score',
        type=float,
        default=0.0,
        help='name no class where none has this score, default: %(default)s',
    )
    parser.add_argument(
        '--captions', action='store_true', help='write a video with captions, too'
    )
    parser.add_argument('--batch-size', type=int, default=8, help='windows at a time')
    parser.add_argument('--device', help='default: a GPU where there is one')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args()


def load(args: argparse.Namespace) -> WindowClassifier:
    from mmengine.config import Config

    config = Config.fromfile(args.config)
    if args.cfg_options:
        config.merge_from_dict(args.cfg_options)
    classes = None
    if args.classes is not None:
        classes = read_names(args.classes)
    return WindowClassifier(
        config,
        args.checkpoint,
        classes,
        args.window,
        args.stride,
        args.batch_size,
        args.device,
    )


def main() -> None:
    args = parse_args()
    try:
        classifier = load(args)
    except (OSError, ValueError) as error:
        sys.exit(f'classify: {error}')
    if classifier.classes is None:
        print('The checkpoint has no class names; --classes FILE gives them.')

    failed = 0
    for video, stem in zip(args.videos, distinct_stems(args.videos), strict=True):
        windows = functools.partial(tqdm, desc=stem, unit='window')
        try:
            timeline = classifier.classify(video, windows)
            files = write_timeline(timeline, args.out / stem, args.top, args.min_score)
            if args.captions:
                files.append(args.out / f'{stem}.mp4')
                frames = functools.partial(tqdm, desc=files[-1].name, unit='frame')
                write_captions(timeline, files[-1], args.min_score, frames)
        except (FileNotFoundError, VideoReadError) as error:
            failed += 1
            print(f'classify: {error}', file=sys.stderr)
            continue
        print(
            f'\n{video}, {timeline.duration:.1f} s\n\n{top_table(timeline, args.top)}'
        )
        print(f'Written to {args.out}: {", ".join(file.name for file in files)}.')
    if failed:
        sys.exit(f'classify: {failed} of {len(args.videos)} videos could not be read.')


if __name__ == '__main__':
    main()
