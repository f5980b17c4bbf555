"""MMAction2's command line tools, with this package imported first."""

import logging
import os
import os.path as osp
import runpy
import sys

from mmengine.utils import get_installed_path
from torch.distributed.elastic.multiprocessing.errors import record

from dem_mmaction.compat import close_gloo


def run_mmaction_tool(name: str) -> None:
    """Run one of MMAction2's tools as ``__main__``, with this process's arguments.

    Flags and behaviour are those of the installed MMAction2; with ``dem_mmaction``
    imported first, its components are registered and the gaps of the stack closed
    before the config is read.

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
    if close_gloo():
        # Done. Threads of gloo that outlive the group can still abort the process while
        # the interpreter ends (pytorch/pytorch pull 179291), so it is not left to end.
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
