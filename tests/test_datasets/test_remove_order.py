"""Clips without the order of their frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import TRANSFORMS


def remove(control, clips, length, seed=0):
    """Frames that are left of clips whose frames are 0, 2, 4 ..., one clip a row."""
    np.random.seed(seed)
    step = TRANSFORMS.build(dict(type='RemoveOrder', control=control))
    frames = 2 * np.arange(clips * length, dtype=np.int32)
    results = step(dict(frame_inds=frames, num_clips=clips, clip_len=length))
    assert results['frame_inds'].dtype == np.int32
    return results['frame_inds'].reshape(clips, length), frames.reshape(clips, length)


@given(st.integers(1, 5), st.integers(2, 20), st.integers(0, 2**32 - 1))
def test_every_clip_keeps_its_own_frames(clips, length, seed):
    shuffled, before = remove('shuffled', clips, length, seed)
    np.testing.assert_array_equal(np.sort(shuffled, 1), before)
    repeated, before = remove('one_frame', clips, length, seed)
    assert (repeated == repeated[:, :1]).all()
    assert all(own[0] in row for own, row in zip(repeated, before, strict=True))


def test_every_order_and_every_frame_is_as_likely():
    shuffled, _ = remove('shuffled', 6000, 3)
    orders = np.unique(
        shuffled - 6 * np.arange(6000)[:, None], axis=0, return_counts=True
    )[1]
    assert len(orders) == 6 and np.abs(orders - 1000).max() < 150
    repeated, before = remove('one_frame', 6000, 3)
    chosen = np.bincount((repeated - before[:, :1])[:, 0] // 2)
    assert len(chosen) == 3 and np.abs(chosen - 2000).max() < 200


def test_clips_of_a_video_are_drawn_by_themselves():
    shuffled, before = remove('shuffled', 3, 16)
    orders = {tuple(row) for row in shuffled - before[:, :1]}
    assert len(orders) == 3


def test_an_unknown_control_is_refused():
    with pytest.raises(ValueError, match="'reversed' must be one of one_frame, shuff"):
        TRANSFORMS.build(dict(type='RemoveOrder', control='reversed'))
