"""Videos decoded once and kept in memory, for data sets that fit there."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import cv2
import decord
import numpy as np
from mmengine.dist import is_main_process
from tqdm import tqdm

from .processes import Failure, num_cores, one_opencv_thread, run_in_processes
from .transforms.video_io import VideoReadError, naming

# Seconds for one video; a decoder that hangs would never end.
_LIMIT = 300.0
# Frames of full size in memory at a time.
_CHUNK = 32


class FramesInMemory(Mapping[str, np.ndarray]):
    """The frames of videos by the path of the file.

    Each is a uint8 RGB array of shape (T, H, W, 3) that cannot be written to, because
    all samples of a video share it. Copies of the mapping share it, too.

    Args:
        paths: The files; one that is there several times is decoded once.
        size: Width and height to resize frames to, by the mean of the area that a pixel
            covers. By default None: frames keep their own size.

    Raises:
        FileNotFoundError: There is no such file.
        VideoReadError: A file cannot be decoded; names it.
    """

    def __init__(
        self, paths: Iterable[str], size: tuple[int, int] | None = None
    ) -> None:
        wanted = list(dict.fromkeys(paths))
        found = {}
        with one_opencv_thread():  # forked processes would wait for others
            work = run_in_processes(
                partial(read_frames, size=size), wanted, num_cores(), _LIMIT
            )
            hidden = None if is_main_process() else True  # None: but on a terminal
            for path, frames in tqdm(
                work, 'decode', len(wanted), unit='video', disable=hidden
            ):
                if isinstance(frames, Failure):
                    raise VideoReadError(path, f'it {frames.reason}')
                found[path] = frames
        self._frames = {path: found[path] for path in wanted}

    def __getitem__(self, path: str) -> np.ndarray:
        frames = self._frames[path].view()
        frames.flags.writeable = False
        return frames

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def __deepcopy__(self, memo: dict) -> 'FramesInMemory':
        return self  # nothing in it changes


def read_frames(path: str, size: tuple[int, int] | None = None) -> np.ndarray:
    """Decode all frames of a video in order and resize them.

    Args:
        path: The file.
        size: Width and height in pixels. By default None: those of the video.

    Returns:
        RGB frames, uint8, shape (T, height, width, 3).

    Raises:
        FileNotFoundError: There is no such file.
        VideoReadError: It cannot be decoded; names the file.
    """
    with naming(path):
        reader = decord.VideoReader(path, num_threads=1)
        total = len(reader)
        if total < 1:
            raise ValueError('it has no frames')
        chunks = (
            range(start, min(start + _CHUNK, total))
            for start in range(0, total, _CHUNK)
        )
        frames = [
            cv2.resize(frame, size or frame.shape[1::-1], interpolation=cv2.INTER_AREA)
            for chunk in chunks
            for frame in reader.get_batch(chunk).asnumpy()
        ]
    return np.stack(frames)
