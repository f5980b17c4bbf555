"""Clips under several conditions from one reading of a video."""

from collections.abc import Mapping, Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform, Compose

# What the choice of frames adds to the results of a pipeline.
_CHOSEN = ('frame_inds', 'clip_len', 'num_clips', 'frame_interval')


@TRANSFORMS.register_module()
class SampleConditions(BaseTransform):
    """Choose frames under several conditions, decode once, finish each by itself.

    Takes the place of the sampling, the decoding and all further steps of a test
    pipeline. A frame that clips of several conditions need is decoded once.

    Required keys: those of the sampling step. Returns ``'clips'``, by the name of the
    condition what the pipeline would have returned under it alone; ``'too_short'``, by
    name whether the video is shorter than one clip, which then repeats frames;
    ``'errors'``, by name why the video cannot be had under it, empty where it can; and
    ``'index'``, the place of the video in the list, -1 where it is not known.

    Args:
        conditions: By the name of each, the steps that choose its frames.
        decode: The decoding step.
        finish: The steps after it.
        after: By name, steps between decoding and ``finish`` for conditions that have
            some. They must not write into frames.
        keep_going: Whether a condition that refuses a video goes into ``'errors'``;
            its clips are then those of the first condition, so that batches can be
            made. By default its error is raised.
    """

    def __init__(
        self,
        conditions: Mapping[str, Sequence[dict]],
        decode: dict,
        finish: Sequence[dict],
        after: Mapping[str, Sequence[dict]] = {},
        keep_going: bool = False,
    ) -> None:
        self.samplers = {name: Compose(steps) for name, steps in conditions.items()}
        self.decode = TRANSFORMS.build(decode)
        self.finish = Compose(finish)
        self.after = {name: Compose(steps) for name, steps in after.items() if steps}
        self.keep_going = keep_going

    def transform(self, results: dict) -> dict:
        """Read once, return the packed clips of every condition."""
        sampled, errors = self._sample(results)
        needed, places = np.unique(
            np.concatenate([np.ravel(own['frame_inds']) for own in sampled.values()]),
            return_inverse=True,
        )
        first = next(iter(sampled.values()))
        decoded = self.decode.transform(dict(first, frame_inds=needed))
        frames = decoded.pop('imgs')

        clips, too_short, start = {}, {}, 0
        for name, own in sampled.items():
            count = np.size(own['frame_inds'])
            imgs = [frames[place] for place in places[start : start + count]]
            start += count
            chosen = dict(decoded, imgs=imgs, **{key: own[key] for key in _CHOSEN})
            if name in self.after:
                chosen = self.after[name](chosen)
            else:  # later steps may write into frames
                chosen['imgs'] = [img.copy() for img in imgs]
            clips[name] = self.finish(chosen)
            too_short[name] = results['total_frames'] < _span(own)
        for name in errors:
            clips[name], too_short[name] = next(iter(clips.values())), False
        return dict(
            clips=clips,
            too_short=too_short,
            errors={name: errors.get(name, '') for name in self.samplers},
            index=results.get('sample_idx', -1),
        )

    def _sample(self, results: dict) -> tuple[dict[str, dict], dict[str, str]]:
        """The frames of each condition, and why there are none."""
        sampled, errors = {}, {}
        for name, sampler in self.samplers.items():
            try:
                sampled[name] = sampler(dict(results))
            except ValueError as error:
                if not self.keep_going or not sampled:  # nothing stands in for clean
                    raise
                errors[name] = str(error)
        return sampled, errors


def _span(chosen: dict) -> int:
    """The number of frames of a video that hold one clip without repetition."""
    if chosen['clip_len'] == 1:  # segments of a video of any length
        return 1
    return (chosen['clip_len'] - 1) * (chosen['frame_interval'] or 1) + 1
