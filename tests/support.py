"""What tests share: the root of the checkout, calls of the command line tools."""

import functools
import multiprocessing
import os
import subprocess
import sys
import tempfile
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path

import forked
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from dem_mmaction.models import DEM

ROOT = Path(__file__).resolve().parents[1]
#: The configs that can be run, and their paths below the checkout.
CONFIGS = sorted(
    path for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts
)
NAMES = [str(path.relative_to(ROOT)) for path in CONFIGS]


def run_command(
    *command: object,
    cwd: Path,
    fails: bool = False,
    timeout: float = 300,
    **environment: str,
) -> str:
    """Run a command in a process of its own; Pythons in it find the package.

    Args:
        command: The program and its arguments.
        cwd: Its working folder.
        fails: Whether it must fail; otherwise it must end well.
        timeout: Seconds it may take.
        environment: Variables to set beside those of this process.

    Returns:
        What it printed, its errors at the end.
    """
    own = dict(
        PYTHON=sys.executable,
        PYTHONPATH=str(ROOT),
        PYTHONWARNINGS='ignore',
        OMP_NUM_THREADS='1',
    )
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **own, **environment},
    )
    printed = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, printed[-4000:]
    return printed


def run_python(*args: object, **kwargs: object) -> str:
    """Run this Python: a script and its arguments, or ``-m``, or ``-c``.

    See :func:`run_command` for the keyword arguments.
    """
    return run_command(sys.executable, *args, **kwargs)


def run_tool(
    tool: str, *args: object, cwd: Path, fails: bool = False, timeout: float = 300
) -> str:
    """Run a tool below ``tools/`` in a process that has the package imported already.

    That saves the seconds of the import. ``tests/test_tools/test_launchers.py`` starts
    the tools as a user does.

    Args:
        tool: Path of the script below ``tools/``.
        args: Its arguments.
        cwd: Its working folder.
        fails: Whether it must fail; otherwise it must end well.
        timeout: Seconds it may take.

    Returns:
        What it printed, its errors at the end.
    """
    command = [str(ROOT / 'tools' / tool), *map(str, args)]
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ('stdout', 'stderr')]
        process = _server().Process(
            target=forked.run_script, args=(command, cwd, dict(os.environ), outputs)
        )
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
        printed = ''.join(path.read_text() for path in outputs if path.exists())
    assert (process.exitcode != 0) == fails, printed[-4000:]
    assert process.exitcode >= 0, f'ended by signal {-process.exitcode}: {printed}'
    return printed


@functools.cache
def _server() -> BaseContext:
    """Start the process that is forked for each tool."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['forked'])
    before = dict(os.environ)
    path = os.pathsep.join(map(str, (ROOT, ROOT / 'tests')))
    os.environ.update(PYTHONPATH=path, PYTHONWARNINGS='ignore', OMP_NUM_THREADS='1')
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


def conv_weights(module: nn.Module) -> int:
    """Count the weights of all convolutions in a module; biases are no weights."""
    return sum(
        part.weight.numel()
        for part in module.modules()
        if isinstance(part, (nn.Conv1d, nn.Conv2d, nn.Conv3d))
    )


def datasets(config):
    """The config of the data set of each loader."""
    for name in ('train', 'val', 'test'):
        if config.get(f'{name}_dataloader'):
            yield config[f'{name}_dataloader'].dataset


def trained(module):
    """With batch statistics, affine parameters and scales as after some training."""
    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            part.running_mean.normal_(generator=generator)
            part.running_var.uniform_(0.5, 2, generator=generator)
            nn.init.uniform_(part.weight, 0.5, 2, generator=generator)
            nn.init.normal_(part.bias, generator=generator)
        if isinstance(part, DEM):
            nn.init.normal_(part.scale, generator=generator)
    return module.eval()
