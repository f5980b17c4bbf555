#!/usr/bin/env python
"""Time the way from a video file to augmented clips, on one core.

Each video is opened once, and several random clips of 16 frames are read from it,
resized with jitter, rotated, cropped to 112x112, flipped and packed. This is done by
MMAction2's own steps on the originals, by the steps of this package on the same files,
and by these on fast copies, made as tools/data/prepare.py --transcode makes them. The
three take turns and read the same places of a video; a first pass is not counted.

Prints clips a second, how many times as fast as MMAction2's steps that is (median,
least and most of the passes), the share of each step in the time, and how many frames
are decoded for each that is needed: decoding can start at key frames alone.

MMAction2 has no rotation: it is added to its steps by mmcv.imrotate, a frame at a time.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

import cv2
import decord
import mmcv
import numpy as np
import torch
from alternating import machine, ratio
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform
from tqdm import tqdm

import dem_mmaction  # noqa: F401  registers the steps
from dem_mmaction.datasets.preparation.check import DamagedVideo, check_video
from dem_mmaction.datasets.preparation.files import find_files
from dem_mmaction.datasets.preparation.transcode import CopySettings, transcode
from dem_mmaction.datasets.processes import Failure, num_cores, run_in_processes
from dem_mmaction.utils import markdown_table


@TRANSFORMS.register_module()
class Rotate(BaseTransform):
    """Rotates clips as one would do it between MMAction2's steps."""

    def transform(self, results: dict) -> dict:
        angle = np.random.uniform(-15, 15)
        results['imgs'] = [mmcv.imrotate(img, angle) for img in results['imgs']]
        return results


PACK = [dict(type='FormatShape', input_format='NCTHW'), dict(type='PackActionInputs')]
STOCK = [
    dict(type='DecordInit'),
    dict(type='SampleFrames'),
    dict(type='DecordDecode'),
    # The mean of the jitter, in both directions as ClipWarp has it.
    dict(type='Resize', scale=(188, 141), keep_ratio=False),
    dict(type='Rotate'),
    dict(type='RandomCrop', size=112),
    dict(type='Flip', flip_ratio=0.5),
    *PACK,
]
OURS = [
    dict(type='VideoInit'),
    dict(type='SampleFrames'),
    dict(type='VideoDecode'),
    dict(type='ClipWarp', size=112, scale=(171, 128)),
    *PACK,
]
PARTS = {
    'open': ('DecordInit', 'VideoInit', 'SampleFrames'),
    'decode': ('DecordDecode', 'VideoDecode'),
    'warp': ('Resize', 'Rotate', 'RandomCrop', 'Flip', 'ClipWarp'),
    'pack': ('FormatShape', 'PackActionInputs'),
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', type=Path, nargs='+', help='folders')
    parser.add_argument('--clips', type=int, default=4, help='clips of a video')
    parser.add_argument(
        '--rates',
        type=int,
        nargs='+',
        default=[1, 2, 4],
        help='read every rate-th frame',
    )
    parser.add_argument('--passes', type=int, default=7)
    parser.add_argument('--short-side', type=int, default=154, help='pixels, of copies')
    parser.add_argument(
        '--key-frames', type=int, default=16, help='frames between, of copies'
    )
    return parser.parse_args()


class Way:
    """Steps from a file to packed clips, each timed.

    Args:
        steps: Configs of the steps.
        clips: Number of clips of a video.
        rate: Every rate-th frame is read.
    """

    def __init__(self, steps: list[dict], clips: int, rate: int) -> None:
        sampling = dict(clip_len=16, frame_interval=rate, num_clips=clips)
        self.shape = (clips, 3, 16, 112, 112)
        self.steps = [
            (
                step['type'],
                TRANSFORMS.build(
                    dict(step, **sampling) if step['type'] == 'SampleFrames' else step
                ),
            )
            for step in steps
        ]
        self.seconds = Counter()
        self.needed = self.decoded = 0

    def __call__(self, path: Path, seed: int) -> float:
        """Return the seconds for a video; the seed determines where its clips are."""
        np.random.seed(seed)
        results = dict(filename=str(path), start_index=0, modality='RGB', label=0)
        first = last = time.perf_counter()
        for kind, step in self.steps:
            results = step(results)
            now = time.perf_counter()
            self.seconds[kind] += now - last
            last = now
            if kind.endswith('Decode'):
                self.frames = results['frame_inds']
        assert results['inputs'].shape == self.shape
        assert results['inputs'].dtype == torch.uint8  # floats come on the device
        return last - first

    def count_frames(self, path: Path) -> None:
        """Count the frames decoded from key frames on to reach all that are needed."""
        needed = np.unique(self.frames)
        keys = decord.VideoReader(str(path)).get_key_indices()
        self.needed += len(needed)
        starts = np.asarray(keys)[np.searchsorted(keys, needed, 'right') - 1]
        before = np.concatenate(([-1], needed[:-1]))
        self.decoded += int(np.sum(needed - np.maximum(starts - 1, before)))

    def shares(self) -> list[str]:
        """Return the share of each part in the time."""
        total = sum(self.seconds.values())
        return [
            f'{100 * sum(self.seconds[kind] for kind in kinds) / total:.0f} %'
            for kinds in PARTS.values()
        ]


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copies = make_copies(args, Path(folder))
        cv2.setNumThreads(0)  # as in the configs
        if hasattr(os, 'sched_setaffinity'):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        sizes = [
            sum(path.stat().st_size for path in paths) / 1e6
            for paths in (copies, copies.values())
        ]
        print(
            f'{machine()}, one core used; {len(copies)} videos, {sizes[0]:.1f} MB, '
            f'copies {sizes[1]:.1f} MB; {args.clips} clips a video, {args.passes} '
            'passes'
        )
        for rate in args.rates:
            print('\n' + compare(copies, args.clips, rate, args.passes), end='')


def make_copies(args: argparse.Namespace, folder: Path) -> dict[Path, Path]:
    """Make fast copies of all usable videos; return them by original."""
    settings = CopySettings(args.short_side, args.key_frames)
    jobs = {
        path: folder / f'{i}.mp4'
        for i, path in enumerate(
            path for videos in args.videos for path in find_files(videos).paths
        )
    }
    work = run_in_processes(
        partial(_copy, settings=settings),
        jobs.items(),
        num_cores(),
        600.0,
        DamagedVideo,
    )
    return dict(
        job
        for job, result in tqdm(work, 'copy', len(jobs), leave=False)
        if not isinstance(result, Failure)
    )


def _copy(job: tuple[Path, Path], settings: CopySettings) -> None:
    check_video(job[0])
    transcode(*job, settings)


def compare(copies: dict[Path, Path], clips: int, rate: int, passes: int) -> str:
    """Return the table of a sub-sampling rate."""
    ways = {
        'MMAction2, originals': (Way(STOCK, clips, rate), 0),
        'ours, originals': (Way(OURS, clips, rate), 0),
        'ours, fast copies': (Way(OURS, clips, rate), 1),
    }
    peer = next(iter(ways))
    seconds = {name: [] for name in ways}
    for number in tqdm(range(passes + 1), f'SR {rate}', leave=False):
        sums = Counter()
        for i, pair in enumerate(copies.items()):
            for name, (way, file) in ways.items():
                sums[name] += way(pair[file], seed=1000 * number + i)
                if number and name != peer:  # the peer decodes some frames twice
                    way.count_frames(pair[file])
        for name, (way, _) in ways.items():
            if number:
                seconds[name].append(sums[name])
            else:
                way.seconds.clear()
    total = clips * len(copies)
    return markdown_table(
        [f'SR {rate}', 'clips/s', 'to MMAction2', *PARTS, 'decoded a needed frame'],
        [
            [
                name,
                f'{total / statistics.median(seconds[name]):.0f}',
                ratio(seconds[peer], seconds[name]),
                *way.shares(),
                f'{way.decoded / way.needed:.1f}' if way.needed else '',
            ]
            for name, (way, _) in ways.items()
        ],
    )


if __name__ == '__main__':
    main()
