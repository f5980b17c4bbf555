#!/usr/bin/env python
"""Time reading a random clip from fast copies against the originals, in one run.

Copies the videos of a folder as tools/data/prepare.py --transcode does, then reads 16
frames at a random place of each video, every frame, every second and every fourth, with
the steps of the configs: VideoInit, SampleFrames, VideoDecode. Originals and copies
take turns, at the same places; a pass before that is not counted. Prints median
milliseconds a clip, the ratio of the sums, its median and spread over the passes.
"""
import argparse
import os
import platform
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

RATES = (1, 2, 4)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('videos', type=Path, nargs='+', help='folders')
    parser.add_argument('--short-side', type=int, default=154)
    parser.add_argument('--key-frames', type=int, default=16)
    parser.add_argument('--passes', type=int, default=7)
    return parser.parse_args()


def read(steps: list, path: Path, seed: int) -> float:
    """Seconds to read a clip; the seed says from where."""
    import numpy as np
    np.random.seed(seed)
    results = dict(filename=str(path), start_index=0, modality='RGB')
    start = time.perf_counter()
    for step in steps:
        results = step(results)
    assert len(results['imgs']) == 16
    return time.perf_counter() - start


def main() -> None:
    args = parse_args()
    from mmaction.registry import TRANSFORMS
    from tqdm import tqdm

    import dem_mmaction  # noqa: F401  registers the steps
    from dem_mmaction.datasets.preparation.check import DamagedVideo, check_video
    from dem_mmaction.datasets.preparation.files import find_files
    from dem_mmaction.datasets.preparation.transcode import CopySettings, transcode
    from dem_mmaction.datasets.processes import Failure, num_cores, run_in_processes

    settings = CopySettings(args.short_side, args.key_frames)
    with tempfile.TemporaryDirectory() as folder:
        jobs = {path: Path(folder) / f'{i}.mp4'
                for i, path in enumerate(
                    path for videos in args.videos
                    for path in find_files(videos).paths)}
        work = run_in_processes(
            partial(copy_and_check, settings=settings, check=check_video,
                    transcode=transcode), jobs.items(), num_cores(), 600., DamagedVideo)
        made = dict(path for path, result in tqdm(work, 'copy', len(jobs))
                    if not isinstance(result, Failure))
        originals = sum(path.stat().st_size for path in made)
        copies = sum(path.stat().st_size for path in made.values())
        print(f'{platform.machine()}, {os.cpu_count()} cores, decord with 1 thread; '
              f'{len(made)} of {len(jobs)} videos, {originals / 1e6:.1f} MB, copies '
              f'{copies / 1e6:.1f} MB, short side {args.short_side}, a key frame in '
              f'{args.key_frames}')
        for rate in RATES:
            steps = [TRANSFORMS.build(step) for step in (
                dict(type='VideoInit'),
                dict(type='SampleFrames', clip_len=16, frame_interval=rate),
                dict(type='VideoDecode'))]
            compare(steps, made, rate, args.passes)


def copy_and_check(job: tuple[Path, Path], settings, check, transcode) -> int:
    """Copy a whole video."""
    check(job[0])
    return transcode(*job, settings)


def compare(steps: list, made: dict[Path, Path], rate: int, passes: int) -> None:
    """Print a line for a rate."""
    times = {'original': [], 'copy': []}
    ratios = []
    for number in range(passes + 1):
        sums = dict.fromkeys(times, 0.)
        for i, pair in enumerate(made.items()):
            for kind, path in zip(times, pair, strict=True):
                seconds = read(steps, path, seed=1000 * number + i)
                sums[kind] += seconds
                if number:
                    times[kind].append(1e3 * seconds)
        if number:
            ratios.append(sums['original'] / sums['copy'])
    original, copy = (statistics.median(own) for own in times.values())
    print(f'SR {rate}: original {original:6.1f} ms, copy {copy:6.1f} ms a clip; '
          f'{statistics.median(ratios):.1f}x ({min(ratios):.1f} to {max(ratios):.1f})')


if __name__ == '__main__':
    main()
