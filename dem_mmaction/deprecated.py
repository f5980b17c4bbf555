"""Names of earlier versions, kept for old configs."""

import functools
import warnings
from collections.abc import Callable, Sequence

from mmaction.registry import HOOKS, LOOPS, TRANSFORMS
from mmengine.registry import Registry

from .engine import ReseedEpochHook, StopBelowLRHook
from .robustness import ConditionTestLoop, SampleConditions, SamplingRate


def keep_old_name(
    registry: Registry,
    old: str,
    new: type,
    translate: Callable[..., dict] | None = None,
) -> type:
    """Register a class under its old name, too, with a warning where it is built.

    Args:
        registry: The registry that has the class.
        old: Its name in earlier versions.
        new: The class under its present name.
        translate: Makes present keyword arguments of old ones. None: they are the same.

    Returns:
        A subclass named ``old`` that does the same.
    """

    @functools.wraps(new.__init__)
    def __init__(self, *args, **kwargs):
        warnings.warn(
            f"'{old}' has been renamed: write type='{new.__name__}' in the config.",
            DeprecationWarning,
            stacklevel=2,
        )
        if translate is not None:
            kwargs = translate(**kwargs)
        new.__init__(self, *args, **kwargs)

    kept = type(old, (new,), dict(__init__=__init__))
    registry.register_module(module=kept)
    return kept


def _sample_rates(rates: Sequence[int], sample: dict, **others) -> dict:
    conditions = map(SamplingRate, rates)
    return dict(
        conditions={own.name: own.steps(sample) for own in conditions}, **others
    )


def _rate_test_loop(rates: Sequence[int], **others) -> dict:
    return dict(conditions=[SamplingRate(rate).name for rate in rates], **others)


ReseedEpoch = keep_old_name(HOOKS, 'ReseedEpoch', ReseedEpochHook)
StopBelowRate = keep_old_name(HOOKS, 'StopBelowRate', StopBelowLRHook)
SampleRates = keep_old_name(TRANSFORMS, 'SampleRates', SampleConditions, _sample_rates)
RateTestLoop = keep_old_name(LOOPS, 'RateTestLoop', ConditionTestLoop, _rate_test_loop)
