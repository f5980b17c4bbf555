"""Reading checkpoints: what mmengine saves, what modules adapt, what is none."""

import functools
import pickle
from collections.abc import Callable


def allow_mmengine_checkpoints() -> None:
    """Let ``weights_only=True`` read what mmengine saves beside the weights.

    mmengine saves the log buffers of its message hub, with numpy scalars and arrays in
    them, and the annealing function of its one-cycle schedule. Everything else is still
    refused.

    Raises:
        ImportError: torch is older than 2.6, which executes what a pickle says.
    """
    import numpy as np
    import torch
    from mmengine.logging.history_buffer import HistoryBuffer
    from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
    from mmengine.utils import digit_version

    HistoryBuffer()  # the first one fills its table of methods
    methods = {
        HistoryBuffer: HistoryBuffer._statistics_methods,
        OneCycleParamScheduler: ('_annealing_cos', '_annealing_linear'),
    }

    def method(owner: type, name: str) -> Callable:
        # A pickle asks for a method by a call of getattr: allow it for these alone.
        if isinstance(owner, type) and name in methods.get(owner, ()):
            return getattr(owner, name)
        raise pickle.UnpicklingError(
            f'The checkpoint asks for {name!r} of {owner!r}, which no checkpoint of '
            'mmengine needs.'
        )

    if digit_version(torch.__version__) < digit_version('2.6'):
        raise ImportError(
            f'torch {torch.__version__} executes what a checkpoint tells it to. '
            "dem_mmaction needs torch 2.6 or later: pip install 'torch>=2.6'."
        )
    core = np.core if np.lib.NumpyVersion(np.__version__) < '2.0.0' else np._core
    allowed = [*methods, (method, 'builtins.getattr'), np.ndarray, np.dtype]
    # numpy 1 and 2 keep them in modules of different names: read both.
    for function in (core.multiarray._reconstruct, core.multiarray.scalar):
        for package in ('numpy.core', 'numpy._core'):
            allowed.append((function, f'{package}.multiarray.{function.__name__}'))
    for kind in (np.float64, np.float32, np.int64, np.int32, np.bool_):
        allowed.append(type(np.dtype(kind)))
    torch.serialization.add_safe_globals(allowed)


def let_modules_adapt_checkpoints() -> None:
    """Call ``adapt_checkpoint(state_dict, prefix)`` of the modules that have it.

    Before mmengine loads a state dict into a model, with all of its tensors and the
    beginning of the module's names in the model; what they change is loaded.
    """
    from mmengine.model import BaseTTAModel, is_model_wrapper
    from mmengine.runner import checkpoint

    load_state_dict = checkpoint.load_state_dict
    if hasattr(load_state_dict, '__wrapped__'):
        return

    @functools.wraps(load_state_dict)
    def load_adapted(module, state_dict, *args, **kwargs):
        model = module
        while is_model_wrapper(model) or isinstance(model, BaseTTAModel):
            model = model.module
        metadata = getattr(state_dict, '_metadata', None)
        state_dict = state_dict.copy()
        if metadata is not None:
            state_dict._metadata = metadata
        for name, part in model.named_modules():
            if hasattr(part, 'adapt_checkpoint'):
                part.adapt_checkpoint(state_dict, f'{name}.' if name else '')
        return load_state_dict(module, state_dict, *args, **kwargs)

    checkpoint.load_state_dict = load_adapted


def name_unreadable_checkpoints() -> None:
    """Let files that are no checkpoints fail in one line that names them."""
    from mmengine.runner.checkpoint import CheckpointLoader, load_from_local

    @functools.wraps(load_from_local)
    def load_or_name(filename, *args, **kwargs):
        try:
            loaded = load_from_local(filename, *args, **kwargs)
        except FileNotFoundError:
            raise
        # A zip archive that was cut off is an OSError without the name of the file.
        except (
            EOFError,
            OSError,
            RuntimeError,
            ValueError,
            pickle.UnpicklingError,
        ) as error:
            reason = next(iter(str(error).splitlines()), '') or 'the file ends too soon'
            raise ValueError(
                f"'{filename}' cannot be read as a checkpoint: {reason}"
            ) from error
        # No more is asked: other models keep their weights under names of their own.
        weights = loaded.get('state_dict', loaded) if isinstance(loaded, dict) else None
        if not isinstance(weights, dict) or not all(
            isinstance(name, str) for name in weights
        ):
            raise ValueError(
                f"'{filename}' is no checkpoint: it must hold a dictionary of tensors "
                "by name, or such a dictionary as its 'state_dict'."
            )
        return loaded

    CheckpointLoader.register_scheme('', load_or_name, force=True)
