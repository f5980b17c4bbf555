"""Several processes, mixed precision and SyncBN without a GPU."""

import atexit
import functools
import gc
import logging
import os
import sys
from unittest import mock


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
