import pytest

from dem_mmaction.robustness import SamplingRate


def test_a_rate_changes_the_interval_alone():
    own = dict(type='SampleFrames', clip_len=16, frame_interval=2, num_clips=10)
    (step,) = SamplingRate(8).steps(own)
    assert step == dict(own, frame_interval=8) and own['frame_interval'] == 2
    assert SamplingRate(8).name == 'sr8'


@pytest.mark.parametrize('rate', [0, -1, 1.5, '2', None])
def test_a_rate_that_is_none_is_named(rate):
    with pytest.raises(ValueError, match='must be an integer from 1 on'):
        SamplingRate(rate)
