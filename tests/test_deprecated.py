import warnings

import pytest
from mmaction.registry import HOOKS, TRANSFORMS
from mmengine.registry import Registry
from tiny_runner import tiny_runner

from dem_mmaction.deprecated import keep_old_name
from dem_mmaction.engine import ReseedEpochHook, StopBelowLRHook
from dem_mmaction.robustness import SampleConditions


@pytest.mark.parametrize(
    'old, new, kwargs',
    [
        ('StopBelowRate', StopBelowLRHook, dict(min_lr=0.1)),
        ('ReseedEpoch', ReseedEpochHook, dict()),
    ],
)
def test_old_names_build_the_renamed_class_with_a_warning(old, new, kwargs):
    with pytest.warns(DeprecationWarning, match=f"'{old}'.*'{new.__name__}'"):
        built = HOOKS.build(dict(type=old, **kwargs))
    assert isinstance(built, new)
    assert vars(built) == vars(new(**kwargs))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        HOOKS.build(dict(type=new.__name__, **kwargs))


def test_arguments_are_checked_under_the_old_name_too():
    with pytest.raises(ValueError, match='min_lr=-1'):
        with pytest.warns(DeprecationWarning):
            HOOKS.build(dict(type='StopBelowRate', min_lr=-1))


def test_any_registry_and_positional_arguments():
    class Present:
        def __init__(self, a, b=2):
            self.sum = a + b

    registry = Registry('things')
    kept = keep_old_name(registry, 'Past', Present)
    assert registry.get('Past') is kept
    with pytest.warns(DeprecationWarning, match="'Past'.*'Present'") as warned:
        assert kept(1, b=5).sum == 6
    assert warned[0].filename == __file__  # of the call, not of the mechanism
    assert kept.__module__ == 'dem_mmaction.deprecated'


def test_the_old_transform_takes_its_old_arguments():
    sample = dict(type='SampleFrames', clip_len=2, frame_interval=1, test_mode=True)
    others = dict(decode=dict(type='VideoDecode'), finish=[])
    with pytest.warns(DeprecationWarning, match="'SampleRates'.*'SampleConditions'"):
        old = TRANSFORMS.build(
            dict(type='SampleRates', rates=[1, 3], sample=sample, **others)
        )
    conditions = {f'sr{rate}': [dict(sample, frame_interval=rate)] for rate in (1, 3)}
    new = SampleConditions(conditions, **others)
    video = dict(total_frames=9, start_index=0)
    for name in ('sr1', 'sr3'):
        own, other = (each.samplers[name](dict(video)) for each in (old, new))
        assert own['frame_inds'].tolist() == other['frame_inds'].tolist()


def test_the_old_loop_tests_at_its_old_rates(tmp_path):
    runner = tiny_runner(tmp_path, dict(type='RateTestLoop', rates=[1, 3]))
    with pytest.warns(DeprecationWarning, match="'RateTestLoop'.*'ConditionTestLoop'"):
        metrics = runner.test()
    assert (metrics['sr1/too_short'], metrics['sr3/too_short']) == (0, 1)
