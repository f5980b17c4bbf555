import logging

import pytest
from mmaction.registry import HOOKS
from small_training import small_runner

EACH_EPOCH = dict(type='ExponentialLR', gamma=0.1)
PLATEAU = dict(type='ReduceOnPlateauLR', monitor='loss', patience=0, factor=0.1)


@pytest.mark.parametrize(
    'min_lr, epochs',
    [(5e-5, 2), (1e-5, 3), (1.1e-5, 2), (0.9e-5, 3), (1e-3, 1), (2e-3, 1), (1e-9, 5)],
)
def test_ends_after_the_epoch_whose_schedule_went_below(min_lr, epochs, tmp_path):
    # The learning rate falls to 1e-4, 1e-5 (off by a rounding) and on, an epoch each.
    hook = dict(type='StopBelowLRHook', min_lr=min_lr)
    runner = small_runner(tmp_path, hook, EACH_EPOCH, max_epochs=5)
    runner.train()
    assert runner.epoch == epochs


def test_ends_after_the_validation_that_lowered_the_rate(tmp_path, caplog):
    # Epoch 1 is the best one, epochs 2, 3 and 4 divide the rate to 1e-6.
    hook = dict(type='StopBelowLRHook', min_lr=5e-6)
    runner = small_runner(tmp_path, hook, PLATEAU, max_epochs=9, val=[1.0] * 9)
    runner.train()
    assert runner.epoch == 4


@pytest.mark.parametrize('val, epochs', [(None, 2), ([1.0] * 9, 3)])
def test_says_when_and_why_once(val, epochs, tmp_path):
    hook = dict(type='StopBelowLRHook', min_lr=5e-5)
    schedule = PLATEAU if val else EACH_EPOCH
    runner = small_runner(tmp_path, hook, schedule, max_epochs=9, val=val)
    messages = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    runner.logger.setLevel(logging.INFO)
    runner.logger.addHandler(handler)
    runner.train()
    assert [text for text in messages if 'Training ends' in text] == [
        f'Training ends after {epochs} epochs: the learning rate 1.0e-05 is below '
        '5.0e-05.'
    ]


def test_default_is_the_limit_of_the_thesis():
    assert HOOKS.build(dict(type='StopBelowLRHook')).min_lr == 4e-7


def test_looks_at_the_highest_rate_of_all_parameters(tmp_path):
    hook = dict(type='StopBelowLRHook', min_lr=5e-4)
    runner = small_runner(tmp_path, hook, None, max_epochs=2, lr=1e-4)
    runner.train()
    assert runner.epoch == 1
    runner = small_runner(tmp_path / '2', hook, None, max_epochs=2, lr=1e-4)
    optimizer = runner.build_optim_wrapper(runner.optim_wrapper)
    optimizer.optimizer.add_param_group(
        dict(params=[runner.model.weight.detach().clone().requires_grad_()], lr=1e-3)
    )
    runner.optim_wrapper = optimizer
    runner.train()
    assert runner.epoch == 2


@pytest.mark.parametrize('min_lr', [0, -1e-7, float('nan')])
def test_bad_limit_is_named(min_lr):
    with pytest.raises(ValueError, match=f'min_lr={min_lr} must be above 0'):
        HOOKS.build(dict(type='StopBelowLRHook', min_lr=min_lr))
