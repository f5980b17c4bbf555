"""Motion blur in time: the mean of neighbouring frames."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class TakeNeighbours(BaseTransform):
    """Ask for the neighbours of each frame, for :class:`MeanOfNeighbours`.

    Stands before the decoding. The neighbours of frame n are n - k to n + k of the
    video, with the first or the last frame repeated beyond its ends, whatever the frame
    interval of the clip.

    Required keys: ``frame_inds``, ``total_frames``. Changed: ``frame_inds``, (frames *
    width,).

    Args:
        width: 2 k + 1.

    Raises:
        ValueError: The width is no odd number from 1 on.
    """

    def __init__(self, width: int) -> None:
        self.width = check_width(width)

    def transform(self, results: dict) -> dict:
        """Choose the frames."""
        first = results.get('start_index', 0)
        offsets = np.arange(self.width) - self.width // 2
        frames = np.asarray(results['frame_inds'])[:, None] + offsets
        frames = np.clip(frames, first, first + results['total_frames'] - 1)
        results['frame_inds'] = frames.ravel().astype(np.int32)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(width={self.width})'


@TRANSFORMS.register_module()
class MeanOfNeighbours(BaseTransform):
    """Give each frame the mean of its neighbours, as a long exposure does.

    Stands right after the decoding, :class:`TakeNeighbours` before it. Of the
    corruptions of Mini Kinetics-C (Yi et al., "Benchmarking the Robustness of
    Spatial-Temporal Models Against Corruptions", NeurIPS 2021) the motion blur;
    severities: 3, 5, 7, 9, 11 frames; 1 changes nothing. Means are rounded to the
    nearest integer, halves to the even one.

    Required keys: ``imgs``, ``frame_inds``. Changed: both, back to one frame each.

    Args:
        width: As in ``TakeNeighbours``.

    Raises:
        ValueError: The width is no odd number from 1 on.
    """

    def __init__(self, width: int) -> None:
        self.width = check_width(width)

    def transform(self, results: dict) -> dict:
        """Average the frames."""
        imgs, means = results['imgs'], []
        for start in range(0, len(imgs), self.width):
            total = np.zeros(imgs[start].shape, np.float32)
            for img in imgs[start : start + self.width]:
                total += img  # exact: sums of so few bytes are integers
            means.append(np.rint(total / self.width).astype(imgs[start].dtype))
        results['imgs'] = means
        middles = np.asarray(results['frame_inds']).reshape(-1, self.width)
        results['frame_inds'] = middles[:, self.width // 2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(width={self.width})'


def check_width(width: int) -> int:
    """Refuse what has no middle.

    Raises:
        ValueError: Names it.
    """
    if not isinstance(width, int) or width < 1 or width % 2 == 0:
        raise ValueError(f'width={width!r} must be an odd integer from 1 on.')
    return width
