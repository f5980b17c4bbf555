"""What tests share: the root of the checkout, calls of the command line tools."""

import os
import subprocess
import sys
from pathlib import Path

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


def run_tool(tool: str, *args: object, **kwargs: object) -> str:
    """Run a tool below ``tools/``, see :func:`run_command`."""
    return run_python(ROOT / 'tools' / tool, *args, **kwargs)


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
