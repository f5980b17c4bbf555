"""Every gap between ``pip install`` and a working MMAction2, in one place.

Each entry: the gap, how it is closed, when that can go.

- mmaction2 1.2.0 from the index lacks ``models/localizers/drn``, so that
  ``import mmaction.models`` fails (open-mmlab/mmaction2 issue 2714). A stand-in module.
  Until a release ships the folder.
- mmaction2 imports ``importlib_metadata`` without asking for it. A stand-in module.
  Until it asks for it or uses ``importlib.metadata``.
- mmengine 0.10.7 imports ``pkg_resources``, gone from setuptools 82. A stand-in module.
  Until it uses ``importlib.metadata``.
- torch 2.6 and later load with ``weights_only=True`` and refuse what mmengine 0.10.7
  stores beside the weights (open-mmlab/mmengine pull 1650). An allow-list. Until
  mmengine has one.
- Models built outside a Runner find no registry where no default scope was set.
  ``mmaction`` where there is none. Until mmaction2 sets it on import.
- Without a GPU, mmengine 0.10.7 cannot start several processes, its AMP wrapper refuses
  to work (open-mmlab/mmpretrain issue 1556), torch's SyncBN too, and processes that
  leave gloo open may abort at their end (pytorch/pytorch pull 179291). Gloo, fp32 and
  plain BN on a CPU. Until mmengine supports them there.

Stand-ins are found last: whatever is installed wins, so one whose gap has gone away
does nothing.
"""

import atexit
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import logging
import pickle
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from unittest import mock

MMCV_HINT = (
    'dem_mmaction needs mmcv >= 2.0.0, < 2.2.0 and finds none. Install one of them:\n'
    "    pip install 'mmcv-lite>=2.0.0,<2.2.0'    (all this package needs)\n"
    "    mim install 'mmcv>=2.0.0,<2.2.0'         (with the compiled operators)"
)


def close_gaps() -> None:
    """Close every gap of the table above that is open; further calls do nothing.

    Raises:
        ImportError: Neither ``mmcv`` nor ``mmcv-lite`` is installed.
    """
    if importlib.util.find_spec('mmcv') is None:
        raise ImportError(MMCV_HINT)
    if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(StandInFinder())
    allow_mmengine_checkpoints()
    set_default_scope()
    run_without_gpu()


# --- modules that are missing -------------------------------------------------------


def _drn(module: ModuleType) -> None:

    class DRN:
        """Stands for the localizer that the released package lacks."""

        def __init__(self, *args, **kwargs) -> None:
            raise ImportError(
                'This release of mmaction2 lacks the DRN localizer (its issue '
                '2714); install MMAction2 from its source to use it.'
            )

    module.DRN = DRN


def _importlib_metadata(module: ModuleType) -> None:
    for name in importlib.metadata.__all__:
        setattr(module, name, getattr(importlib.metadata, name))


def _pkg_resources(module: ModuleType) -> None:
    """The part of it that ``mmengine.utils.package_utils`` calls."""

    def get_distribution(name: str) -> SimpleNamespace:
        dist = importlib.metadata.distribution(name)
        return SimpleNamespace(
            location=str(dist.locate_file('')),
            version=dist.version,
            has_metadata=lambda file: dist.read_text(file) is not None,
            get_metadata=dist.read_text,
        )

    module.get_distribution = get_distribution
    module.DistributionNotFound = importlib.metadata.PackageNotFoundError


STAND_INS: dict[str, Callable[[ModuleType], None]] = {
    'importlib_metadata': _importlib_metadata,
    'pkg_resources': _pkg_resources,
    'mmaction.models.localizers.drn': lambda package: None,
    'mmaction.models.localizers.drn.drn': _drn,
}


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import :data:`STAND_INS` where nothing else provides them."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in STAND_INS:
            return None
        return importlib.machinery.ModuleSpec(
            fullname, self, is_package=fullname.endswith('localizers.drn')
        )

    def create_module(self, spec):
        return None  # an empty module

    def exec_module(self, module: ModuleType) -> None:
        STAND_INS[module.__spec__.name](module)


# --- checkpoints --------------------------------------------------------------------


def allow_mmengine_checkpoints() -> None:
    """Let ``weights_only=True`` read what mmengine saves beside the weights.

    These are the log buffers of its message hub with numpy scalars and arrays in them,
    and the annealing function of its one-cycle schedule. Everything else stays refused.
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
        # Pickles ask for methods through getattr: grant these alone.
        if isinstance(owner, type) and name in methods.get(owner, ()):
            return getattr(owner, name)
        raise pickle.UnpicklingError(
            f'The checkpoint asks for {name!r} of {owner!r}, which no checkpoint of '
            'mmengine needs.'
        )

    if digit_version(torch.__version__) < digit_version('2.6'):
        return  # loads everything
    core = np.core if np.lib.NumpyVersion(np.__version__) < '2.0.0' else np._core
    allowed = [*methods, (method, 'builtins.getattr'), np.ndarray, np.dtype]
    # numpy 1 and 2 keep them in modules of different names: read both.
    for function in (core.multiarray._reconstruct, core.multiarray.scalar):
        for package in ('numpy.core', 'numpy._core'):
            allowed.append((function, f'{package}.multiarray.{function.__name__}'))
    for kind in (np.float64, np.float32, np.int64, np.int32, np.bool_):
        allowed.append(type(np.dtype(kind)))
    torch.serialization.add_safe_globals(allowed)


# --- registries ---------------------------------------------------------------------


def set_default_scope() -> None:
    """Look components up in MMAction2 where no other scope was chosen."""
    from mmengine.registry import DefaultScope

    if DefaultScope.get_current_instance() is None:
        DefaultScope.get_instance('mmaction', scope_name='mmaction')


# --- no GPU -------------------------------------------------------------------------


def run_without_gpu() -> None:
    """Let configs for several GPUs, AMP and SyncBN run on a CPU.

    Gloo in place of NCCL, fp32 in place of fp16, batch statistics of each process by
    itself in place of synchronised ones, one warning. Nothing is changed where mmengine
    sees an accelerator.
    """
    from mmengine.device import get_device

    if get_device() != 'cpu':
        return

    from mmaction.registry import OPTIM_WRAPPERS
    from mmengine.optim import AmpOptimWrapper, OptimWrapper
    from mmengine.runner import Runner
    from mmengine.runner import runner as runner_module

    if hasattr(Runner.wrap_model, '__wrapped__'):
        return

    def amp_optim_wrapper(loss_scale=None, dtype=None, use_fsdp=False, **kwargs):
        _warn_fp32()
        return OptimWrapper(**kwargs)

    # MMAction2's registry is asked before mmengine's, which keeps the real one.
    OPTIM_WRAPPERS.register_module(
        name=AmpOptimWrapper.__name__, module=amp_optim_wrapper
    )

    init_dist = runner_module.init_dist

    @functools.wraps(init_dist)
    def init_gloo(launcher, backend='gloo', **kwargs):
        # mmengine selects a CUDA device whatever the backend.
        with mock.patch('torch.cuda.set_device'):
            init_dist(launcher, backend='gloo', **kwargs)
        # mmengine leaves that to the end of the interpreter, when threads of gloo can
        # abort the process (pytorch/pytorch pull 179291).
        atexit.register(close_gloo)

    runner_module.init_dist = init_gloo

    def keep_batchnorm(model, implementation='torch'):
        _warn_fp32()
        return model

    runner_module.convert_sync_batchnorm = keep_batchnorm

    wrap_model = Runner.wrap_model

    @functools.wraps(wrap_model)
    def wrap_model_on_cpu(self, model_wrapper_cfg, model):
        if not self.distributed:
            return wrap_model(self, model_wrapper_cfg, model)
        wrapper = dict(
            type='MMDistributedDataParallel',
            broadcast_buffers=False,
            find_unused_parameters=self.cfg.get('find_unused_parameters', False),
        )
        wrapper.update(model_wrapper_cfg or {})
        wrapper['device_ids'] = None  # mmengine asks for a GPU of this number
        return wrap_model(self, wrapper, runner_module.revert_sync_batchnorm(model))

    Runner.wrap_model = wrap_model_on_cpu


def close_gloo() -> bool:
    """End the gloo group of this process, and what holds on to it.

    Returns:
        Whether there was one.
    """
    from torch import distributed

    if not distributed.is_initialized() or distributed.get_backend() != 'gloo':
        return False
    gc.collect()  # the wrapped model is in a cycle with its runner
    distributed.destroy_process_group()
    return True


@functools.cache
def _warn_fp32() -> None:
    from mmengine.logging import print_log

    print_log(
        'No GPU found: mixed precision runs in fp32, and SyncBN as BN with the '
        'statistics of each process.',
        logger='current',
        level=logging.WARNING,
    )
