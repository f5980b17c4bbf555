"""Clips under several conditions from one reading of a video."""

from collections.abc import Mapping, Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform, Compose

from dem_mmaction.datasets.transforms import at_places

# What the choice of frames adds to the results of a pipeline.
_CHOSEN = ('frame_inds', 'clip_len', 'num_clips', 'frame_interval')


@TRANSFORMS.register_module()
class SampleConditions(BaseTransform):
    """Choose frames under several conditions, decode once, finish each by itself.

    Takes the place of the sampling, the decoding and all further steps of a test
    pipeline. A frame that clips of several conditions need is decoded once.

    Required keys: those of the sampling step. Returns ``'clips'``, by the name of the
    condition what the pipeline would have returned under it alone, and ``'too_short'``,
    by name whether the video is shorter than one clip, which then repeats frames.

    Args:
        conditions: By the name of each, the steps that choose its frames.
        decode: The decoding step.
        finish: The steps after it.
    """

    def __init__(
        self,
        conditions: Mapping[str, Sequence[dict]],
        decode: dict,
        finish: Sequence[dict],
    ) -> None:
        self.samplers = {name: Compose(steps) for name, steps in conditions.items()}
        self.decode = TRANSFORMS.build(decode)
        self.finish = Compose(finish)

    def transform(self, results: dict) -> dict:
        """Read once, return the packed clips of every condition."""
        sampled = {
            name: sampler(dict(results)) for name, sampler in self.samplers.items()
        }
        needed, places = np.unique(
            np.concatenate([np.ravel(own['frame_inds']) for own in sampled.values()]),
            return_inverse=True,
        )
        first = next(iter(sampled.values()))
        decoded = self.decode.transform(dict(first, frame_inds=needed))
        frames = at_places(decoded['imgs'], places)

        clips, too_short = {}, {}
        for name, own in sampled.items():
            count = np.size(own['frame_inds'])
            imgs, frames = frames[:count], frames[count:]
            chosen = {key: own[key] for key in _CHOSEN}
            clips[name] = self.finish(dict(decoded, imgs=imgs, **chosen))
            span = (own['clip_len'] - 1) * own['frame_interval'] + 1
            too_short[name] = results['total_frames'] < span
        return dict(clips=clips, too_short=too_short)
