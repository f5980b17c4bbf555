import warnings

import pytest
from mmaction.registry import HOOKS
from mmengine.registry import Registry

from dem_mmaction.deprecated import keep_old_name
from dem_mmaction.engine import ReseedEpochHook, StopBelowLRHook


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
