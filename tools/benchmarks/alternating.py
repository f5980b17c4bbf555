"""What the benchmarks share: works timed in turns, ratios to a peer, the machine."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from tqdm import tqdm


def machine() -> str:
    """The accelerator or the processor, and torch."""
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
    """Seconds of every work, the works taking turns so that noise hits all alike.

    Args:
        works: What to time, by name. On a GPU until it has finished.
        passes: Times each.
        warmups: Passes before, not counted.
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
    """How many times faster than the peer, pass by pass: median, least and most."""
    ratios = [a / b for a, b in zip(peer, own, strict=True)]
    return f'{statistics.median(ratios):.2f}x ({min(ratios):.2f}-{max(ratios):.2f})'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, its columns aligned."""
    rows = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    rows.insert(1, ['-' * width for width in widths])
    return '\n'.join(
        '| '
        + ' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + ' |'
        for row in rows
    )
