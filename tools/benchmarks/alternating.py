"""What all benchmarks share: the checkout, timing in turns, ratios to a peer."""

import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from dem_mmaction.utils.statistics import t_interval

ROOT = Path(__file__).resolve().parents[2]


def machine() -> str:
    """Name the accelerator or the processor, and the version of torch."""
    if torch.cuda.is_available():
        place = torch.cuda.get_device_name()
    else:
        place = (
            f'{_processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads'
        )
    return f'{place}, torch {torch.__version__}'


def _processor() -> str:
    try:
        with open('/proc/cpuinfo') as lines:
            return next(
                line.split(':')[1].strip()
                for line in lines
                if line.startswith('model name')
            )
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def in_turns(
    works: Mapping[str, Callable[[], object]], passes: int, warmups: int = 1
) -> dict[str, list[float]]:
    """Time several works in turns, so that noise affects all of them alike.

    Args:
        works: What to time, by name. On a GPU, a work ends when the GPU has finished.
        passes: How often each work is timed.
        warmups: How often each work is run before that, without being timed.

    Returns:
        Seconds of each pass, by name.
    """
    seconds = {name: [] for name in works}
    bar = tqdm(total=(passes + warmups) * len(works), leave=False, unit='run')
    for number in range(passes + warmups):
        for name, work in works.items():
            bar.set_description(name)
            _wait()
            start = time.perf_counter()
            work()
            _wait()
            if number >= warmups:
                seconds[name].append(time.perf_counter() - start)
            bar.update()
    bar.close()
    return seconds


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def ratio(peer: Sequence[float], own: Sequence[float]) -> str:
    """Say how many times as fast as its peer something is.

    Args:
        peer: Seconds of each pass of the peer.
        own: Seconds of the same passes of the other.

    Returns:
        Median, least and most of the ratios of the passes: ``1.12x (0.97-1.22)``.

    Raises:
        ValueError: The two have different numbers of passes.
    """
    ratios = [a / b for a, b in zip(peer, own, strict=True)]
    return f'{statistics.median(ratios):.2f}x ({min(ratios):.2f}-{max(ratios):.2f})'


def mean_ratio(peer: Sequence[float], own: Sequence[float]) -> str:
    """Say how many times as fast as its peer something is, on the average.

    For a difference that is smaller than what a single pass moves by.

    Args:
        peer: Seconds of each pass of the peer.
        own: Seconds of the same passes of the other.

    Returns:
        Geometric mean of the ratios of the passes and its 95 % interval, Student's of
        their logarithms: ``0.98x [0.97, 0.99]``. Nothing with a single pass.

    Raises:
        ValueError: The two have different numbers of passes.
    """
    logs = [math.log(a / b) for a, b in zip(peer, own, strict=True)]
    found = t_interval(logs)
    if found is None:
        return ''
    mean, low, high = map(math.exp, (found.mean, found.low, found.high))
    return f'{mean:.2f}x [{low:.2f}, {high:.2f}]'
