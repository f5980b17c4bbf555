"""MMAction2's command line tools, with this package imported first."""

import os.path as osp
import runpy
import sys
from collections.abc import Callable

from mmengine.utils import get_installed_path
from torch.distributed.elastic.multiprocessing.errors import record

#: Called in turn once a tool has ended without an error, before the interpreter ends.
after_tool: list[Callable[[], None]] = []


def run_mmaction_tool(name: str) -> None:
    """Run one of MMAction2's tools as ``__main__``, with this process's arguments.

    Flags and behaviour are those of the installed MMAction2; with ``dem_mmaction``
    imported first, its components are registered and the gaps of the stack closed
    before the config is read. It is the last thing that a process does: what
    :data:`after_tool` holds may end it.

    Args:
        name: File name below MMAction2's ``tools/``, e.g. ``'train.py'``.

    Raises:
        FileNotFoundError: MMAction2 is installed without its tools.
    """
    path = osp.join(get_installed_path('mmaction2'), '.mim', 'tools', name)
    if not osp.isfile(path):
        raise FileNotFoundError(
            f"MMAction2 is installed without its tools: no '{path}'. Install it with "
            "pip install 'mmaction2>=1.2,<2'."
        )
    sys.argv[0] = path
    # Under torchrun, the error of a process is shown last and not only its exit code.
    record(runpy.run_path)(path, run_name='__main__')
    for act in after_tool:
        act()
