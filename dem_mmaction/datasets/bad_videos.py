"""What is done about a video that cannot be read: another one, and a mark."""

import errno
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .transforms.video_io import VideoReadError

#: Videos that are tried for a sample before it is given up.
TRIES = 10
#: The field of a sample that names the videos that could not be read.
MARK = 'bad_videos'

#: A path and what is wrong with the file.
BadVideo = tuple[str, str]


class NoReadableVideoError(RuntimeError):
    """Many videos in a row cannot be read; names them."""


def sample_or_another(
    prepare: Callable[[int], Any], index: int, others: Iterator[int]
) -> Any:
    """A sample of a list, or of another entry with a mark.

    Args:
        prepare: Makes the sample of an index.
        index: The one that is wanted.
        others: What to try instead, in this order.

    Returns:
        The sample. The data samples in it have ``bad_videos`` among their meta
        information if it is not that of ``index``: the path and the reason of each
        video that could not be read.

    Raises:
        NoReadableVideoError: None of ten can be read.
    """
    bad: list[BadVideo] = []
    for _ in range(TRIES):
        try:
            sample = prepare(index)
        except VideoReadError as error:
            bad.append((error.filename, error.reason))
        except FileNotFoundError as error:
            # Another file that is missed is no bad video.
            if not hasattr(error, 'video'):
                raise
            bad.append((error.video, os.strerror(errno.ENOENT)))
        else:
            if bad and not _mark(sample, bad):
                break  # nobody would learn of it
            return sample
        index = next(others)
    raise NoReadableVideoError(
        f'{len(bad)} videos in a row cannot be read: '
        + '; '.join(f'{path} ({reason})' for path, reason in bad)
        + ". Is the disk there, and data_prefix['video'] of the data set right?"
    )


def at_random(length: int) -> Iterator[int]:
    """Indices drawn from a start that numpy's global generator gives.

    The global one alone would not do: where samples seed it, each index would be drawn
    by the one before, and bad videos that draw each other would never be left.
    """
    own = np.random.RandomState(np.random.randint(2**31))
    while True:
        yield int(own.randint(length))


def spread(index: int, length: int) -> Iterator[int]:
    """Indices all over a list, the same ones each time: a folder may be bad as one."""
    step = length // TRIES + 1
    while True:
        index = (index + step) % length
        yield index


def _mark(sample: Any, bad: list[BadVideo]) -> bool:
    """Mark every data sample in a sample; whether there was one."""
    marked = False
    for part in _data_samples(sample):
        part.set_metainfo({MARK: list(bad)})
        marked = True
    return marked


def bad_videos_of(batch: Any) -> list[BadVideo]:
    """The videos that could not be read for a batch, each once."""
    found = (getattr(part, MARK, ()) for part in _data_samples(batch))
    return list(dict.fromkeys(tuple(one) for own in found for one in own))


def _data_samples(batch: Any) -> Iterator[Any]:
    if isinstance(batch, dict):
        for part in batch.values():
            yield from _data_samples(part)
    elif isinstance(batch, (list, tuple)):
        for part in batch:
            yield from _data_samples(part)
    elif hasattr(batch, 'set_metainfo'):
        yield batch
