"""The random numbers of a resumed training, as of an undisturbed one."""

from mmaction.registry import HOOKS
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner, set_random_seed


@HOOKS.register_module()
class ReseedEpochHook(Hook):
    """Seed ``random``, numpy and torch before each epoch, by seed, epoch and rank.

    MMEngine's checkpoints hold no random state: after a resume, clips and augmentation
    are drawn as in the first epoch of a new run. With this hook, and a loader without
    workers, epochs after a resume are those of a run that was never cut off.
    """

    priority = 'VERY_HIGH'

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed this process for the coming epoch."""
        set_random_seed(runner.seed + 1000 * runner.epoch + get_rank())
