"""A training of milliseconds, for tests of hooks."""

from itertools import count

import torch
from mmengine.dataset import DefaultSampler
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

_runs = count()


class Regression(BaseModel):
    """A weight that random noise moves."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.losses = []

    def forward(self, inputs, mode):
        if mode == 'loss':
            loss = (self.weight - torch.randn(())).square()
            self.losses.append(loss.item())
            return dict(loss_cls=loss)
        return [dict() for _ in inputs]


class Losses(BaseMetric):
    """Validation losses that are given, one an epoch."""

    default_prefix = ''

    def __init__(self, values):
        super().__init__()
        self.values = iter(values)

    def process(self, data_batch, data_samples):
        self.results.append(1)

    def compute_metrics(self, results):
        return dict(loss=next(self.values))


def small_runner(
    work_dir, hook, schedule, max_epochs, lr=1e-3, val=None, steps=2, **kwargs
):
    """A runner with one hook and one schedule, on the CPU.

    Args:
        val: The validation loss of each epoch. None for no validation.
        steps: Steps of an epoch, of all processes together.
    """

    def loader():
        return dict(
            batch_size=1,
            num_workers=0,
            dataset=[dict(inputs=torch.zeros(1)) for _ in range(steps)],
            sampler=dict(type=DefaultSampler, shuffle=False),
        )

    if val:
        kwargs.update(
            val_dataloader=loader(),
            val_cfg=dict(),
            val_evaluator=dict(type=Losses, values=val),
        )
    kwargs.setdefault('model', Regression())
    return Runner(
        work_dir=str(work_dir),
        train_dataloader=loader(),
        train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=lr)),
        param_scheduler=schedule,
        custom_hooks=[hook] if hook else None,
        default_scope='mmaction',
        log_level='WARNING',
        experiment_name=f'small-{next(_runs)}',  # MMEngine keeps a logger by name
        **kwargs,
    )
