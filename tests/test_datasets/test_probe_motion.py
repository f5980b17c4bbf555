"""Where the shape of a probe video is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dem_mmaction.datasets.motion_probe import (
    CLASS_SETS,
    PROFILES,
    ProbeSpec,
    video_info,
)
from dem_mmaction.datasets.motion_probe.motion import (
    RADIUS,
    occluded,
    trajectory,
    travel,
)


@settings(max_examples=300, deadline=None)
@given(
    profile=st.sampled_from(PROFILES),
    speed=st.floats(1e-3, 0.2499),
    frames=st.integers(16, 300),
    seed=st.integers(0, 10**6),
)
def test_travel_runs_forward_at_the_asked_mean_speed(profile, speed, frames, seed):
    distance = travel(profile, speed, frames, np.random.default_rng(seed))
    steps = np.diff(distance)
    assert distance.shape == (frames,)
    assert distance[0] == 0
    assert distance[-1] == pytest.approx(speed * (frames - 1))
    assert (steps >= 0).all()
    assert steps.max() < 0.5


@pytest.mark.parametrize('seed', range(5))
def test_each_profile_has_its_own_course(seed):
    speed = 0.02
    steps = {
        profile: np.diff(travel(profile, speed, 96, np.random.default_rng(seed)))
        for profile in PROFILES
    }
    np.testing.assert_allclose(steps['steady'], speed)
    np.testing.assert_allclose(steps['occlusion'], speed)
    assert (np.diff(steps['accelerating']) > 0).all()
    assert (np.diff(steps['decelerating']) < 0).all()
    assert steps['accelerating'][-1] == pytest.approx(3 * steps['accelerating'][0])

    resting = steps['stop_and_go'] == 0
    assert 0.2 < resting.mean() < 0.4
    assert np.ptp(steps['stop_and_go'][~resting]) < 1e-9

    slow, jump = np.sort(steps['sudden_jump'])[-2:]
    assert jump - slow == pytest.approx(0.25)
    assert 96 // 4 - 1 <= steps['sudden_jump'].argmax() <= 96 * 3 // 4


@pytest.mark.parametrize('profile', PROFILES)
def test_direction_is_unambiguous_at_every_usual_sampling(profile):
    slowest, fastest = ProbeSpec().speed
    for seed in range(50):
        distance = travel(profile, fastest, 96, np.random.default_rng(seed))
        assert (distance[4:] - distance[:-4]).max() < 0.4

        rng = np.random.default_rng(seed)
        distance = travel(profile, slowest, 96, rng)
        hidden = occluded(profile, 96, rng)
        for start in range(96 - 15):
            clip = slice(start, start + 16)
            seen = distance[clip][~hidden[clip]]
            assert len(seen) >= 4
            assert seen[-1] - seen[0] > 0.03


def test_only_occlusion_hides_the_shape_and_for_a_stretch():
    rng = np.random.default_rng(0)
    for profile in PROFILES:
        hidden = occluded(profile, 96, rng)
        assert hidden.sum() == (12 if profile == 'occlusion' else 0)
        assert not hidden[[0, -1]].any()
        assert np.abs(np.diff(hidden.astype(int))).sum() in (0, 2)


def test_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="profile='wobble'.*stop_and_go"):
        travel('wobble', 0.02, 96, np.random.default_rng(0))


def phases(spec, index):
    """Periods of (x, y, angle, size) in every frame."""
    info = video_info(spec, 'train', index)
    pose = trajectory(info, 96, spec.size, np.random.default_rng(index))
    low, high = np.log(min(spec.size) * np.array(RADIUS))
    return info, np.stack(
        [
            *(pose.centre / spec.size).T,
            pose.angle / (2 * np.pi),
            (np.log(pose.radius) - low) / (high - low),
        ],
        axis=1,
    )


@pytest.mark.parametrize('classes', CLASS_SETS)
@pytest.mark.parametrize('frame', [0, 47, 95])
def test_pose_is_distributed_alike_in_every_class(frame, classes):
    spec = ProbeSpec(classes=classes)
    names = CLASS_SETS[classes]
    seen = {name: [] for name in names}
    for index in range(400 * len(names)):
        info, own = phases(spec, index)
        seen[info.name].append(own[frame])
    uniform = (np.arange(400) + 0.5) / 400
    for name in names:
        # Kolmogorov-Smirnov distance; 0.1 is passed by chance once in 1500.
        distance = np.abs(np.sort(seen[name], axis=0) - uniform[:, None])
        assert distance.max() < 0.1, name


DIRECTIONS = dict(
    left=(0, -1),
    right=(0, 1),
    up=(1, -1),
    down=(1, 1),
    turn_left=(2, -1),
    turn_right=(2, 1),
    grow=(3, 1),
    shrink=(3, -1),
)


@pytest.mark.parametrize('classes', CLASS_SETS)
def test_a_class_moves_what_its_name_says(classes):
    spec = ProbeSpec(classes=classes)
    for index, name in enumerate(CLASS_SETS[classes]):
        info, own = phases(spec, index)
        assert (info.name, info.label) == (name, index)
        change = (own[10] - own[0] + 0.5) % 1 - 0.5
        parts = [name] if name in DIRECTIONS else name.split('_', 1)
        expected = np.zeros(4)
        for part in parts:
            moved, sign = DIRECTIONS[part]
            expected[moved] = sign * 10 * info.speed
        np.testing.assert_allclose(change, expected, atol=1e-9)
