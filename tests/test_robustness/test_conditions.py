import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from dem_mmaction.robustness import (
    SAMPLING_STEPS,
    SamplingRate,
    condition_named,
    find_sampling,
    frames_taken,
    named_conditions,
    suite,
)


@pytest.mark.parametrize('kind', [k for k, own in SAMPLING_STEPS.items() if own])
def test_a_rate_changes_the_interval_alone(kind):
    own = dict(type=kind, clip_len=16, frame_interval=2, num_clips=10)
    (step,) = SamplingRate(8).steps(own)
    assert step == dict(own, frame_interval=8) and own['frame_interval'] == 2
    assert SamplingRate(8).name == 'sr8'


@pytest.mark.parametrize('kind', ['SampleAround', 'SampleFrames', 'DenseSampleFrames'])
def test_at_fractions_frames_repeat(kind):
    own = dict(type=kind, clip_len=4, test_mode=True)
    if kind == 'SampleAround':
        own['centre'] = None
    (step,) = SamplingRate(0.5).steps(own)
    assert step == dict(own, frame_interval=0.5)
    results = dict(total_frames=80, start_index=0)
    frames = TRANSFORMS.build(step)(results)['frame_inds'].reshape(-1, 4)
    assert (frames - frames[:, :1] <= [0, 1, 1, 2]).all()
    assert (np.diff(frames[:, ::2], axis=1) == 1).all()
    with pytest.raises(ValueError, match='rate=0.5 cannot be with temporal_jitter'):
        SamplingRate(0.5).steps(dict(own, temporal_jitter=True))


def test_segments_have_no_rate():
    for own in (
        dict(type='UniformSample', clip_len=8),
        dict(type='SampleFrames', clip_len=1, num_clips=8),
    ):
        with pytest.raises(ValueError, match='rate=2: the frames of .* lie all over'):
            SamplingRate(2).steps(own)
        assert frames_taken(own) == 8


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
    with pytest.raises(ValueError, match="of .*UniformSample; it has .'VideoInit'"):
        find_sampling([dict(type='VideoInit')])


def test_conditions_have_names_that_read_back():
    pipeline = [dict(type='SampleFrames', clip_len=8, frame_interval=2)]
    found = suite('all', pipeline)
    assert found[0].name == 'clean' and found[0].steps(pipeline[0]) == pipeline
    names = [own.name for own in found]
    assert len(set(names)) == len(names) == 1 + 5 + 9 + 16 + 5 + 6 + 4 + 5 + 9 + 12
    assert names[1:6] == ['sr1', 'sr4', 'sr8', 'sr16', 'sr32']
    for own in found:
        assert condition_named(own.name) == own
    assert condition_named('rate=4') == SamplingRate(4)
    temporal = {own.name for own in suite('temporal', pipeline)}
    assert set(names) - temporal == {
        *names[1:6],
        *(name for name in names if name.startswith('window=')),
    }
    assert {own.name for own in suite('rates', pipeline)} == set(names[:6])
    assert 'frames=8' not in names and 'frames=16' in names


def test_the_domain_and_the_seed_reach_the_steps():
    (step,) = condition_named('jumble=4', over='video', seed=3).choose
    assert step == dict(type='JumbleFrames', segments=4, over='video', seed=3)


@pytest.mark.parametrize(
    'name, words',
    [
        ('hop', "no condition 'hop'. There are rate, coverage,.*shuffled"),
        ('speed', "'speed' is written as 'speed=3'"),
        ('reverse=2', "'reverse=2' is written as 'reverse'"),
        ('blur=4', "'blur=4' has no such severity: width=4 must be an odd.*3, 5, 7"),
        ('window=2', "'window=2' has no such severity.*0.75x2"),
    ],
)
def test_what_is_no_condition_is_named_and_the_others_stay(name, words):
    found, refused = named_conditions(['reverse', name, 'sr2'])
    assert [own.name for own in found] == ['reverse', 'sr2']
    with pytest.raises(ValueError, match=words):
        raise ValueError(refused[name])
