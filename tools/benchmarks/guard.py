#!/usr/bin/env python
"""Time the training loader of a config with and without the guard of BadVideosHook.

In workers samples seed themselves, as in trainings with ReseedEpochHook.

The guard reads each video in a child of the worker, so that a decoder may abort or hang
without the run, and hands the clips over. Reads epochs of random clips from the videos
of the given folders, as the pipeline of the config makes them, by a loader with workers
and in this process without one; both ways take turns. Prints clips a second and the
ratio: 0.98 is a loss of 2 %. Single passes differ by more than that, their mean has an
interval. The last line has the least time that the sample of a video took to be handed
over, and to be read, both without waiting.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
from alternating import in_turns, machine, mean_ratio, ratio
from mmengine.config import Config
from mmengine.runner import Runner
from on_videos import clips_a_video, on_videos, parser
from torch.utils.data import DataLoader

import dem_mmaction  # noqa: F401  registers the steps
from dem_mmaction.datasets import IsolatedPipeline, Notes, WatchedLoader
from dem_mmaction.engine import ReseedEpochHook
from dem_mmaction.utils import markdown_table


def parse_args() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument('--number', type=int, default=48, help='videos an epoch')
    options.add_argument('--workers', type=int, default=1)
    options.add_argument('--passes', type=int, default=9)
    return options.parse_args()


def make_loader(config: Config, guarded: bool) -> DataLoader | WatchedLoader:
    """Build the training loader, guarded as BadVideosHook does it or not."""
    loader = Runner.build_dataloader(config.train_dataloader, seed=0)
    ReseedEpochHook().seed_samples(loader)
    if not guarded:
        return loader
    notes = Notes(loader.num_workers)
    loader.dataset.guard(60.0, True, notes)
    return WatchedLoader(loader, notes, 90.0)


def least(work: Callable[[], object], times: int) -> float:
    """Least time of a work in milliseconds, after one that is not counted."""
    work()
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return 1e3 * min(seconds)


def handed_over(sample: dict) -> float:
    """Milliseconds that a sample takes through the guard alone."""
    isolated = IsolatedPipeline(lambda info: sample, 60.0)
    took = least(lambda: isolated(dict(filename='a')), 300)
    isolated.close()
    return took


def report(where: str, seconds: Mapping[str, Sequence[float]], clips: int) -> None:
    """Print the table of one way to read, a row without the guard and one with it."""
    base = seconds['none']
    rows = [
        [
            name,
            f'{clips / statistics.median(own):.1f}',
            ratio(base, own),
            mean_ratio(base, own),
        ]
        for name, own in seconds.items()
    ]
    head = [f'guard, {where}', 'clips/s', 'to none', 'mean, 95 % interval']
    print('\n' + markdown_table(head, rows), flush=True)


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = on_videos(
            args.config, args.videos, Path(folder), args.number, args.cfg_options
        )
        config.train_dataloader.num_workers = args.workers
        cv2.setNumThreads(config.env_cfg.mp_cfg.opencv_num_threads)
        loaders = {'none': make_loader(config, False), 'on': make_loader(config, True)}
        clips = args.number * clips_a_video(config)

        def read(loader: DataLoader | WatchedLoader) -> None:
            for _ in loader:
                pass

        print(f'{machine()}; {args.workers} workers, {args.number} videos an epoch')
        works = {name: lambda own=own: read(own) for name, own in loaders.items()}
        report('by a loader', in_turns(works, args.passes), clips)
        here = {}
        for name, guarded in zip(loaders, (False, True), strict=True):
            dataset = make_loader(config, guarded).dataset
            everything = range(len(dataset))
            here[name] = partial(dataset.__getitems__, everything)
        report('in this process', in_turns(here, args.passes), clips)
        dataset = Runner.build_dataloader(config.train_dataloader, seed=0).dataset
        handing = handed_over(dataset[0])
        reading = [
            least(lambda index=index: dataset[index], 5)
            for index in range(len(dataset))
        ]
    print(
        f'A video takes {statistics.mean(reading):.1f} ms to read, {min(reading):.1f} '
        f'the fastest; its clips take {handing:.2f} ms to be handed over.'
    )


if __name__ == '__main__':
    main()
