"""Training that a loss of NaN or infinity does not spoil."""

import functools
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object, all_reduce, get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import Tensor


@HOOKS.register_module()
class NonFiniteLossHook(Hook):
    """Skip the step of a loss that is not finite, and stop after many in a row.

    A single batch may overflow; its step would make every weight NaN. It is skipped, in
    all processes if in one. The files of the batch are named in a warning and, with the
    step, in ``non_finite_batches.txt`` in the work dir, as far as the pipeline packs
    ``filename``: those of the processes whose loss was not finite. After ``max_in_row``
    of them the weights or the rate must be at fault: training ends with an error. No
    checkpoint is written with weights that are not finite, so that the last is good.

    Args:
        max_in_row: Steps with such a loss, one after the other, that end the training;
            10 by default.

    Raises:
        ValueError: ``max_in_row`` is below 1.
        FloatingPointError: In training, as above.
    """

    FILE = 'non_finite_batches.txt'
    priority = 'VERY_HIGH'

    def __init__(self, max_in_row: int = 10) -> None:
        if max_in_row < 1:
            raise ValueError(f'max_in_row={max_in_row} must be at least 1.')
        self.max_in_row = max_in_row
        self.skipped = 0
        self._in_row = 0
        self._files: list[str] = []

    def before_train(self, runner: Runner) -> None:
        """Stand before the steps of the optimizer."""
        wrapper = runner.optim_wrapper
        if not isinstance(wrapper, OptimWrapper):
            return  # several optimizers, of which none has the loss of all
        update_params = wrapper.update_params

        @functools.wraps(update_params)
        def update_if_finite(loss: Tensor, *args: Any, **kwargs: Any) -> None:
            if _finite_everywhere(loss):
                self._in_row = 0
                update_params(loss, *args, **kwargs)
                return
            self._in_row += 1
            self.skipped += 1
            batch = self._batch(loss)
            if is_main_process():
                path = Path(runner.work_dir) / self.FILE
                with open(path, 'a', encoding='utf-8') as file:
                    file.write(f'step {runner.iter + 1}: {batch}\n')
            print_log(
                f'The loss is {loss.item()}: step {runner.iter + 1} is skipped '
                f'({self.skipped} so far). Its batch: {batch}.',
                logger='current',
                level=logging.WARNING,
            )
            if self._in_row >= self.max_in_row:
                raise FloatingPointError(
                    f'The loss was not finite in {self._in_row} steps, one after the '
                    f'other; {self.FILE} in the work dir has their files. The last '
                    f'batch: {batch}. Go on from the last '
                    f'checkpoint in {runner.work_dir} (--resume) with a lower learning '
                    'rate, in fp32, or without these videos.'
                )

        wrapper.update_params = update_if_finite

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Note the files of the batch."""
        samples = data_batch.get('data_samples') if isinstance(data_batch, dict) else ()
        samples = samples if isinstance(samples, Sequence) else ()
        names = (getattr(sample, 'filename', None) for sample in samples)
        self._files = [str(name) for name in names if name]

    def _batch(self, loss: Tensor) -> str:
        """The files of the batch, in the processes whose loss was not finite."""
        own = [] if bool(loss.detach().isfinite().all()) else self._files
        files = [file for part in all_gather_object(own) for file in part]
        return ', '.join(files) or "the pipeline packs no 'filename'"

    def before_save_checkpoint(self, runner: Runner, checkpoint: Mapping) -> None:
        """Refuse weights that are not finite."""
        odd = [
            name
            for name, tensor in checkpoint.get('state_dict', {}).items()
            if isinstance(tensor, Tensor) and not tensor.isfinite().all()
        ]
        if odd:
            raise FloatingPointError(
                f'{len(odd)} tensors of the network are not finite, such as '
                f"'{odd[0]}': this checkpoint is not written. The last one in "
                f'{runner.work_dir} is good.'
            )


def _finite_everywhere(loss: Tensor) -> bool:
    """Whether a loss is finite in this process and in all others."""
    finite = loss.detach().isfinite().all()
    if get_world_size() > 1:
        finite = finite.to(torch.int32)
        all_reduce(finite, 'min')
    return bool(finite)
