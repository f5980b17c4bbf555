import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mmaction.datasets.transforms import CenterCrop, Resize
from mmaction.registry import TRANSFORMS

from dem_mmaction.datasets.transforms.clip_warp import (
    ClipCenterCrop,
    ClipWarp,
    warp_clip,
)


def smooth(height, width, seed=0, frames=1):
    """Frames without detail that a second interpolation would blur."""
    noise = np.random.default_rng(seed).uniform(0, 255, (frames, 6, 8, 3))
    return [
        cv2.resize(f, (width, height), interpolation=cv2.INTER_CUBIC)
        .clip(0, 255)
        .astype(np.uint8)
        for f in noise
    ]


def step_by_step(frame, size, resized, angle, corner, flip):
    frame = cv2.resize(frame, resized)
    centre = ((resized[0] - 1) / 2, (resized[1] - 1) / 2)
    frame = cv2.warpAffine(frame, cv2.getRotationMatrix2D(centre, angle, 1), resized)
    left, top = corner
    width, height = (size, size) if isinstance(size, int) else size
    frame = frame[top : top + height, left : left + width]
    return frame[:, ::-1] if flip else frame


@given(
    st.sampled_from([(256, 340), (240, 320), (128, 171), (96, 128), (720, 405)]),
    st.floats(1.0, 1.2),
    st.floats(-15, 15),
    st.floats(0, 1),
    st.floats(0, 1),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_equals_the_steps_one_by_one(shape, factor, angle, left, top, flip):
    (frame,) = smooth(*shape)
    resized = tuple(int(round(side * factor)) for side in (171, 128))
    corner = tuple(
        int(part * (side - 112))
        for part, side in zip((left, top), resized, strict=True)
    )
    out = np.empty((1, 112, 112, 3), np.uint8)
    warp_clip([frame], out, resized, angle, corner, flip)
    expected = step_by_step(frame, 112, resized, angle, corner, flip)
    # Where the frame ends, the steps blur the edge twice: compare inside.
    inside = (
        step_by_step(np.full_like(frame, 255), 112, resized, angle, corner, flip) == 255
    )
    inside = cv2.erode(inside.astype(np.uint8), np.ones((5, 5))) > 0
    inside[[0, 1, -2, -1]] = inside[:, [0, 1, -2, -1]] = False
    difference = np.abs(out[0].astype(int) - expected)[inside]
    assert difference.size and difference.max() <= 6 and difference.mean() < 1


def results(frames, num_clips=1):
    return dict(imgs=frames, clip_len=len(frames) // num_clips, num_clips=num_clips)


def test_parameters_are_drawn_once_a_clip():
    np.random.seed(0)
    (frame,) = smooth(128, 171)
    warped = ClipWarp().transform(results([frame] * 12, num_clips=3))['imgs']
    assert warped.shape == (12, 112, 112, 3) and warped.dtype == np.uint8
    clips = warped.reshape(3, 4, 112, 112, 3)
    assert (clips == clips[:, :1]).all()  # one clip, one warp
    assert not np.array_equal(clips[0, 0], clips[1, 0])


@given(st.integers(0, 1000))
def test_draws_stay_in_their_ranges(seed):
    np.random.seed(seed)
    (width, height), angle, (left, top), flip = ClipWarp().draw()
    assert 171 <= width <= 205 and 128 <= height <= 154
    assert abs(width / height - 171 / 128) < 0.02  # one factor for both sides
    assert -15 <= angle <= 15
    assert 0 <= left <= width - 112 and 0 <= top <= height - 112


def test_draws_cover_their_ranges():
    np.random.seed(0)
    warp = ClipWarp()
    draws = [warp.draw() for _ in range(400)]
    assert min(d[0][0] for d in draws) < 173 < 203 < max(d[0][0] for d in draws)
    assert min(d[1] for d in draws) < -14 and max(d[1] for d in draws) > 14
    assert 150 < sum(d[3] for d in draws) < 250
    assert min(d[2][0] for d in draws) == 0


@pytest.mark.parametrize('shape', [(128, 171), (256, 340), (240, 320)])
def test_centre_crop_equals_mmaction2s_steps(shape):
    frames = smooth(*shape, frames=2)
    ours = TRANSFORMS.build(dict(type='ClipCenterCrop')).transform(results(frames))
    stock = dict(imgs=list(frames), img_shape=shape, modality='RGB')
    for step in (Resize(scale=(171, 128), keep_ratio=False), CenterCrop(112)):
        stock = step.transform(stock)
    difference = np.abs(ours['imgs'].astype(int) - np.stack(stock['imgs']))
    assert difference.max() <= 2
    assert ours['img_shape'] == (112, 112)


@given(st.integers(0, 1000))
@settings(deadline=None)
def test_a_crop_may_have_a_width_and_a_height(seed):
    np.random.seed(seed)
    warp = ClipWarp(
        size=(56, 42), scale=(64, 48), jitter=(1.0, 1.15), max_angle=5, flip_ratio=0.5
    )
    resized, angle, (left, top), flip = warp.draw()
    assert 64 <= resized[0] <= 74 and 48 <= resized[1] <= 55
    assert 0 <= left <= resized[0] - 56 and 0 <= top <= resized[1] - 42
    frames = smooth(48, 64, seed, frames=2)
    np.random.seed(seed)
    warped = warp.transform(results(frames))
    assert warped['imgs'].shape == (2, 42, 56, 3) and warped['img_shape'] == (42, 56)
    for frame, own in zip(frames, warped['imgs'], strict=True):
        expected = step_by_step(frame, (56, 42), resized, angle, (left, top), flip)
        difference = np.abs(own.astype(int) - expected)[4:-4, 4:-4]
        assert difference.mean() < 2


def test_a_centre_crop_may_have_a_width_and_a_height():
    frames = smooth(48, 64)
    crop = TRANSFORMS.build(dict(type='ClipCenterCrop', size=(56, 42), scale=(64, 48)))
    cropped = crop.transform(results(frames))['imgs']
    np.testing.assert_array_equal(cropped[0], frames[0][3:45, 4:60])
    square = ClipCenterCrop(size=(42, 42), scale=(64, 48))
    expected = ClipCenterCrop(size=42, scale=(64, 48)).transform(results(frames))
    assert np.array_equal(square.transform(results(frames))['imgs'], expected['imgs'])


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(size=(172, 100)), r'size=\(172, 100\) must .* of 1 to \(171, 128\)'),
        (dict(size=(100, 129)), r'size=\(100, 129\) must'),
        (dict(size=(100,)), r'size=\(100,\) must'),
        (dict(size=(0, 100)), r'size=\(0, 100\) must'),
        (dict(size=(9.5, 9)), r'size=\(9.5, 9\) must'),
        (dict(size=129), 'size=129 must be 1 to 128'),
        (dict(size=120, jitter=(0.9, 1.0)), 'size=120 must be 1 to 115'),
        (dict(jitter=(1.2, 1.0)), 'jitter'),
        (dict(max_angle=-1), 'max_angle=-1'),
        (dict(flip_ratio=2), 'flip_ratio=2'),
    ],
)
def test_bad_values_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ClipWarp(**kwargs)
