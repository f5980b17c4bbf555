"""MMAction2's video readers, with errors that name the file."""

import os.path as osp
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import cv2
import decord
import numpy as np
from mmaction.datasets.transforms import DecordDecode, DecordInit
from mmaction.registry import TRANSFORMS


class VideoReadError(RuntimeError):
    """The decoder cannot read a video; the message names the file.

    Attributes:
        filename: The file.
        reason: What is wrong with it.
    """

    def __init__(self, filename: str, reason: str) -> None:
        super().__init__(filename, reason)  # what pickle hands over
        self.filename, self.reason = filename, reason

    def __str__(self) -> str:
        return (
            f"The video '{self.filename}' cannot be read: {self.reason}. Is it "
            'complete? Replace it or take it off the annotation list.'
        )


@contextmanager
def naming(filename: str) -> Iterator[None]:
    """Name the file in whatever a decoder raises.

    Raises:
        FileNotFoundError: There is no such file.
        VideoReadError: Anything else was raised.
    """
    if '://' not in filename and not osp.isfile(filename):
        error = FileNotFoundError(
            f"No video '{filename}'. Paths in an annotation list are relative to "
            "data_prefix['video'], by default the folder of the list."
        )
        error.video = filename  # OSError.filename would take the place of the words
        raise error
    try:
        yield
    except Exception as error:  # decord has several, none of them names the file
        raise VideoReadError(filename, decoder_words(error)) from error


def decoder_words(error: Exception) -> str:
    """What a decoder says, in a line, without its clock, source files and stack."""
    words = (str(error).strip() or type(error).__name__).splitlines()[0]
    words = re.sub(r'^(\[[\d:]+\] \S+:\d+: )+(\[.*?\] )?', '', words)
    return re.sub(r'^Check failed: .*?\) (?=\w)(ERROR )?', '', words).rstrip('.')


@TRANSFORMS.register_module()
class VideoInit(DecordInit):
    """``DecordInit`` that names a file it cannot open.

    Files on disk are read by the decoder itself: decord 0.6.0 crashes the process on
    truncated AVI files that it is given as bytes.

    A sample that has its frames already stays as it is: MMAction2's demo of long videos
    puts them into ``array``, that of webcams into ``imgs`` of a sample without a file,
    and both remove the reading steps that they know by name.

    Raises:
        FileNotFoundError: There is no such file.
        VideoReadError: The file is not a video, or has no frames.
    """

    def _get_video_reader(self, filename: str) -> decord.VideoReader:
        if osp.isfile(filename):
            return decord.VideoReader(filename, num_threads=self.num_threads)
        return super()._get_video_reader(filename)

    def transform(self, results: dict) -> dict:
        """Add ``video_reader``, ``total_frames`` and ``avg_fps``."""
        if _has_frames(results):
            return results
        with naming(results['filename']):
            results = super().transform(results)
            if results['total_frames'] < 1:
                raise ValueError('it has no frames')
        return results


@TRANSFORMS.register_module()
class VideoDecode(DecordDecode):
    """``DecordDecode`` that goes through a video once and names a damaged one.

    With clips in random order the decoder would go back to a key frame for each of
    them, and decode the frames that they share several times. Here every frame that any
    clip needs is decoded once, in the order of the file. A sample that has its frames
    already stays as it is, as with :class:`VideoInit`.

    Frames of more than ``max_pixels`` are made smaller one by one as they are decoded,
    so that a sample takes a bounded amount of memory: four clips of 16 frames 400 MB.

    Args:
        max_pixels: Width times height above which frames are made smaller, by the mean
            of the area that a pixel covers. The default is 1920x1088.
        mode: As in ``DecordDecode``.

    Raises:
        ValueError: ``max_pixels`` is below 1.
        VideoReadError: The decoder stopped at damage in the file.
    """

    def __init__(self, mode: str = 'accurate', max_pixels: int = 1920 * 1088) -> None:
        super().__init__(mode)
        if max_pixels < 1:
            raise ValueError(f'max_pixels={max_pixels} must be 1 or more.')
        self.max_pixels = max_pixels

    def _decord_load_frames(
        self, container: decord.VideoReader, frame_inds: np.ndarray
    ) -> list[np.ndarray]:
        needed, places = np.unique(frame_inds, return_inverse=True)
        load = super()._decord_load_frames
        first = load(container, needed[:1])[0]
        height, width = first.shape[:2]
        if height * width <= self.max_pixels:
            rest = load(container, needed[1:]) if len(needed) > 1 else []
            return at_places([first, *rest], places)
        scale = (self.max_pixels / (height * width)) ** 0.5
        size = max(1, int(width * scale)), max(1, int(height * scale))
        small = [cv2.resize(first, size, interpolation=cv2.INTER_AREA)]
        for index in needed[1:]:
            frame = load(container, np.array([index]))[0]
            small.append(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
        return at_places(small, places)

    def transform(self, results: dict) -> dict:
        """Add ``imgs``, a list of (H, W, 3) uint8 frames in RGB."""
        if _has_frames(results):
            return results
        with naming(results['filename']):
            return super().transform(results)


def _has_frames(results: dict) -> bool:
    return 'array' in results or ('imgs' in results and 'filename' not in results)


def at_places(frames: Sequence[np.ndarray], places: Iterable[int]) -> list[np.ndarray]:
    """Put frames at places, each in memory of its own: later steps may write to it.

    Args:
        frames: Frames without repetition.
        places: Index into ``frames`` of each result.
    """
    used, placed = set(), []
    for place in places:
        placed.append(frames[place].copy() if place in used else frames[place])
        used.add(place)
    return placed
