"""Every gap between ``pip install`` and a working MMAction2, in one place.

Only ``dem_mmaction/__init__.py`` imports this package, before anything that needs it.
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
- mmengine 0.10.7 writes a checkpoint in the place of the one before, so that a kill
  leaves half of it, and resumes from no other than the last. Files are written aside
  and renamed; torn checkpoints are passed over. Until mmengine does so.
- mmengine 0.10.7 asks for an epoch of at least one batch where a schedule is made, and
  torch for workers where they are to persist. A data set smaller than a batch is named,
  and no worker persists where there are none. Until mmengine checks its loaders.
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

import importlib.util
import sys

from .checkpoints import (
    allow_mmengine_checkpoints,
    let_modules_adapt_checkpoints,
    name_unreadable_checkpoints,
)
from .loaders import check_dataloaders
from .modules import STAND_INS, StandInFinder, import_quietly
from .saving import resume_from_whole_checkpoints, write_files_whole
from .without_gpu import close_gloo, end_gloo_process, run_without_gpu

__all__ = ['STAND_INS', 'StandInFinder', 'close_gaps', 'close_gloo', 'end_gloo_process']

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
    write_files_whole()
    resume_from_whole_checkpoints()
    check_dataloaders()
    set_default_scope()
    run_without_gpu()


def set_default_scope() -> None:
    """Make ``mmaction`` the default scope of the registries if none was set."""
    from mmengine.registry import DefaultScope

    if DefaultScope.get_current_instance() is None:
        DefaultScope.get_instance('mmaction', scope_name='mmaction')
