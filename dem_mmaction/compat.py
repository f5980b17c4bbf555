"""Every gap between ``pip install`` and a working MMAction2, in one place.

Only ``dem_mmaction/__init__.py`` imports this module, before anything that needs it.
Each entry below says what is missing, what is done about it, and when the entry can go.
``importlib_metadata`` needs no entry: mmaction2 imports it without asking for it, so
``setup.py`` asks for it.

- mmaction2 1.2.0 as released lacks ``models/localizers/drn``, so that
  ``import mmaction.models`` fails (open-mmlab/mmaction2 issue 2714). A module stands in
  for it. Until a release contains the folder.
- mmengine 0.10.7 imports ``pkg_resources``, which setuptools 82 removed. A module
  stands in for it, because an older setuptools can break what else is installed. Until
  mmengine uses ``importlib.metadata``.
- mmcv-lite warns of a missing operator at every start, which no model of a config here
  needs, and setuptools of pkg_resources. Both warnings are left out. Until mmcv warns
  where the operator is used.
- torch 2.6 and later load checkpoints with ``weights_only=True`` and refuse what
  mmengine 0.10.7 stores beside the weights (open-mmlab/mmengine pull 1650). The types
  that mmengine stores are allowed. Until mmengine allows them itself.
- mmengine 0.10.7 loads by name and only logs what is missing, so that a checkpoint of
  which nothing fits leaves the model untrained without an error; and a module sees none
  of the tensors that are named otherwise. Modules with an ``adapt_checkpoint`` method
  get all of them before any is loaded, to adapt or to refuse them. As long as mmengine
  has no such hook. What torch cannot read as a checkpoint is named.
- A model that is built outside a Runner is looked up in mmengine's registry, where
  MMAction2's components are not. The default scope is set to ``mmaction`` if none was
  set. Until mmaction2 sets it on import.
- Without a GPU, mmengine 0.10.7 cannot start several processes, its AMP wrapper refuses
  to work (open-mmlab/mmpretrain issue 1556) and so does torch's SyncBN; and a process
  that leaves its gloo group open can abort when it ends (pytorch/pytorch pull 179291).
  On a CPU, gloo, fp32 and plain BN are used instead, and the group is closed. Until
  mmengine supports them there.

Stand-ins are searched last: whatever is installed is used instead of them, so a
stand-in that is no longer needed does nothing.
"""

import atexit
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import logging
import os
import pickle
import sys
import warnings
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from unittest import mock

MMCV_HINT = (
    'dem_mmaction needs mmcv >= 2.0.0, < 2.2.0 and finds none. Install one of them:\n'
    "    pip install 'mmcv-lite>=2.0.0,<2.2.0'    (all this package needs)\n"
    "    mim install 'mmcv>=2.0.0,<2.2.0'         (with the compiled operators)"
)


def close_gaps() -> None:
    """Close every gap of the list above that is open; further calls do nothing.

    Raises:
        ImportError: Neither ``mmcv`` nor ``mmcv-lite`` is installed.
    """
    if importlib.util.find_spec('mmcv') is None:
        raise ImportError(MMCV_HINT)
    if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(StandInFinder())
    import_quietly()
    allow_mmengine_checkpoints()
    let_modules_adapt_checkpoints()
    name_unreadable_checkpoints()
    set_default_scope()
    run_without_gpu()


# --- modules that are missing -------------------------------------------------------


def _drn(module: ModuleType) -> None:

    class DRN:
        """Stands in for the localizer that the released package lacks."""

        def __init__(self, *args, **kwargs) -> None:
            raise ImportError(
                'This release of mmaction2 lacks the DRN localizer (its issue '
                '2714); install MMAction2 from its source to use it.'
            )

    module.DRN = DRN


def _pkg_resources(module: ModuleType) -> None:
    """Provide what ``mmengine.utils.package_utils`` and pytest call."""

    def get_distribution(name: str) -> SimpleNamespace:
        dist = importlib.metadata.distribution(name)
        return SimpleNamespace(
            location=str(dist.locate_file('')),
            version=dist.version,
            has_metadata=lambda file: dist.read_text(file) is not None,
            get_metadata=dist.read_text,
        )

    module.get_distribution = get_distribution
    # pytest calls it on every module of this name. The namespaces that it would mend
    # are made by pkg_resources alone, so that there are none.
    module.fixup_namespace_packages = lambda path_item, parent=None: None
    module.DistributionNotFound = importlib.metadata.PackageNotFoundError


STAND_INS: dict[str, Callable[[ModuleType], None]] = {
    'pkg_resources': _pkg_resources,
    'mmaction.models.localizers.drn': lambda package: None,
    'mmaction.models.localizers.drn.drn': _drn,
}


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import the modules of :data:`STAND_INS` where nothing else provides them."""

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


def import_quietly() -> None:
    """Import what warns while it is imported, without its warnings."""
    with warnings.catch_warnings():
        for message in ('Fail to import ``Multi', 'pkg_resources is deprecated'):
            warnings.filterwarnings('ignore', message)
        importlib.import_module('pkg_resources')
        importlib.import_module('mmcv.cnn.bricks.transformer')


# --- checkpoints --------------------------------------------------------------------


def allow_mmengine_checkpoints() -> None:
    """Let ``weights_only=True`` read what mmengine saves beside the weights.

    mmengine saves the log buffers of its message hub, with numpy scalars and arrays in
    them, and the annealing function of its one-cycle schedule. Everything else is still
    refused.
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
        return  # it loads everything
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
        if not isinstance(loaded, dict) or not isinstance(
            loaded.get('state_dict', {}), dict
        ):
            raise ValueError(
                f"'{filename}' is no checkpoint: it must hold a dictionary of tensors "
                "by name, or such a dictionary as its 'state_dict'."
            )
        return loaded

    CheckpointLoader.register_scheme('', load_or_name, force=True)


# --- registries ---------------------------------------------------------------------


def set_default_scope() -> None:
    """Make ``mmaction`` the default scope of the registries if none was set."""
    from mmengine.registry import DefaultScope

    if DefaultScope.get_current_instance() is None:
        DefaultScope.get_instance('mmaction', scope_name='mmaction')


# --- no GPU -------------------------------------------------------------------------


def run_without_gpu() -> None:
    """Let configs for several GPUs, AMP and SyncBN run on a CPU.

    Gloo replaces NCCL, fp32 replaces fp16, and each process uses its own batch
    statistics instead of synchronised ones; a warning says so once. Where mmengine sees
    an accelerator, nothing is changed.
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
        # mmengine selects a CUDA device even for gloo.
        with mock.patch('torch.cuda.set_device'):
            init_dist(launcher, backend='gloo', **kwargs)
        # mmengine leaves the group open, and threads of gloo can then abort the process
        # while the interpreter ends.
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
        wrapper['device_ids'] = None  # mmengine sets the number of a GPU
        return wrap_model(self, wrapper, runner_module.revert_sync_batchnorm(model))

    Runner.wrap_model = wrap_model_on_cpu


def close_gloo() -> bool:
    """Close the process group if it is one of gloo.

    Returns:
        Whether there was one.
    """
    from torch import distributed

    if not distributed.is_initialized() or distributed.get_backend() != 'gloo':
        return False
    gc.collect()  # the wrapped model holds the group, and is in a cycle with its runner
    distributed.destroy_process_group()
    return True


def end_gloo_process() -> None:
    """Close the process group and end the process, with status 0; only with gloo.

    For a process that has done its work. Even after the group is closed, threads of
    gloo can abort the process while the interpreter ends, so it does not get to that.
    """
    if close_gloo():
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


@functools.cache
def _warn_fp32() -> None:
    from mmengine.logging import print_log

    print_log(
        'No GPU found: mixed precision runs in fp32, and SyncBN as BN with the '
        'statistics of each process.',
        logger='current',
        level=logging.WARNING,
    )
