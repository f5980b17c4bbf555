import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mmaction.registry import TRANSFORMS

totals = st.integers(1, 300)
lengths = st.integers(1, 32)
intervals = st.floats(0.05, 20)
places = st.floats(0, 1)


def sample(total, centre=None, seed=0, start_index=0, **kwargs):
    """The frames of a clip around a centre, which the list has as text."""
    np.random.seed(seed)
    given = dict(total_frames=total, start_index=start_index, filename='a.mp4')
    if centre is None:
        kwargs['centre'] = None
    else:
        given['centre'] = str(centre)
    step = TRANSFORMS.build(dict(type='SampleAround', **kwargs))
    results = step.transform(given)
    assert results['frame_inds'].dtype == np.int32
    assert results['frame_inds'].shape == (step.clip_len,)
    assert (results['clip_len'], results['num_clips']) == (step.clip_len, 1)
    assert results['frame_interval'] == step.frame_interval
    return results['frame_inds']


@given(totals, places, lengths, intervals)
def test_frames_are_those_shown_at_moments_around_the_centre(
    total, place, clip_len, interval
):
    centre = place * total
    frames = sample(
        total, centre, clip_len=clip_len, frame_interval=interval, test_mode=True
    )
    for i, frame in enumerate(frames.tolist()):
        moment = centre + (i - (clip_len - 1) / 2) * interval
        if moment < 0:
            assert frame == 0
        elif moment >= total:
            assert frame == total - 1
        else:
            assert frame <= moment <= frame + 1


@given(st.integers(0, 300), st.floats(0, 1), st.integers(1, 24), st.floats(0.05, 8))
def test_the_middle_of_the_clip_is_the_centre_at_every_rate(
    before, part, clip_len, interval
):
    reach = int(clip_len * interval) + 1  # nothing is beyond the ends
    centre = before + reach + part
    frames = sample(
        before + 2 * reach + 2,
        centre,
        clip_len=clip_len,
        frame_interval=interval,
        test_mode=True,
    )
    # A frame shows its time on the average in its middle.
    shown = frames + 0.5
    assert abs(shown.mean() - centre) <= 0.5 + 1e-9
    pairs = shown + shown[::-1]  # first with last, second with the one before
    assert np.abs(pairs / 2 - centre).max() <= 0.5 + 1e-9


@given(totals, places, lengths, intervals)
def test_backward_it_is_the_clip_of_the_video_backward(total, place, length, interval):
    centre = place * total
    moments = centre + (np.arange(length) - (length - 1) / 2) * interval
    assume(np.abs(moments - np.round(moments)).min() > 1e-6)  # between two frames
    kwargs = dict(clip_len=length, frame_interval=interval, test_mode=True)
    frames = sample(total, centre, **kwargs)
    backward = sample(total, total - centre, **kwargs)
    np.testing.assert_array_equal(backward[::-1], total - 1 - frames)


@given(totals, places, lengths, st.integers(1, 8))
def test_whole_intervals_are_whole_steps(total, place, clip_len, interval):
    centre = place * total
    frames = sample(
        total, centre, clip_len=clip_len, frame_interval=interval, test_mode=True
    ).tolist()
    inside = [frame for frame in frames if 0 < frame < total - 1]
    assert all(np.diff(inside) == interval)


def test_frames_by_hand():
    def frames(centre, interval, total=100, length=4):
        return sample(
            total, centre, clip_len=length, frame_interval=interval, test_mode=True
        ).tolist()

    assert frames(10, 1) == [8, 9, 10, 11]  # 8.5 9.5 10.5 11.5
    assert frames(10, 2) == [7, 9, 11, 13]
    assert frames(10, 0.5) == [9, 9, 10, 10]  # each frame twice
    assert frames(10.6, 1) == [9, 10, 11, 12]  # 9.1 ...
    assert frames(1, 2) == [0, 0, 2, 4]
    assert frames(99, 2) == [96, 98, 99, 99]
    assert frames(None, 1, total=4) == [0, 1, 2, 3]  # the whole video
    assert frames(0, 1) == [0, 0, 0, 1] and frames(100, 1) == [98, 99, 99, 99]
    assert sample(9, 3, clip_len=2, start_index=1, test_mode=True).tolist() == [3, 4]


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_jitter_moves_the_clip_by_whole_frames(seed, jitter):
    still = sample(100, 50.3, clip_len=8, frame_interval=1.5, test_mode=True)
    moved = sample(100, 50.3, seed, clip_len=8, frame_interval=1.5, jitter=jitter)
    (shift,) = set((moved - still).tolist())
    assert abs(shift) <= jitter


def test_every_move_is_equally_probable_and_none_is_made_in_tests():
    still = sample(100, 50, clip_len=1, test_mode=True)
    drawn = [sample(100, 50, seed, clip_len=1, jitter=2) for seed in range(2000)]
    moves = [frames[0] - still[0] for frames in drawn]
    counts = [moves.count(move) for move in range(-2, 3)]
    assert sum(counts) == 2000 and min(counts) > 330
    for seed in range(20):
        frames = sample(100, 50, seed, clip_len=1, jitter=2, test_mode=True)
        assert frames == still


def test_another_field_may_name_the_centre():
    step = TRANSFORMS.build(dict(type='SampleAround', centre='peak', clip_len=1))
    results = dict(total_frames=9, start_index=0, peak=4.5)
    assert step.transform(results)['frame_inds'].tolist() == [4]
    with pytest.raises(KeyError, match="sample of 'a.mp4' has no field 'peak'"):
        step.transform(dict(total_frames=9, start_index=0, filename='a.mp4'))


@pytest.mark.parametrize('centre', ['-0.1', '9.1', 'x', 'nan', ''])
def test_a_centre_that_is_no_moment_of_the_video_is_named(centre):
    with pytest.raises(ValueError, match=f"centre={centre} of 'a.mp4' must .* 0 to 9"):
        sample(9, centre)


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(clip_len=0),
        dict(clip_len=1.5),
        dict(jitter=-1),
        dict(jitter=0.5),
        dict(frame_interval=0),
        dict(frame_interval=-1),
        dict(frame_interval=float('inf')),
        dict(frame_interval='2'),
    ],
)
def test_bad_values_are_named(kwargs):
    ((name, value),) = kwargs.items()
    with pytest.raises(ValueError, match=f'{name}={value!r} must be'):
        sample(10, **kwargs)
