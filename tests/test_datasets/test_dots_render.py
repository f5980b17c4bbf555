"""What the frames of the dots show, before and after the codec."""

import decord
import numpy as np
import pytest

from dem_mmaction.datasets.motion_probe import (
    CYCLES,
    DotsSpec,
    generate_probe,
    render_video,
    video_info,
)
from dem_mmaction.datasets.motion_probe.dots_motion import dot_paths, drift
from dem_mmaction.datasets.motion_probe.spec import video_rng

SMALL = dict(train=12, test=8, frames=24, size=(32, 32))


def test_video_depends_on_seed_split_and_index_alone():
    spec = DotsSpec(**SMALL)
    frames, info = render_video(spec, 'train', 3)
    again, same = render_video(DotsSpec(**{**SMALL, 'train': 60}), 'train', 3)
    np.testing.assert_array_equal(frames, again)
    assert info == same == video_info(spec, 'train', 3)
    assert frames.shape == (24, 32, 32, 3) and frames.dtype == np.uint8

    others = [
        (spec, 'test', 3),
        (spec, 'train', 9),
        (DotsSpec(**SMALL, seed=1), 'train', 3),
    ]
    for other in others:
        assert np.abs(render_video(*other)[0].astype(int) - frames).max() > 50


@pytest.mark.parametrize('size', [(32, 32), (64, 40)])
def test_a_dot_is_drawn_where_it_is_also_across_the_border(size):
    spec = DotsSpec(size=size, dots=1, coherence=(1, 1), frames=96)
    for index in range(3):
        frames, info = render_video(spec, 'test', index)
        rng = video_rng(spec, 'test', index, 'pixels')
        path = dot_paths(drift(info, spec, rng), 1.0, spec, rng)
        bright = frames.mean(-1) - np.median(frames)
        for axis, side in ((1, size[0]), (2, size[1])):
            weights = np.where(bright > 30, bright, 0).sum(axis)
            turns = np.exp(2j * np.pi * np.arange(side) / side)
            found = np.angle(weights @ turns) / (2 * np.pi)
            away = found - path[:, 0, axis - 1]
            assert np.abs(away - np.rint(away)).max() * side < 0.5


def test_a_frame_has_bright_dots_on_a_dark_background():
    frames, _ = render_video(DotsSpec(coherence=(0.1, 0.1)), 'train', 0)
    grey = frames.mean(-1)
    assert np.percentile(grey, 20) < 60 < 140 < grey.max((1, 2)).min()
    assert np.ptp(grey.mean((1, 2))) < 0.5 * grey.mean()


def test_the_codec_keeps_the_dots(tmp_path):
    spec = DotsSpec(train=0, test=12, frames=48)
    generate_probe(tmp_path, spec, workers=1, progress=False)
    for index in range(12):
        drawn, info = render_video(spec, 'test', index)
        reader = decord.VideoReader(str(tmp_path / info.path))
        read = reader.get_batch(range(48)).asnumpy()
        for before, after in zip(drawn, read, strict=True):
            pair = np.corrcoef(before.mean(-1).ravel(), after.mean(-1).ravel())
            assert pair[0, 1] > 0.93


def opponent_motion(frames):
    """Rightward minus leftward motion, and downward minus upward, between frames.

    Returns:
        Correlation of adjacent frames at shifts to one side minus those to the other,
        (T - 1, 2).
    """
    grey = frames.mean(-1)
    spectrum = np.fft.fft2(grey - grey.mean((1, 2), keepdims=True))
    match = np.fft.ifft2(spectrum[1:] * spectrum[:-1].conj()).real
    match /= match.std((1, 2), keepdims=True)
    near = range(1, 4)
    right = sum(match[:, 0, k] - match[:, 0, -k] for k in near)
    down = sum(match[:, k, 0] - match[:, -k, 0] for k in near)
    return np.stack([right, down], axis=1)


def features(frames):
    """What tells the classes apart: the mean motion along either axis."""
    across, down = opponent_motion(frames).mean(0)
    return np.array([across, down, across * down])


def accuracy(samples, labels):
    """Accuracy of ridge regression onto the classes, trained on two thirds."""
    samples = (samples - samples.mean(0)) / samples.std(0)
    train = np.arange(len(labels)) < len(labels) * 2 // 3
    x, y = samples[train], np.eye(len(CYCLES))[labels[train]]
    weights = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ y)
    return ((samples[~train] @ weights).argmax(1) == labels[~train]).mean()


def test_the_order_of_the_frames_tells_the_class_and_their_set_does_not():
    spec = DotsSpec(frames=64, coherence=(0.7, 1))
    rng = np.random.default_rng(0)
    ordered, shuffled, labels = [], [], []
    for index in range(540):
        frames, info = render_video(spec, 'train', index)
        ordered.append(features(frames))
        shuffled.append(features(rng.permutation(frames)))
        labels.append(info.label)
    labels = np.array(labels)
    assert accuracy(np.array(ordered), labels) > 0.8
    # Chance is 0.25, and 0.35 is three standard deviations above it.
    assert accuracy(np.array(shuffled), labels) < 0.35
