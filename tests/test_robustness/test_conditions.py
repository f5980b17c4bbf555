import pytest
from mmaction.registry import TRANSFORMS

from dem_mmaction.robustness import SAMPLING_STEPS, SamplingRate, find_sampling


@pytest.mark.parametrize('kind', SAMPLING_STEPS)
def test_a_rate_changes_the_interval_alone(kind):
    own = dict(type=kind, clip_len=16, frame_interval=2, num_clips=10)
    (step,) = SamplingRate(8).steps(own)
    assert step == dict(own, frame_interval=8) and own['frame_interval'] == 2
    assert SamplingRate(8).name == 'sr8'


def test_fractions_are_for_steps_that_take_them():
    around = dict(type='SampleAround', clip_len=16)
    (step,) = SamplingRate(0.5).steps(around)
    assert step == dict(around, frame_interval=0.5)
    assert SamplingRate(0.5).name == 'sr0.5'
    assert TRANSFORMS.build(step).frame_interval == 0.5
    with pytest.raises(ValueError, match='rate=0.5: SampleFrames takes whole interv'):
        SamplingRate(0.5).steps(dict(type='SampleFrames', clip_len=16))


def test_a_whole_number_is_one_rate_however_it_is_written():
    assert SamplingRate(2.0) == SamplingRate(2) and SamplingRate(2.0).name == 'sr2'
    (step,) = SamplingRate(2.0).steps(dict(type='SampleFrames', clip_len=16))
    assert isinstance(step['frame_interval'], int)
    assert SamplingRate(1 / 3).name != SamplingRate(0.3333333).name


@pytest.mark.parametrize('rate', [0, -1, -0.5, float('nan'), float('inf'), '2', None])
def test_a_rate_that_is_none_is_named(rate):
    with pytest.raises(ValueError, match='must be a number above 0'):
        SamplingRate(rate)


def test_the_sampling_step_is_any_of_those_known():
    for kind in SAMPLING_STEPS:
        assert find_sampling([dict(type='VideoInit'), dict(type=kind)]) == 1
    with pytest.raises(ValueError, match="of type .*SampleFrames; it has .'VideoInit'"):
        find_sampling([dict(type='VideoInit')])
