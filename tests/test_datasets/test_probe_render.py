"""What the frames of a probe video show."""

import cv2
import numpy as np
import pytest

from dem_mmaction.datasets.motion_probe import (
    CLASSES,
    CLUTTER,
    PROFILES,
    ProbeSpec,
    render_video,
)
from dem_mmaction.datasets.motion_probe.motion import RADIUS

SMALL = dict(train=16, test=8, frames=16, size=(32, 32))


def shape_pose(frame):
    """Periods of (x, y, angle, size) of a bright shape, found on its pixels."""
    mask = (frame.mean(-1) > 90).astype(float)
    centre = []
    for axis, side in ((0, mask.shape[1]), (1, mask.shape[0])):
        weights = mask.sum(axis)
        turns = np.exp(2j * np.pi * np.arange(side) / side)
        centre.append(np.angle(weights @ turns) / (2 * np.pi))
    height, width = mask.shape
    mask = np.roll(
        mask,
        (
            height // 2 - round(centre[1] * height),
            width // 2 - round(centre[0] * width),
        ),
        (0, 1),
    )
    moments = cv2.moments(mask)
    # An axis, not an arrow: half a turn is the period.
    angle = 0.5 * np.arctan2(2 * moments['mu11'], moments['mu20'] - moments['mu02'])
    size = 0.5 * np.log(mask.sum()) / np.log(RADIUS[1] / RADIUS[0])
    return np.array([*centre, angle / np.pi, size])


def test_motion_of_the_shape_tells_the_class():
    spec = ProbeSpec(frames=16)
    hits = []
    for index in range(160):
        if index // 8 % 2:  # varied
            continue
        frames, info = render_video(spec, 'train', index)
        change = shape_pose(frames[4]) - shape_pose(frames[0])
        change = (change + 0.5) % 1 - 0.5
        change[2] /= 2
        moved = np.abs(change).argmax()
        found = 2 * moved + (change[moved] > 0)
        # left, right, up, down, turn_left, turn_right, then grow before shrink
        expected = info.label ^ (info.label >= 6)
        hits.append(found == expected)
    assert np.mean(hits) > 0.9


def test_one_frame_does_not_tell_the_class():
    spec = ProbeSpec(frames=16)
    pictures, labels = [], []
    for index in range(960):
        frames, info = render_video(spec, 'train', index)
        pictures.append(
            cv2.resize(
                frames[-1].mean(-1), (14, 14), interpolation=cv2.INTER_AREA
            ).ravel()
        )
        labels.append(info.label)
    pictures, labels = np.array(pictures), np.array(labels)
    pictures = (pictures - pictures.mean(0)) / pictures.std()
    train, test = slice(0, 640), slice(640, None)

    # Ridge regression onto the classes.
    x, y = pictures[train], np.eye(len(CLASSES))[labels[train]]
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ y)
    found = (pictures[test] @ weights).argmax(1)
    # Chance is 0.125, and 0.18 is three standard deviations above it.
    assert (found == labels[test]).mean() < 0.18


def test_occluded_frames_show_a_bar_and_no_shape():
    spec = ProbeSpec(frames=96)
    index = 8 * (1 + 2 * (PROFILES.index('occlusion') - 1))
    frames, info = render_video(spec, 'train', index)
    assert info.profile == 'occlusion'
    smooth = np.stack([cv2.blur(frame, (5, 5)) for frame in frames]).astype(int)
    still = np.abs(np.diff(smooth, axis=0)).max((1, 2, 3)) < 12
    assert still.sum() == 11  # between the 12 hidden frames
    assert frames[1:][still].max() < 150 <= frames[0].max()


def test_shape_wraps_around_at_the_borders():
    spec = ProbeSpec(frames=96, speed=(0.02, 0.02))
    frames, info = render_video(spec, 'train', CLASSES.index('right'))
    area = (frames.mean(-1) > 90).sum((1, 2))
    # One period is 50 frames. Away from it the shape is never cut off.
    assert np.ptp(area) < 0.15 * area.mean()
    before, after = (cv2.blur(frames[t], (3, 3)).astype(int) for t in (10, 60))
    assert np.abs(before - after).max() < 15


@pytest.mark.parametrize('clutter', CLUTTER)
def test_levels_of_clutter(clutter):
    frames, _ = render_video(ProbeSpec(frames=16, clutter=clutter), 'train', 1)
    # Only the shape moves.
    change = np.abs(frames[0].astype(int) - frames[-1])
    assert np.median(change) < 5 and np.percentile(change, 75) < 8
    bright = frames[0].mean(-1) > 90
    background = frames[0][~bright] if clutter != 'textured' else frames[0]
    spread = background.std(0).max()
    assert spread > 30 if clutter == 'textured' else spread < 25
    if clutter != 'textured':
        inside = cv2.erode(bright.astype(np.uint8), np.ones((3, 3))) > 0
        spread = frames[0][inside].std(0).max()
        assert spread > 20 if clutter == 'textured_shape' else spread < 15


def test_video_depends_on_seed_split_and_index_alone():
    spec = ProbeSpec(**SMALL)
    frames, info = render_video(spec, 'train', 3)
    again, same = render_video(ProbeSpec(**{**SMALL, 'train': 80}), 'train', 3)
    np.testing.assert_array_equal(frames, again)
    assert info == same
    assert frames.shape == (16, 32, 32, 3) and frames.dtype == np.uint8

    others = [
        (spec, 'test', 3),
        (spec, 'train', 11),
        (ProbeSpec(**SMALL, seed=1), 'train', 3),
    ]
    for other in others:
        assert np.abs(render_video(*other)[0].astype(int) - frames).max() > 50
