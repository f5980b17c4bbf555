"""Time that runs differently, against examples by hand and by properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import TRANSFORMS

from dem_mmaction.datasets.transforms import SPEED_PROFILES

# By type, settings under which nothing may change, for sequences of L frames.
IDENTITIES = [
    lambda length: dict(type='JumbleFrames', segments=length),
    lambda length: dict(type='BoxJumbleFrames', segments=1),
    lambda length: dict(type='ConstantSpeed', speed=1),
    lambda length: dict(type='VaryingSpeed', profile='steady'),
    lambda length: dict(type='FreezeFrames', kept=1),
    lambda length: dict(type='DropFrames', lost=0),
    lambda length: dict(type='TakeFrames', number=length),
    lambda length: dict(type='TakeNeighbours', width=1),
]
PERMUTATIONS = [
    dict(type='ReverseFrames'),
    dict(type='JumbleFrames', segments=2),
    dict(type='BoxJumbleFrames', segments=2),
    dict(type='RemoveOrder', control='shuffled', seed=0),
]
OTHERS = [
    dict(type='ConstantSpeed', speed=0.3),
    dict(type='ConstantSpeed', speed=2.5),
    *(dict(type='VaryingSpeed', profile=own) for own in SPEED_PROFILES),
    dict(type='FreezeFrames', kept=0.2),
    dict(type='DropFrames', lost=0.5),
    dict(type='RemoveOrder', control='one_frame', seed=0),
]


def frames(step, clips, interval=1, total=None, name='a.mp4', start=0, segments=False):
    """What a step makes of clips that begin at 0, 100, 200 ... of a video."""
    clips, length = clips
    inds = 100 * np.arange(clips)[:, None] + interval * np.arange(length)
    results = dict(
        frame_inds=(inds.ravel() + start).astype(np.int32),
        clip_len=1 if segments else length,
        num_clips=length if segments else clips,
        total_frames=total or 100 * clips,
        filename=f'/videos/{name}',
        start_index=start,
    )
    out = TRANSFORMS.build(step)(results)
    assert out['frame_inds'].dtype == np.int32
    key = 'num_clips' if segments else 'clip_len'
    return (out['frame_inds'] - start).reshape(clips, -1), out[key]


def one(step, length=8, **kwargs):
    return frames(step, (1, length), **kwargs)[0][0].tolist()


clips = st.tuples(st.integers(1, 3), st.integers(2, 24))


@given(clips, st.integers(1, 4), st.booleans(), st.sampled_from(IDENTITIES))
def test_the_mildest_severity_changes_nothing(shape, interval, segments, identity):
    step = identity(shape[1])
    out, length = frames(step, shape, interval, segments=segments, start=1)
    expected = 100 * np.arange(shape[0])[:, None] + interval * np.arange(shape[1])
    np.testing.assert_array_equal(out, expected)
    assert length == shape[1]


@given(clips, st.integers(1, 4), st.booleans(), st.sampled_from(PERMUTATIONS))
def test_a_permutation_stays_one(shape, interval, segments, step):
    out, _ = frames(step, shape, interval, segments=segments)
    expected = 100 * np.arange(shape[0])[:, None] + interval * np.arange(shape[1])
    np.testing.assert_array_equal(np.sort(out, axis=1), expected)


@given(st.integers(2, 40), st.sampled_from(PERMUTATIONS))
def test_a_video_stays_a_permutation_of_itself(total, step):
    out = one(dict(step, over='video'), length=total, total=total)
    assert sorted(out) == list(range(total))


@given(clips, st.integers(1, 4), st.sampled_from(OTHERS))
def test_sequences_keep_to_their_own_span_and_to_order(shape, interval, step):
    out, _ = frames(step, shape, interval)
    starts = 100 * np.arange(shape[0])
    assert (out.min(axis=1) >= starts).all()
    assert (out.max(axis=1) <= starts + interval * (shape[1] - 1)).all()
    assert (np.diff(out, axis=1) >= 0).all()


@given(st.sampled_from(PERMUTATIONS[1:] + OTHERS), st.integers(0, 5))
def test_the_name_of_the_video_and_the_seed_decide(step, seed):
    step = dict(step, seed=seed)
    assert one(step, 16) == one(step, 16, name='../elsewhere/a.mp4')


def test_videos_seeds_and_clips_are_drawn_by_themselves():
    step = dict(type='RemoveOrder', control='shuffled', seed=0)
    assert one(step, 16) != one(step, 16, name='b.mp4')
    assert one(step, 16) != one(dict(step, seed=1), 16)
    out, _ = frames(step, (2, 16))
    assert out[0].tolist() != (out[1] - 100).tolist()
    drawn = {tuple(one(dict(step, seed=None), 16)) for _ in range(3)}
    assert len(drawn) == 3  # as for training


def test_order_by_hand():
    assert one(dict(type='ReverseFrames'), 4) == [3, 2, 1, 0]
    reversed_video = dict(type='ReverseFrames', over='video')
    assert one(reversed_video, 4, total=10) == [9, 8, 7, 6]
    jumbled = one(dict(type='JumbleFrames', segments=2), 16)
    assert sorted(jumbled[:8]) == list(range(8)) and jumbled != list(range(16))
    boxes = one(dict(type='BoxJumbleFrames', segments=4), 16)
    own = np.reshape(boxes, (4, 4))
    assert (np.diff(own, axis=1) == 1).all() and set(own[:, 0]) == {0, 4, 8, 12}
    assert boxes != list(range(16))


def test_speed_by_hand():
    assert one(dict(type='ConstantSpeed', speed=0.5)) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert one(dict(type='ConstantSpeed', speed=3)) == [0, 3, 6, 7, 7, 7, 7, 7]
    # In a clip of every second frame, the frames between are there to be shown.
    half = one(dict(type='ConstantSpeed', speed=0.5), interval=2)
    assert half == list(range(8))
    # A network that takes frames i N / L of a video: floor(min(a i N / L, N - 1)).
    total, length, speed = 60, 12, 0.7
    video = dict(type='ConstantSpeed', speed=speed, over='video')
    expected = [7 * (i * total // length) // 10 for i in range(length)]
    assert one(video, length, interval=total // length, total=total) == expected
    quick = one(dict(type='VaryingSpeed', profile='accelerating'), 16)
    slow = one(dict(type='VaryingSpeed', profile='decelerating'), 16)
    assert quick[8] < 8 <= slow[8] and quick[0] == slow[0] == 0
    assert quick[15] == slow[15] == 15
    stops = np.diff(one(dict(type='VaryingSpeed', profile='stop_and_go'), 16))
    assert 3 <= (stops == 0).sum() <= 6
    assert one(dict(type='VaryingSpeed', profile='sinusoidal'), 24) != list(range(24))


def test_a_looped_clip_holds_where_it_goes_back():
    step = TRANSFORMS.build(dict(type='ConstantSpeed', speed=0.5))
    looped = dict(frame_inds=np.array([8, 9, 0, 1]), clip_len=4, num_clips=1)
    assert step(looped)['frame_inds'].tolist() == [8, 8, 9, 9]


def test_holds_by_hand():
    frozen = one(dict(type='FreezeFrames', kept=0.25), 16)
    left = sorted(set(frozen))
    assert len(left) == 4
    expected = [max([n for n in left if n <= i], default=left[0]) for i in range(16)]
    assert frozen == expected
    fewer = set(one(dict(type='FreezeFrames', kept=0.125), 16))
    assert fewer < set(left)
    assert len(set(one(dict(type='FreezeFrames', kept=0), 16))) == 1
    dropped = one(dict(type='DropFrames', lost=0.5), 16)
    left = sorted(set(dropped))
    assert len(left) == 8
    assert dropped == [min(left, key=lambda n: (abs(n - i), n)) for i in range(16)]
    assert len(set(one(dict(type='DropFrames', lost=1), 16))) == 1


def test_other_numbers_of_frames_by_hand():
    assert one(dict(type='TakeFrames', number=4), 8) == [0, 2, 4, 6]
    assert one(dict(type='TakeFrames', number=4), 8, interval=2) == [1, 5, 9, 13]
    assert one(dict(type='TakeFrames', number=4), 2) == [0, 0, 0, 1]
    out, number = frames(dict(type='TakeFrames', number=3), (2, 9), segments=True)
    assert out.tolist() == [[1, 4, 7], [101, 104, 107]] and number == 3


def test_windows_by_hand():
    whole = dict(type='CoverWindow', coverage=1)
    assert one(whole, 4, total=40) == [0, 10, 20, 30]
    assert one(dict(whole, stride=8), 4, total=40) == [0, 8, 16, 24]
    # A clip of frames 0 to 3 has its middle at 2: the window of 20 lies at the start.
    assert one(dict(whole, coverage=0.5), 4, total=40) == [0, 5, 10, 15]
    # One of frames 0 to 30, middle 15.5: its window of 4 begins at 13.
    tenth = dict(whole, coverage=0.1)
    assert one(tenth, 4, interval=10, total=40) == [13, 14, 15, 16]
    assert one(dict(tenth, stride=2), 4, interval=10, total=40) == [13, 13, 15, 15]
    assert one(dict(tenth, coverage=0), 4, total=40) == [1] * 4


def test_blur_is_the_mean_of_the_neighbours():
    video = np.random.default_rng(0).integers(0, 256, (9, 4, 5, 3), np.uint8)
    results = dict(
        frame_inds=np.array([1, 4, 9]), clip_len=3, num_clips=1, total_frames=9
    )
    ask = TRANSFORMS.build(dict(type='TakeNeighbours', width=3))
    asked = ask(dict(results, start_index=1))
    assert asked['frame_inds'].tolist() == [1, 1, 2, 3, 4, 5, 8, 9, 9]
    asked['imgs'] = [video[i - 1] for i in asked['frame_inds']]
    out = TRANSFORMS.build(dict(type='MeanOfNeighbours', width=3))(asked)
    assert out['frame_inds'].tolist() == [1, 4, 9]
    for img, own in zip(out['imgs'], ([0, 0, 1], [2, 3, 4], [7, 8, 8]), strict=True):
        assert img.dtype == np.uint8
        np.testing.assert_array_equal(img, np.rint(video[own].mean(axis=0)))
    sharp = TRANSFORMS.build(dict(type='MeanOfNeighbours', width=1))
    imgs = sharp(dict(results, imgs=list(video[:3])))['imgs']
    np.testing.assert_array_equal(imgs, video[:3])


@pytest.mark.parametrize(
    'step, words',
    [
        (dict(type='ReverseFrames', over='audio'), "over='audio' must be one of clip"),
        (dict(type='JumbleFrames', segments=0), 'segments=0 must be an integer from 1'),
        (dict(type='ConstantSpeed', speed=0), 'speed=0 must be a number above 0'),
        (dict(type='VaryingSpeed', profile='odd'), "'odd' must be one of steady, acc"),
        (dict(type='FreezeFrames', kept=2), 'kept=2 must be a number from 0 to 1'),
        (dict(type='DropFrames', lost='x'), "lost='x' must be a number from 0 to 1"),
        (dict(type='TakeFrames', number=0), 'number=0 must be an integer from 1'),
        (dict(type='CoverWindow', coverage=1, stride=0), 'stride=0 must be an integer'),
        (dict(type='TakeNeighbours', width=4), 'width=4 must be an odd integer'),
    ],
)
def test_bad_values_are_named(step, words):
    with pytest.raises(ValueError, match=words):
        TRANSFORMS.build(step)


@pytest.mark.parametrize('kind', ['JumbleFrames', 'BoxJumbleFrames'])
def test_more_segments_than_frames_are_named(kind):
    with pytest.raises(ValueError, match='segments=9 must be at most the 8 frames of'):
        one(dict(type=kind, segments=9))
