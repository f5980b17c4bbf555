"""Parameters, classes and balance of the dots of the probe."""

from collections import Counter

import numpy as np
import pytest

from dem_mmaction.datasets.motion_probe import (
    CYCLES,
    DOT_PROFILES,
    DotsSpec,
    video_info,
)


def test_classes_and_profiles_are_balanced():
    spec = DotsSpec()
    infos = [video_info(spec, 'test', index) for index in range(48 * 8)]
    pairs = Counter((info.name, info.profile) for info in infos)
    for name in CYCLES:
        assert pairs[name, 'steady'] == 48
        assert [pairs[name, profile] for profile in DOT_PROFILES[1:]] == [12] * 4
    assert [info.label for info in infos[:5]] == [0, 1, 2, 3, 0]


@pytest.mark.parametrize('what', ['speed', 'coherence'])
def test_every_video_has_its_own_speed_and_coherence(what):
    spec = DotsSpec()
    infos = [video_info(spec, 'train', index) for index in range(spec.train)]
    least, most = getattr(spec, what)
    drawn = np.array([getattr(info, what) for info in infos])
    assert least <= drawn.min() < drawn.max() <= most
    # Uniform, and alike in every class: the standard error of a class's mean is 2 %.
    drawn = (drawn - least) / (most - least)
    for label in range(len(CYCLES)):
        own = drawn[label :: len(CYCLES)]
        assert own.mean() == pytest.approx(0.5, abs=0.08)
        assert own.std() == pytest.approx(1 / np.sqrt(12), abs=0.04)


def test_the_annotation_has_the_coherence():
    info = video_info(DotsSpec(), 'test', 5)
    path, label, *pairs = info.annotation.split()
    assert (path, label) == ('videos/test/00005.mp4', '1')
    fields = dict(pair.split('=') for pair in pairs)
    assert list(fields) == ['profile', 'motion', 'speed', 'coherence']
    assert fields['motion'] == 'varied'
    assert float(fields['coherence']) == pytest.approx(info.coherence, abs=5e-5)


def test_axes_take_turns_in_every_class():
    pairs = {(across, down) for across in ('left', 'right') for down in ('up', 'down')}
    assert {*CYCLES.values()} == pairs


@pytest.mark.parametrize(
    'values, shown',
    [
        (dict(train=6), 'train=6.*multiple of the 4 classes'),
        (dict(frames=15), 'frames=15.*at least 16'),
        (dict(size=(48, 64)), 'decord cannot read'),
        (dict(speed=(0.03, 0.02)), 'speed=.0.03, 0.02.*slowest <= fastest'),
        (dict(coherence=(0.5, 0.4)), 'coherence=.0.5, 0.4.*smallest <= largest'),
        (dict(coherence=(0, 0.4)), 'coherence=.0, 0.4.*0 < smallest'),
        (dict(coherence=(0.5, 1.1)), 'coherence='),
        (dict(coherence=0.5), 'coherence=0.5'),
        (dict(dwell=(1, 4)), 'dwell=.1, 4.*2 <= shortest'),
        (dict(dwell=(6, 4)), 'dwell='),
        (dict(dwell=(5.0, 9.0)), 'dwell='),
        (dict(dots=0), 'dots=0.*at least 1'),
        (dict(redraw=1), 'redraw=1.*below 1'),
        (dict(redraw=-0.1), 'redraw='),
    ],
)
def test_bad_parameters_are_refused(values, shown):
    with pytest.raises(ValueError, match=shown):
        DotsSpec(**values)
