"""The end of training by its learning rate."""

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner


@HOOKS.register_module()
class StopBelowLRHook(Hook):
    """End training once the learning rate has fallen below a limit.

    The thesis divides the learning rate by 10 when the validation loss stops falling
    and ends when it drops below 4e-7 (section 4.1.2). MMEngine's ``EarlyStoppingHook``
    watches metrics, not the learning rate. This hook checks after each epoch and after
    its validation, when schedules have stepped and the epoch's checkpoint is written.
    That checkpoint is older than the validation, which :class:`MakeUpValidationHook`
    repeats on resume: a run that has ended so trains no further.

    Args:
        min_lr: The limit. Training goes on at a learning rate of exactly this.

    Raises:
        ValueError: The limit is not positive.
    """

    priority = 'LOWEST'  # after ParamSchedulerHook and CheckpointHook

    def __init__(self, min_lr: float = 4e-7) -> None:
        if not min_lr > 0:
            raise ValueError(f'min_lr={min_lr} must be above 0.')
        self.min_lr = min_lr

    def before_train(self, runner: Runner) -> None:
        """Check after a resume."""
        if runner.epoch:
            self._check(runner, epochs=runner.epoch)

    def after_train_epoch(self, runner: Runner) -> None:
        """Check after schedules that step after training."""
        self._check(runner, epochs=runner.epoch + 1)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Check after schedules that step after validation, as the thesis's does."""
        self._check(runner, epochs=runner.epoch)

    def _check(self, runner: Runner, epochs: int) -> None:
        lr = max(runner.optim_wrapper.get_lr()['lr'])
        # A learning rate divided by 10 four times is off by a rounding.
        if lr < self.min_lr * (1 - 1e-6) and not runner.train_loop.stop_training:
            runner.train_loop.stop_training = True
            print_log(
                f'Training ends after {epochs} epochs: the learning rate {lr:.1e} is '
                f'below {self.min_lr:.1e}.',
                logger='current',
            )
