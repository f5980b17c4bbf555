import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import TRANSFORMS

from dem_mmaction.datasets import SampleAround


def sample(total, seed=0, fields=(), **kwargs):
    np.random.seed(seed)
    step = TRANSFORMS.build(dict(type='RandomTemporalSkipping', **kwargs))
    return step.transform(dict(fields, total_frames=total, start_index=0))


@given(
    st.integers(1, 400),
    st.integers(1, 32),
    st.integers(1, 8),
    st.integers(1, 4),
    st.integers(0, 99),
)
def test_frames_are_in_the_video_and_intervals_in_range(
    total, clip_len, max_interval, num_clips, seed
):
    results = sample(
        total, seed, clip_len=clip_len, max_interval=max_interval, num_clips=num_clips
    )
    clips = results['frame_inds'].reshape(num_clips, clip_len)
    assert clips.min() >= 0 and clips.max() < total
    steps = np.diff(clips.astype(int), axis=1)
    if total > max_interval:
        assert set((steps % total).ravel()) <= set(range(1, max_interval + 1))
    if total >= (clip_len - 1) * max_interval + 1:
        assert (steps > 0).all()  # nothing wraps around


def test_intervals_vary_in_a_clip_and_starts_cover_the_video():
    results = sample(300, clip_len=16, max_interval=4, num_clips=200)
    clips = results['frame_inds'].reshape(200, 16)
    intervals = np.diff(clips, axis=1)
    assert all(len(set(row)) > 1 for row in intervals)
    counts = np.bincount(intervals.ravel())[1:]
    assert counts.min() > 0.8 * counts.mean()  # drawn evenly
    assert clips[:, 0].min() < 20 and clips[:, -1].max() > 280


def test_interval_one_is_a_plain_clip():
    frames = sample(100, clip_len=8, max_interval=1)['frame_inds']
    assert (np.diff(frames) == 1).all()


@given(st.integers(1, 80), st.integers(1, 16), st.integers(1, 8), st.integers(0, 99))
def test_around_a_moment(total, clip_len, max_interval, seed):
    own = dict(fields=dict(centre=total / 3), centre='centre', clip_len=clip_len)
    frames = sample(total, seed, max_interval=max_interval, **own)['frame_inds']
    assert frames.min() >= 0 and frames.max() < total
    assert (np.diff(frames) >= 0).all() and np.diff(frames).max(initial=0) <= (
        max_interval
    )
    if frames[0] > 0 and frames[-1] < total - 1:
        assert abs((frames[0] + frames[-1] + 1) / 2 - total / 3) <= 1
    plain = sample(total, seed, max_interval=1, **own)['frame_inds']
    around = SampleAround(clip_len, centre='centre')
    expected = around.transform(dict(own['fields'], total_frames=total, start_index=0))
    assert plain.tolist() == expected['frame_inds'].tolist()


def test_the_moment_moves_by_the_jitter():
    video = dict(fields=dict(centre=50), centre='centre', clip_len=1, jitter=3)
    moves = [sample(100, seed, **video)['frame_inds'][0] - 50 for seed in range(200)]
    assert set(moves) == set(range(-3, 4))


@pytest.mark.parametrize('name', ['clip_len', 'max_interval', 'num_clips'])
def test_bad_values_are_named(name):
    with pytest.raises(ValueError, match=f'{name}=0'):
        sample(10, **{name: 0})
