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

    def forward(self, inputs, mode):
        if mode == 'loss':
            return dict(loss=(self.weight - torch.randn(())).square())
        return [dict() for _ in inputs]


class Stuck(BaseMetric):
    """A validation loss that never falls."""

    default_prefix = ''

    def process(self, data_batch, data_samples):
        self.results.append(1)

    def compute_metrics(self, results):
        return dict(loss=1.0)


def small_runner(work_dir, hook, schedule, max_epochs, lr=1e-3, val=False, **kwargs):
    """A runner with one hook and one schedule, two steps an epoch, on the CPU."""

    def loader():
        return dict(
            batch_size=1,
            num_workers=0,
            dataset=[dict(inputs=torch.zeros(1)) for _ in range(2)],
            sampler=dict(type=DefaultSampler, shuffle=False),
        )

    if val:
        kwargs.update(
            val_dataloader=loader(), val_cfg=dict(), val_evaluator=dict(type=Stuck)
        )
    return Runner(
        model=Regression(),
        work_dir=str(work_dir),
        train_dataloader=loader(),
        train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=lr)),
        param_scheduler=schedule,
        custom_hooks=[hook],
        default_scope='mmaction',
        log_level='WARNING',
        experiment_name=f'small-{next(_runs)}',  # MMEngine keeps a logger by name
        **kwargs,
    )
