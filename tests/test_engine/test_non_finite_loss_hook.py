import math
import re

import pytest
import torch
from mmaction.structures import ActionDataSample
from mmengine.runner import Runner
from mmengine.runner.checkpoint import load_checkpoint
from small_training import Regression, small_runner
from support import ROOT, run_tool

from dem_mmaction.engine import NonFiniteLossHook

SCHEDULE = dict(type='ConstantLR', factor=1.0)


class Spoiled(Regression):
    """Its losses are multiplied by given factors, one a step."""

    def __init__(self, factors):
        super().__init__()
        self.factors = iter(factors)
        self.weights = []

    def forward(self, inputs, mode):
        self.weights.append(self.weight.item())
        loss = super().forward(inputs, mode)
        return dict(loss_cls=loss['loss_cls'] * next(self.factors))


def train(tmp_path, factors, hook):
    runner = small_runner(tmp_path, hook, SCHEDULE, max_epochs=len(factors) // 2)
    model = Spoiled(factors)
    runner.model = model
    runner._optim_wrapper = None
    runner.optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
    runner.train()
    return model


def test_a_step_is_skipped_and_said(tmp_path, caplog):
    hook = NonFiniteLossHook()
    model = train(tmp_path, [1, math.nan, 1, math.inf, 1, 1], hook)
    before = model.weights
    moved = [
        a != b for a, b in zip(before, [*before[1:], model.weight.item()], strict=True)
    ]
    assert moved == [True, False, True, False, True, True]
    assert hook.skipped == 2
    noted = (tmp_path / 'non_finite_batches.txt').read_text().splitlines()
    assert [line.partition(':')[0] for line in noted] == ['step 2', 'step 4']


def test_many_in_a_row_end_the_training_at_a_good_checkpoint(tmp_path):
    hook = NonFiniteLossHook(max_in_row=3)
    factors = [1, math.nan, math.nan, 1] + [math.nan] * 6
    with pytest.raises(FloatingPointError, match='in 3 steps, one after the other'):
        train(tmp_path, factors, hook)
    assert hook.skipped == 5
    saved = load_checkpoint(Regression(), str(tmp_path / 'epoch_3.pth'))
    assert saved['state_dict']['weight'].isfinite()


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    hook, runner = NonFiniteLossHook(), small_runner(tmp_path, None, SCHEDULE, 1)
    weights = dict(a=torch.ones(2), b=torch.tensor([1, math.nan]))
    with pytest.raises(FloatingPointError, match="1 tensors .* such as 'b'"):
        hook.before_save_checkpoint(runner, dict(state_dict=weights))
    hook.before_save_checkpoint(runner, dict(state_dict=dict(a=torch.ones(2))))
    assert isinstance(runner, Runner)


class Steady(Spoiled):
    """The gradient of each good step is -2."""

    def forward(self, inputs, mode):
        return dict(loss_cls=(self.weight - 1).square() * next(self.factors))


def test_what_was_accumulated_before_is_kept(tmp_path):
    runner = small_runner(tmp_path, NonFiniteLossHook(), SCHEDULE, max_epochs=2)
    runner.model = model = Steady([1, math.nan, 1, 1])
    optimizer = dict(type='SGD', lr=0.1)
    runner.optim_wrapper = dict(optimizer=optimizer, accumulative_counts=3)
    runner.train()
    assert model.weight.item() == pytest.approx(0.2)  # the mean of three gradients


RANKS = """
import math, sys
from mmengine.dist import get_rank
from mmengine.runner import Runner
sys.path.insert(0, {tests!r})
import torch
import dem_mmaction
from dem_mmaction.engine import NonFiniteLossHook
from small_training import Regression, small_runner

class Spoiled(Regression):
    steps = 0
    def forward(self, inputs, mode):
        self.steps += 1
        spoiled = self.steps == 2 and get_rank() == 1
        return dict(loss_cls=super().forward(inputs, mode)['loss_cls']
                    * (math.nan if spoiled else 1))

hook = NonFiniteLossHook()
runner = small_runner({work!r}, hook, dict(type='ConstantLR', factor=1.0), 2, lr=0.1,
                      launcher='pytorch', model=Spoiled())
runner.train()
weight = runner.model.module.weight.item()
print(f'rank {{get_rank()}} skipped {{hook.skipped}} weight {{weight:.6f}}', flush=True)
"""


def test_all_processes_skip_what_is_bad_in_one(tmp_path):
    script = tmp_path / 'ranks.py'
    tests = str(ROOT / 'tests/test_engine')
    script.write_text(RANKS.format(tests=tests, work=str(tmp_path / 'work')))
    said = run_tool(script, cwd=tmp_path, ranks=2)
    found = re.findall(r'rank (\d) skipped (\d+) weight (\S+)', said)
    assert sorted(rank for rank, _, _ in found) == ['0', '1']
    assert {skipped for _, skipped, _ in found} == {'1'}
    (weight,) = {weight for _, _, weight in found}
    assert math.isfinite(float(weight)) and float(weight) != 0


def test_the_files_of_the_batch_are_named(tmp_path):
    class Named(NonFiniteLossHook):
        """Sees the batches that the pipeline of a config would pack."""

        def before_train_iter(self, runner, batch_idx, data_batch=None):
            sample = ActionDataSample()
            if runner.iter:
                sample.set_metainfo(dict(filename=f'a/{runner.iter}.mp4'))
            packed = dict(data_samples=[sample])
            super().before_train_iter(runner, batch_idx, packed)

    train(tmp_path, [math.nan, 1, math.nan, 1], Named())
    first, second = (tmp_path / 'non_finite_batches.txt').read_text().splitlines()
    assert first.startswith('step 1:') and "no 'filename'" in first
    assert second == 'step 3: a/2.mp4'


def test_a_wrong_number_is_refused():
    with pytest.raises(ValueError, match='max_in_row=0'):
        NonFiniteLossHook(0)
