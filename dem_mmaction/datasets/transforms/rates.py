"""Clips at several sub-sampling rates from one reading of a video."""
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform, Compose


@TRANSFORMS.register_module()
class SampleRates(BaseTransform):
    """Sample and decode a video for several rates at once, and finish each by itself.

    Takes the place of the sampling, the decoding and all further steps of a test
    pipeline. A frame that clips of several rates need is decoded once.

    Required keys: those of the sampling step. Returns a dict with what the pipeline
    would have returned for each rate, by its string, and ``'too_short'``: by rate,
    whether the video is shorter than one clip, whose frames then start over.

    Args:
        rates: Frame intervals: every rate-th frame.
        sample: The sampling step, whose ``frame_interval`` the rates replace.
        decode: The decoding step.
        finish: The steps after it.
    """

    def __init__(self, rates: list[int], sample: dict, decode: dict,
                 finish: list[dict]) -> None:
        self.samplers = {
            str(rate): TRANSFORMS.build(dict(sample, frame_interval=rate))
            for rate in rates
        }
        self.decode = TRANSFORMS.build(decode)
        self.finish = Compose(finish)

    def transform(self, results: dict) -> dict:
        """Read once, return the packed clips of every rate."""
        sampled = {
            rate: sampler.transform(dict(results))
            for rate, sampler in self.samplers.items()
        }
        indices = {rate: np.ravel(s['frame_inds']) for rate, s in sampled.items()}
        needed = np.unique(np.concatenate(list(indices.values())))
        decoded = self.decode.transform(
            dict(next(iter(sampled.values())), frame_inds=needed))
        frames = decoded['imgs']

        packed, too_short = {}, {}
        for rate, clips in sampled.items():
            places = np.searchsorted(needed, indices[rate])
            own = {key: clips[key] for key in
                   ('frame_inds', 'clip_len', 'num_clips', 'frame_interval')}
            # Copies: a later step may write into its frames.
            packed[rate] = self.finish(
                dict(decoded, imgs=[frames[i].copy() for i in places], **own))
            span = (clips['clip_len'] - 1) * int(rate) + 1
            too_short[rate] = results['total_frames'] < span
        return dict(packed, too_short=too_short)
