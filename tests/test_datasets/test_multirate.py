import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import TRANSFORMS
from mmcv.transforms import Compose

from dem_mmaction.datasets import SampleAround, SampleMultiRate, VideoDecode


def sample(total, seed=0, start_index=0, **kwargs):
    """The frames by moment and rate, (num_clips, rates, clip_len), and the results."""
    np.random.seed(seed)
    step = TRANSFORMS.build(dict(type='SampleMultiRate', **kwargs))
    results = step.transform(dict(total_frames=total, start_index=start_index))
    shape = step.num_clips, len(step.rates), step.clip_len
    return results['frame_inds'].reshape(shape).astype(int), results


@given(
    st.integers(1, 300),
    st.integers(1, 20),
    st.lists(st.integers(1, 8), min_size=1, max_size=4, unique=True),
    st.integers(1, 3),
    st.integers(0, 99),
)
def test_clips_of_a_moment(total, clip_len, rates, num_clips, seed):
    moments, results = sample(
        total, seed, rates=rates, clip_len=clip_len, num_clips=num_clips
    )
    assert moments.min() >= 0 and moments.max() < total
    assert results['clip_len'] == len(rates) * clip_len
    assert results['num_clips'] == num_clips
    assert results['frame_interval'] == tuple(rates)
    for clips in moments:
        lowest = clips[np.argmin(rates)]
        for rate, clip in zip(rates, clips, strict=True):
            span = (clip_len - 1) * rate + 1
            steps = np.diff(clip)
            if span > total:  # from the first frame on, and again
                assert clip[0] == 0 and set(steps % total) <= {rate % total}
                continue
            assert (steps == rate).all()
            # It covers the clip of the lowest rate, as centred as the video allows.
            assert clip[0] <= lowest[0] and lowest[-1] <= clip[-1]
            off_centre = clip[0] + clip[-1] - lowest[0] - lowest[-1]
            if clip[0] > 0 and clip[-1] < total - 1:
                assert off_centre in (0, 1)


def test_the_lowest_rate_is_sampled_as_by_mmaction2():
    def first_frames(step):
        np.random.seed(0)
        sampler = TRANSFORMS.build(step)
        video = dict(total_frames=40, start_index=0)
        return [sampler.transform(dict(video))['frame_inds'][:16] for _ in range(300)]

    ours = first_frames(dict(type='SampleMultiRate', rates=[1, 4]))
    theirs = first_frames(dict(type='SampleFrames', clip_len=16))
    starts = {clip[0] for clip in ours}
    assert starts == {clip[0] for clip in theirs} == set(range(25))
    assert all((np.diff(clip) == 1).all() for clip in ours)


def test_around_a_moment_each_rate_is_sampled_as_by_itself():
    word = dict(total_frames=60, start_index=0, centre='31.5')
    around = dict(clip_len=8, centre='centre')
    both = SampleMultiRate([1, 3], **around).transform(dict(word))['frame_inds']
    each = [
        SampleAround(frame_interval=rate, **around).transform(dict(word))['frame_inds']
        for rate in (1, 3)
    ]
    assert both.tolist() == np.concatenate(each).tolist()
    step = SampleMultiRate([1, 3], jitter=2, **around)
    clips = np.array([step.transform(dict(word))['frame_inds'] for _ in range(100)])
    moves = clips - both
    assert set(moves.ravel()) == {-2, -1, 0, 1, 2}
    assert (moves == moves[:, :1]).all()  # all rates together


def test_frames_are_counted_from_the_first_of_the_video():
    from_zero, _ = sample(50, rates=[1, 2], clip_len=4)
    from_one, _ = sample(50, rates=[1, 2], clip_len=4, start_index=1)
    assert (from_one == from_zero + 1).all()


def test_all_rates_get_the_same_warp_and_each_frame_is_decoded_once(monkeypatch):
    frames = []

    def numbered(self, container, frame_inds):
        frames.extend(frame_inds.tolist())
        return [np.full((40, 40, 3), i, np.uint8) for i in frame_inds]

    monkeypatch.setattr(VideoDecode.__bases__[0], '_decord_load_frames', numbered)
    draws = []
    warp = TRANSFORMS.build(dict(type='ClipWarp', size=30, scale=(40, 40)))
    draw = warp.draw
    monkeypatch.setattr(warp, 'draw', lambda: draws.append(draw()) or draws[-1])
    np.random.seed(0)
    pipeline = Compose(
        [
            SampleMultiRate([1, 3], clip_len=4, num_clips=2),
            VideoDecode(),
            warp,
            dict(type='FormatShape', input_format='NCTHW'),
            dict(type='PackActionInputs', meta_keys=['frame_interval']),
        ]
    )
    packed = pipeline(
        dict(
            total_frames=60,
            start_index=0,
            video_reader=None,
            filename=__file__,
            modality='RGB',
            label=1,
        )
    )
    assert packed['inputs'].shape == (2, 3, 8, 30, 30)
    assert packed['data_samples'].frame_interval == (1, 3)
    assert len(draws) == 2  # one a moment
    assert frames == sorted(set(frames)) and len(frames) < 16
    # Pixels are the number of their frame: rate 1, then rate 3, of either moment.
    numbers = packed['inputs'][:, 0, :, 15, 15].int().unflatten(1, (2, 4))
    assert numbers.diff(dim=2).tolist() == [[[1] * 3, [3] * 3]] * 2


@pytest.mark.parametrize(
    'kwargs, words',
    [
        (dict(clip_len=0), 'clip_len=0'),
        (dict(num_clips=1.5), 'num_clips=1.5'),
        (dict(jitter=-1), 'jitter=-1'),
        (dict(rates=[1, 1]), r'rates=\[1, 1\]'),
    ],
)
def test_bad_values_are_named(kwargs, words):
    with pytest.raises(ValueError, match=f'{words} must be'):
        SampleMultiRate(**{**dict(rates=[1, 2]), **kwargs})


def test_repr_names_the_arguments():
    assert repr(SampleMultiRate([1, 2], num_clips=3)) == (
        'SampleMultiRate(rates=(1, 2), clip_len=16, num_clips=3, centre=None, jitter=0)'
    )
