"""The one-cycle schedule for several learning rates."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.optim import OneCycleLR, OptimWrapper
from torch import nn
from torch.optim import SGD

from dem_mmaction.engine import ProportionalOneCycleLR
from dem_mmaction.studies.catalogue import find_study
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.small_scale import SmallScale


def optimizer(factors, lr=0.1):
    groups = [
        dict(params=[nn.Parameter(torch.ones(1))], lr=lr * factor) for factor in factors
    ]
    return SGD(groups, lr=lr, momentum=0.9)


def course(scheduler, steps):
    """The rates of all groups, step by step, (steps, groups)."""
    found = []
    for _ in range(steps):
        found.append([group['lr'] for group in scheduler.optimizer.param_groups])
        scheduler.optimizer.step()
        scheduler.step()
    return torch.tensor(found, dtype=torch.double)


@settings(max_examples=30, deadline=None)
@given(
    factors=st.lists(st.floats(0.01, 100), min_size=1, max_size=4),
    peak=st.floats(1e-4, 10),
    steps=st.integers(3, 12),
    three=st.booleans(),
)
def test_every_group_has_its_share_of_the_one_cycle(factors, peak, steps, three):
    how = dict(eta_max=peak, total_steps=steps, three_phase=three)
    ours = course(ProportionalOneCycleLR(optimizer(factors), **how), steps)
    alone = course(OneCycleLR(optimizer([1.0]), **how), steps)
    torch.testing.assert_close(ours, alone * torch.tensor(factors).double())


def test_a_resumed_schedule_goes_on():
    how = dict(eta_max=1.0, total_steps=8)
    whole = course(ProportionalOneCycleLR(optimizer([1, 10]), **how), 8)
    first = ProportionalOneCycleLR(OptimWrapper(optimizer([1, 10])), **how)
    course(first, 3)
    again = ProportionalOneCycleLR(OptimWrapper(optimizer([1, 10])), **how)
    again.optimizer.load_state_dict(first.optimizer.state_dict())
    again.load_state_dict(first.state_dict())
    # MMEngine's wrapper adds the base rate to those of the groups.
    torch.testing.assert_close(course(again, 5), whole[3:, [0, 1, 0]])


@pytest.mark.parametrize(
    'eta_max, lr, said', [(0, 0.1, 'eta_max=0'), (1, 0, "'s lr=0")]
)
def test_rates_that_are_none_are_refused(eta_max, lr, said):
    with pytest.raises(ValueError, match=said):
        ProportionalOneCycleLR(optimizer([1], lr), eta_max=eta_max, total_steps=4)


def test_the_form_with_a_rate_of_its_own_is_trained_with_it(tmp_path):
    (form,) = (
        own for own in find_study('forms').experiments if own.name == 'scale_lr_10'
    )
    config = SmallScale(tmp_path, INSTRUMENTS['words']).config(form)
    assert config.optim_wrapper.paramwise_cfg.custom_keys == {
        'dem.scale': dict(lr_mult=10)
    }
    assert config.optim_wrapper.optimizer.lr == config.param_scheduler.eta_max
    assert config.param_scheduler.type == 'ProportionalOneCycleLR'
