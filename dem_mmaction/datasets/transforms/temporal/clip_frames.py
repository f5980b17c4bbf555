"""What transforms of the time in clips have in common."""

import zlib
from abc import abstractmethod
from pathlib import PurePath

import numpy as np
from mmcv.transforms import BaseTransform

#: What a map of time runs over: the frames of each clip, or the whole video.
OVER = ('clip', 'video')

# Positions such as 0.7 * 10 must not fall below the number that they stand for.
_ROUNDING = 1e-9


class ClipFrames(BaseTransform):
    """Choose among the frames of clips that a sampling step has chosen.

    Stands after the sampling step and before the decoding. The frames that a network
    sees together are a *sequence*: a clip, or for networks of single frames
    (``clip_len`` 1, as with TSN and TSM) the frames of all segments.

    Args:
        seed: Random numbers depend on it and on the name of the video alone, so that a
            video is treated alike in each run and by each process. None: they are drawn
            anew each time, as for training.
    """

    def __init__(self, seed: int | None = 0) -> None:
        self.seed = seed

    def sequences(self, results: dict) -> np.ndarray:
        """The numbers of the frames, a sequence a row.

        Returns:
            Integers, (sequences, length), counted from the first frame of the video.
        """
        length = results['clip_len']
        if length == 1:
            length = results['num_clips']
        frames = np.asarray(results['frame_inds']) - results.get('start_index', 0)
        return frames.reshape(-1, length)

    def replace(self, results: dict, sequences: np.ndarray) -> dict:
        """Put sequences, perhaps of another length, in the place of the old ones."""
        length = sequences.shape[1]
        results['num_clips' if results['clip_len'] == 1 else 'clip_len'] = length
        frames = sequences.ravel() + results.get('start_index', 0)
        results['frame_inds'] = frames.astype(np.int32)
        return results

    def generator(self, results: dict) -> np.random.Generator:
        """The random numbers of a video."""
        if self.seed is None:
            return np.random.default_rng(np.random.randint(2**31))
        # The name alone: the same video lies in another folder on another machine.
        name = PurePath(str(results.get('filename', results.get('frame_dir', '')))).name
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])


class TimeMap(ClipFrames):
    """Show at each position of a sequence what another position has.

    Subclasses say by :meth:`positions` which one. A position between two frames shows
    the frame of the video that lies there, rounded down, so that clips of a frame
    interval above 1 have finer steps than their own.

    Required keys: ``frame_inds``, ``clip_len``, ``num_clips``; ``total_frames`` with
    ``over='video'``. Changed: ``frame_inds``.

    Args:
        over: ``'clip'``: the sequence is mapped that the network sees. ``'video'``: the
            video is, all its frames, and the network's own sampling step looks at the
            video that comes out.
        seed: See :class:`ClipFrames`.

    Raises:
        ValueError: ``over`` is none of these.
    """

    def __init__(self, over: str = 'clip', seed: int | None = 0) -> None:
        super().__init__(seed)
        if over not in OVER:
            raise ValueError(f'over={over!r} must be one of {", ".join(OVER)}.')
        self.over = over

    @abstractmethod
    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """Where each position of a sequence looks.

        Args:
            length: Number of frames L of the sequence.
            generator: Random numbers.

        Returns:
            Numbers in [0, L - 1], (L,).
        """

    def transform(self, results: dict) -> dict:
        """Map the frames of each sequence."""
        sequences, generator = self.sequences(results), self.generator(results)
        if self.over == 'video':
            places = self.positions(results['total_frames'], generator)
            video = np.floor(np.asarray(places) + _ROUNDING).astype(int)
            return self.replace(results, video[sequences])
        mapped = [
            frames_at(row, self.positions(len(row), generator)) for row in sequences
        ]
        return self.replace(results, np.stack(mapped))

    def __repr__(self) -> str:
        values = ', '.join(f'{name}={value!r}' for name, value in vars(self).items())
        return f'{type(self).__name__}({values})'


def frames_at(sequence: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """The frames that a sequence shows at positions.

    Args:
        sequence: Numbers of frames, (L,).
        positions: In [0, L - 1].

    Returns:
        Integers, one a position. Between two frames time runs evenly; where a clip goes
        back, as one that was looped, the earlier frame is held.
    """
    positions = np.asarray(positions, float) + _ROUNDING
    before = np.floor(positions).astype(int)
    after = np.minimum(before + 1, len(sequence) - 1)
    step = np.maximum(sequence[after] - sequence[before], 0)
    return sequence[before] + np.floor((positions - before) * step).astype(int)
