"""Clips without the order of their frames: controls of what a data set asks for."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

#: What can become of the frames of a clip.
CONTROLS = ('one_frame', 'shuffled')


@TRANSFORMS.register_module()
class RemoveOrder(BaseTransform):
    """Take the order of their frames from clips, before the frames are decoded.

    It stands after the step that chooses the frames, in training and in the test. A
    network that still learns the classes does so by what frames show, not by motion.

    Required keys: ``frame_inds``, ``num_clips``, ``clip_len``. Changed:
    ``frame_inds``.

    Args:
        control: ``'one_frame'`` repeats one frame of each clip, drawn at random, and
            ``'shuffled'`` puts the frames of each clip in a random order.

    Raises:
        ValueError: The control is unknown.
    """

    def __init__(self, control: str) -> None:
        if control not in CONTROLS:
            raise ValueError(
                f'control={control!r} must be one of {", ".join(CONTROLS)}.'
            )
        self.control = control

    def transform(self, results: dict) -> dict:
        """Choose among the frames of each clip."""
        clips = np.reshape(
            results['frame_inds'], (results['num_clips'], results['clip_len'])
        )
        order = np.random.rand(*clips.shape).argsort(1)
        if self.control == 'one_frame':
            order[:] = order[:, :1]
        results['frame_inds'] = np.take_along_axis(clips, order, 1).ravel()
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(control={self.control!r})'
