"""Validations that a kill cannot take away."""

import zipfile
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop, Runner

from .save_on_signal_hook import STEPS_OF_EPOCH

_KEY = 'validated_epoch'


@HOOKS.register_module()
class MakeUpValidationHook(Hook):
    """Validate after a resume what was not validated before.

    MMEngine 0.10.7 writes the checkpoint of an epoch before its validation, and again
    after it where that is the best so far. A resume from the former would go on without
    the validation: the epoch could not be the best, a schedule that watches the
    validation would lose a step, and after the last epoch the training would count as
    finished.

    With this hook a checkpoint says which epoch was validated last, and a resumed
    training begins with the validation that it lacks. Files that a kill has left half
    written are deleted. Checkpoints of earlier versions, which do not say what was
    validated, are resumed as MMEngine does.
    """

    priority = 'VERY_HIGH'  # before the hook that writes checkpoints

    def before_run(self, runner: Runner) -> None:
        """Let the validation that is due come after what other hooks do at first."""
        if isinstance(runner._train_loop, EpochBasedTrainLoop):
            runner.register_hook(_ValidateFirst(), 'LOWEST')

    def before_train(self, runner: Runner) -> None:
        """Clean up."""
        if not runner.epoch:
            runner.message_hub.update_info(_KEY, 0)
        if is_main_process():
            folder = Path(runner.work_dir)
            torn = [
                own for own in folder.glob('best_*.pth') if not zipfile.is_zipfile(own)
            ]
            for path in (*folder.glob('*.part.pth'), *torn):
                path.unlink(missing_ok=True)
                print_log(f'{path} was cut off as it was written: deleted.', 'current')

    def after_val_epoch(self, runner: Runner, metrics: Any = None) -> None:
        """Note the epoch, for this and all later checkpoints."""
        if isinstance(runner._train_loop, EpochBasedTrainLoop):
            runner.message_hub.update_info(_KEY, runner.epoch)


class _ValidateFirst(Hook):
    """Makes up for a validation as the last thing before a training."""

    def __init__(self) -> None:
        self._inside_epoch = False

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        self._inside_epoch = STEPS_OF_EPOCH in checkpoint

    def before_train(self, runner: Runner) -> None:
        known = runner.message_hub.runtime_info.get(_KEY)
        if known is None or known >= runner.epoch or not _is_due(runner):
            return
        if self._inside_epoch:
            return  # inside an epoch the weights are no longer those of its start
        print_log(
            f'Epoch {runner.epoch} was cut off before its validation, which comes '
            'first.',
            logger='current',
        )
        runner.val_loop.run()


def _is_due(runner: Runner) -> bool:
    """Whether MMEngine validates after the epoch that was trained last."""
    loop = runner.train_loop
    return (
        runner.val_loop is not None
        and runner.epoch >= loop.val_begin
        and (runner.epoch % loop.val_interval == 0 or runner.epoch == loop.max_epochs)
    )
