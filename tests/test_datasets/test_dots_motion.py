"""How the dots of the probe move, and that the order of the frames alone tells it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dem_mmaction.datasets.motion_probe import (
    CYCLES,
    DOT_PROFILES,
    DotsSpec,
    video_info,
)
from dem_mmaction.datasets.motion_probe.dots_motion import dot_paths, drift, pace

DIRECTIONS = dict(left=(-1, 0), right=(1, 0), up=(0, -1), down=(0, 1))


def generator(seed=0):
    return np.random.default_rng(seed)


def stretches(course):
    """The steps (x, y) within each stretch."""
    for number in range(course.stretch[-1] + 1):
        yield course.step[course.stretch == number][1:]


specs = st.builds(
    DotsSpec,
    frames=st.integers(16, 150),
    dwell=st.tuples(st.integers(2, 12), st.integers(0, 8)).map(
        lambda pair: (pair[0], sum(pair))
    ),
)


@settings(max_examples=200, deadline=None)
@given(
    spec=specs,
    name=st.sampled_from(list(CYCLES)),
    profile=st.sampled_from(DOT_PROFILES),
    seed=st.integers(0, 10**6),
)
def test_stretches_last_as_long_as_asked_and_follow_the_cycle(
    spec, name, profile, seed
):
    info = replace(video_info(spec, 'train', 0), name=name, profile=profile)
    course = drift(info, spec, generator(seed))
    assert course.stretch.shape == (spec.frames,)
    assert course.step.shape == (spec.frames, 2)
    assert course.stretch[0] == 0 and {*np.diff(course.stretch)} <= {0, 1}
    lengths = np.bincount(course.stretch)
    shortest, longest = spec.dwell
    assert (lengths[1:-1] >= shortest).all()
    assert (1 <= lengths).all() and (lengths <= longest).all()
    assert not course.step[course.starts].any()

    seen = []
    for steps in stretches(course):
        ways = {tuple(way) for way in np.sign(steps).astype(int) if way.any()}
        assert len(ways) <= 1  # none in a rest or a single frame
        seen.append(ways.pop() if ways else None)
    cycle = [DIRECTIONS[direction] for direction in CYCLES[name]]
    expected = [[cycle[(i + k) % 2] for i in range(len(seen))] for k in (0, 1)]
    assert any(
        all(way in (None, there) for way, there in zip(seen, turns, strict=True))
        for turns in expected
    )


@settings(max_examples=100, deadline=None)
@given(spec=specs, profile=st.sampled_from(DOT_PROFILES), seed=st.integers(0, 10**6))
def test_the_class_decides_about_signs_alone(spec, profile, seed):
    """One half of why frames without their order say nothing about the class."""
    info = replace(video_info(spec, 'train', 0), profile=profile)
    courses = [drift(replace(info, name=n), spec, generator(seed)) for n in CYCLES]
    for course in courses[1:]:
        np.testing.assert_array_equal(course.stretch, courses[0].stretch)
        np.testing.assert_array_equal(np.abs(course.step), np.abs(courses[0].step))
    signs = {tuple(np.sign(course.step).ravel()) for course in courses}
    moved = len({*courses[0].stretch[courses[0].step.any(1)]})
    assert len(signs) == 1 if moved == 0 else len(signs) > 1


@pytest.mark.parametrize('profile', DOT_PROFILES)
@pytest.mark.parametrize('cut', [slice(0, 4), slice(3, 7)])
def test_a_stretch_is_as_likely_backwards(profile, cut):
    """The other half: backwards it is a drift the other way, also where it is cut."""
    paces = np.array([pace(profile, 7, generator(seed))[cut] for seed in range(4000)])
    levels = np.quantile(paces, [0.1, 0.3, 0.5, 0.7, 0.9])
    there = np.digitize(paces, levels)
    # How often the speed goes from one level to another, and how often back.
    ways = np.zeros((6, 6))
    for i in range(there.shape[1]):
        for j in range(i + 1, there.shape[1]):
            np.add.at(ways, (there[:, i], there[:, j]), 1)
    # Six standard deviations of a difference of counts.
    assert (np.abs(ways - ways.T) <= 6 * np.sqrt(ways + ways.T) + 1e-9).all()


@pytest.mark.parametrize('profile', DOT_PROFILES)
def test_each_profile_keeps_the_mean_speed_and_has_its_own_course(profile):
    paces = np.array([pace(profile, 24, generator(seed)) for seed in range(2000)])
    assert paces.mean() == pytest.approx(1, abs=0.03)
    assert paces.min() >= 0
    within = paces.std(1)
    if profile in ('steady', 'changing'):
        assert within.max() < 1e-9
        assert (paces.std() > 0.2) == (profile == 'changing')
        return
    assert np.median(within) > 0.4
    if profile == 'surging':
        assert 0.19 < paces.min() < 0.25 and 1.75 < paces.max() < 1.81
        assert np.abs(np.diff(paces)).max() < 0.5  # no jumps
    elif profile == 'stop_and_go':
        assert {*paces.ravel()} == {0, 1.5} and (paces == 0).sum(1).tolist() == [
            8
        ] * 2000
    else:
        assert {*np.round(paces.ravel(), 3)} == {0.571, 4.0}
        assert (paces == 4).mean() == pytest.approx(1 / 8, abs=0.01)


def test_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="profile='wobble'.*stop_and_go"):
        pace('wobble', 5, generator())


def paths(coherence, redraw=0.0, seed=0, dots=500):
    spec = DotsSpec(dots=dots, redraw=redraw, frames=96)
    rng = generator(seed)
    course = drift(video_info(spec, 'train', seed), spec, rng)
    return course, dot_paths(course, coherence, spec, rng)


def moved_along(course, path):
    """Whether a dot made the common step, (T - 1, dots), within stretches alone."""
    way = np.diff(path, axis=0) - course.step[1:, None]
    way -= np.rint(way)
    return (np.abs(way) < 1e-9).all(-1)[~course.starts[1:]]


@pytest.mark.parametrize('coherence', [0.0, 0.3, 1.0])
@pytest.mark.parametrize('redraw', [0.0, 0.2])
def test_the_asked_share_of_dots_drifts_together(coherence, redraw):
    along = moved_along(*paths(coherence, redraw))
    assert along.mean() == pytest.approx(coherence * (1 - redraw), abs=0.03)


def test_a_dot_drifts_or_jumps_for_a_whole_stretch():
    course, path = paths(0.5)
    way = np.diff(path, axis=0) - course.step[1:, None]
    along = (np.abs(way - np.rint(way)) < 1e-9).all(-1)
    for number in range(course.stretch[-1] + 1):
        inside = (course.stretch[1:] == number) & ~course.starts[1:]
        if inside.sum() > 1:
            assert (along[inside] == along[inside][0]).all()
    assert not along[course.starts[1:]].any()


@pytest.mark.parametrize('coherence', [0.0, 1.0])
def test_dots_are_everywhere_in_every_frame(coherence):
    _, path = paths(coherence, redraw=0.1, dots=4000)
    assert path.min() >= 0 and path.max() < 1
    uniform = (np.arange(4000) + 0.5) / 4000
    for frame in path[::19]:
        distance = np.abs(np.sort(frame, axis=0) - uniform[:, None]).max()
        assert distance < 0.04  # Kolmogorov-Smirnov, once in 100,000


@pytest.mark.parametrize('rate', [1, 2, 4])
def test_clips_show_motion_at_every_usual_sampling(rate):
    """How many pairs of frames in a row of a clip lie in one stretch."""
    spec = DotsSpec()
    same = [
        np.diff(drift(video_info(spec, 'train', i), spec, generator(i)).stretch[::rate])
        == 0
        for i in range(200)
    ]
    share = np.concatenate(same).mean()
    assert share > {1: 0.8, 2: 0.65, 4: 0.4}[rate]
