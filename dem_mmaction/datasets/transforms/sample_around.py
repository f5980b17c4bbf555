"""Clips around a moment of a video, such as the middle of a spoken word."""

import math

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


def check_integers(least: int, **values: object) -> None:
    """Refuse what is no integer of at least ``least``.

    Raises:
        ValueError: Names the first of ``values`` that is none.
    """
    for name, value in values.items():
        if not isinstance(value, int) or value < least:
            raise ValueError(f'{name}={value!r} must be an integer from {least} on.')


def draw_moment(results: dict, field: str | None, jitter: int = 0) -> float:
    """The moment that a clip of a sample lies around, in frames since its start.

    Args:
        results: The sample, with ``total_frames``.
        field: Name of the field of the moment, a number or its text. None: the middle
            of the video.
        jitter: Largest number of frames by which it moves to either side; all moves are
            equally probable.

    Raises:
        KeyError: The sample has no such field.
        ValueError: It is no moment of the video.
    """
    move = np.random.randint(-jitter, jitter + 1) if jitter else 0
    total = results['total_frames']
    if field is None:
        return total / 2 + move
    where = results.get('filename', 'the video')
    if field not in results:
        raise KeyError(
            f"The sample of '{where}' has no field '{field}' to sample around. Write "
            f'{field}=... behind the label in the annotation list, or set centre=None '
            'in the sampling step.'
        )
    value = results[field]
    try:
        moment = float(value)
    except (TypeError, ValueError):
        moment = math.nan
    if not 0 <= moment <= total:
        raise ValueError(
            f"{field}={value} of '{where}' must be a number from 0 to {total}, its "
            'number of frames, to sample a clip around.'
        )
    return moment + move


def frames_around(
    moment: float, interval: float, clip_len: int, total: int
) -> np.ndarray:
    """The frames shown at moments that lie symmetrically around one.

    Args:
        moment: The middle, in frames since the start of the video.
        interval: Distance between the moments in frames.
        clip_len: Number of moments.
        total: Number of frames of the video, whose first and last repeat beyond it.

    Returns:
        Numbers of frames, (clip_len,), floating point.
    """
    steps = np.arange(clip_len) - (clip_len - 1) / 2
    return np.clip(np.floor(moment + interval * steps), 0, total - 1)


@TRANSFORMS.register_module()
class SampleAround(BaseTransform):
    """Sample one clip whose middle is a given moment, whatever its frame interval.

    Time is counted in frames since the start of the video, so that frame t shows the
    time from t to t + 1, and the middle of a video of T frames is T / 2. The clip_len
    moments of a clip are ``frame_interval`` apart and lie symmetrically around the
    centre; the clip has the frames that are shown at them: the moment, rounded down.
    With an interval below 1 frames repeat, as in slow motion. Beyond the ends of the
    video the first or the last frame repeats.

    Outside test mode the centre moves by a random whole number of frames.

    Required keys: ``total_frames``, ``start_index``, and the field of the centre.
    Added: ``frame_inds``, (clip_len,) int32, ``clip_len``, ``num_clips`` (1),
    ``frame_interval``.

    Args:
        clip_len: Number of frames of the clip, default 16.
        frame_interval: Distance between the moments in frames, a number above 0,
            default 1.
        centre: Name of the field with the centre in frames, a number or its text, as
            an annotation list has it; default ``'centre'``. None: the middle of the
            video.
        jitter: Largest number of frames by which the centre moves to either side,
            default 0; all moves are equally probable.
        test_mode: Whether the centre stays where it is, default False.

    Raises:
        ValueError: A value is outside its range; in a sample, the centre is no moment
            of the video.
        KeyError: A sample has no such field.
    """

    def __init__(
        self,
        clip_len: int = 16,
        frame_interval: float = 1,
        centre: str | None = 'centre',
        jitter: int = 0,
        test_mode: bool = False,
    ) -> None:
        check_integers(1, clip_len=clip_len)
        check_integers(0, jitter=jitter)
        number = isinstance(frame_interval, (int, float))
        if not number or not 0 < frame_interval < math.inf:
            raise ValueError(
                f'frame_interval={frame_interval!r} must be a number above 0.'
            )
        self.clip_len = clip_len
        self.frame_interval = frame_interval
        self.centre = centre
        self.jitter = jitter
        self.test_mode = test_mode

    def transform(self, results: dict) -> dict:
        """Choose the frames of the clip."""
        total = results['total_frames']
        jitter = 0 if self.test_mode else self.jitter
        centre = draw_moment(results, self.centre, jitter)
        frames = frames_around(centre, self.frame_interval, self.clip_len, total)
        frames += results['start_index']
        results['frame_inds'] = frames.astype(np.int32)
        results['clip_len'] = self.clip_len
        results['num_clips'] = 1
        results['frame_interval'] = self.frame_interval
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(clip_len={self.clip_len}, '
            f'frame_interval={self.frame_interval}, centre={self.centre!r}, '
            f'jitter={self.jitter}, test_mode={self.test_mode})'
        )
