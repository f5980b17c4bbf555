import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from dem_mmaction.robustness import SampleConditions, SamplingRate


@TRANSFORMS.register_module()
class NumberedFrames(BaseTransform):
    """Frames whose pixels are their number; notes what it was asked for."""

    asked = []

    def transform(self, results):
        self.asked.append(list(results['frame_inds']))
        imgs = [np.full((2, 2, 3), i, np.uint8) for i in results['frame_inds']]
        return dict(results, imgs=imgs, decoded=True)


@TRANSFORMS.register_module()
class Darken(BaseTransform):
    """Writes into the frames that it gets."""

    def transform(self, results):
        seen = [int(img[0, 0, 0]) for img in results['imgs']]
        for img in results['imgs']:
            img[:] = 0
        return dict(results, seen=seen)


def sample(total, rates, clips=2, length=3):
    own = dict(
        type='SampleFrames',
        clip_len=length,
        frame_interval=1,
        num_clips=clips,
        test_mode=True,
    )
    NumberedFrames.asked.clear()
    transform = SampleConditions(
        {f'sr{rate}': SamplingRate(rate).steps(own) for rate in rates},
        dict(type='NumberedFrames'),
        [dict(type='Darken')],
    )
    return transform(dict(total_frames=total, start_index=0, filename='a.mp4'))


def test_each_condition_gets_its_own_frames():
    out = sample(total=12, rates=(1, 2, 4))
    for rate in (1, 2, 4):
        clip = out['clips'][f'sr{rate}']
        assert clip['seen'] == clip['frame_inds'].tolist()  # none was darkened before
        assert clip['frame_interval'] == rate and clip['decoded']
        first, second = np.split(clip['frame_inds'], 2)
        assert set(np.diff(first)) == set(np.diff(second)) == {rate}


def test_each_frame_is_decoded_once():
    out = sample(total=12, rates=(1, 2, 4))
    (asked,) = NumberedFrames.asked
    needed = np.concatenate([own['frame_inds'] for own in out['clips'].values()])
    assert asked == sorted(set(needed.tolist()))


def test_a_video_shorter_than_a_clip_is_counted():
    # Three frames at rate r span 2 r + 1.
    assert sample(5, (1, 2, 3))['too_short'] == dict(sr1=False, sr2=False, sr3=True)
    assert sample(4, (1, 2))['too_short'] == dict(sr1=False, sr2=True)
