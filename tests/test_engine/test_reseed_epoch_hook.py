import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from small_training import small_runner

from dem_mmaction.engine import ReseedEpochHook

HOOK = dict(type='ReseedEpochHook')
SEED = dict(randomness=dict(seed=7))


def trained(folder, epochs, hook=HOOK, **kwargs):
    """The weight after a training that ends with a checkpoint."""
    kwargs.setdefault('default_hooks', dict(checkpoint=dict(type='CheckpointHook')))
    runner = small_runner(folder, hook, None, epochs, lr=0.1, **kwargs)
    runner.train()
    return runner.model.weight.item()


@pytest.mark.parametrize('type', ['ReseedEpochHook', 'ParamSchedulerHook'])
def test_resumed_training_is_that_of_an_undisturbed_one(type, tmp_path):
    hook = dict(type=type)
    whole = trained(tmp_path / 'whole', 3, hook, **SEED)
    trained(tmp_path / 'cut', 2, hook, **SEED)
    assert (tmp_path / 'cut/epoch_2.pth').is_file()
    resumed = trained(tmp_path / 'cut', 3, hook, resume=True, **SEED)
    # Without the hook, the third epoch is drawn like a first one.
    assert (resumed == whole) == (type == 'ReseedEpochHook')


def draws(seed):
    """What each library draws first in each of three epochs."""
    hook, found = ReseedEpochHook(), []
    for epoch in range(3):
        hook.before_train_epoch(SimpleNamespace(seed=seed, epoch=epoch))
        found.append((random.random(), np.random.rand(), torch.rand(()).item()))
    return found


def test_every_seed_epoch_and_rank_draws_its_own_numbers(monkeypatch):
    found = draws(0) + draws(1)
    monkeypatch.setattr('dem_mmaction.engine.reseed_epoch_hook.get_rank', lambda: 2)
    found += draws(0)
    for library in zip(*found, strict=True):
        assert len(set(library)) == 9
    assert draws(0) == found[6:]


def test_seeds_are_those_of_the_trainings_reported():
    ReseedEpochHook().before_train_epoch(SimpleNamespace(seed=7, epoch=2))
    assert torch.initial_seed() == 2007
