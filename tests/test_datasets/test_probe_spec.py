"""Parameters, classes and balance of the probe."""

from collections import Counter

import numpy as np
import pytest

from dem_mmaction.datasets.motion_probe import CLASSES, PROFILES, ProbeSpec, video_info


def test_classes_and_profiles_are_balanced():
    spec = ProbeSpec()
    for split, count in (('train', 576), ('test', 384)):
        infos = [video_info(spec, split, index) for index in range(count)]
        assert set(Counter(i.label for i in infos).values()) == {count // 8}
        for label in range(len(CLASSES)):
            own = [i for i in infos if i.label == label]
            motion = Counter(i.motion for i in own)
            assert motion['steady'] == motion['varied']
            varied = Counter(i.profile for i in own if i.motion == 'varied')
            assert set(varied) == set(PROFILES[1:])
            assert max(varied.values()) - min(varied.values()) <= 1
        speeds = np.array([i.speed for i in infos])
        assert spec.speed[0] <= speeds.min() < speeds.max() <= spec.speed[1]
        assert np.ptp(speeds) > 0.9 * np.ptp(spec.speed)


@pytest.mark.parametrize(
    'values, shown',
    [
        (dict(train=12), 'train=12.*multiple of the 8 classes'),
        (dict(test=-8), 'test=-8'),
        (dict(train=0, test=0), 'at least one split'),
        (dict(frames=15), 'frames=15.*at least 16'),
        (dict(frames=96.0), 'frames=96.0'),
        (dict(size=(31, 64)), 'size=.31, 64.*at least 32'),
        (dict(size=64), 'size=64.*width, height'),
        (dict(size=(48, 64)), 'decord cannot read'),
        (dict(size=(73, 64)), 'decord cannot read'),
        (dict(seed=-1), 'seed=-1'),
        (dict(classes='triple'), "classes='triple'.*single, compound"),
        (dict(clutter='busy'), "clutter='busy'.*plain, textured_shape, textured"),
        (dict(speed=(0.03, 0.02)), 'speed=.0.03, 0.02.*slowest <= fastest'),
        (dict(speed=(0, 0.02)), 'speed='),
        (dict(speed=(0.02, 0.25)), 'speed=.*0.25'),
    ],
)
def test_bad_parameters_are_refused(values, shown):
    with pytest.raises(ValueError, match=shown):
        ProbeSpec(**values)
