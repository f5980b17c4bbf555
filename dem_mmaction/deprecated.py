"""Names of earlier versions, kept for old configs."""

import functools
import warnings

from mmaction.registry import HOOKS
from mmengine.registry import Registry

from .engine import ReseedEpochHook, StopBelowLRHook


def keep_old_name(registry: Registry, old: str, new: type) -> type:
    """Register a class under its old name, too, with a warning where it is built.

    Args:
        registry: The registry that has the class.
        old: Its name in earlier versions.
        new: The class under its present name.

    Returns:
        A subclass named ``old``: it takes the same arguments and does the same.
    """

    @functools.wraps(new.__init__)
    def __init__(self, *args, **kwargs):
        warnings.warn(
            f"'{old}' has been renamed: write type='{new.__name__}' in the config.",
            DeprecationWarning,
            stacklevel=2,
        )
        new.__init__(self, *args, **kwargs)

    kept = type(old, (new,), dict(__init__=__init__))
    registry.register_module(module=kept)
    return kept


ReseedEpoch = keep_old_name(HOOKS, 'ReseedEpoch', ReseedEpochHook)
StopBelowRate = keep_old_name(HOOKS, 'StopBelowRate', StopBelowLRHook)
