from dataclasses import replace

import pytest

from dem_mmaction.studies.convergence import have_converged
from dem_mmaction.studies.records import Curve


@pytest.mark.parametrize(
    ('top1', 'lr', 'converged'),
    [
        ((0.2, 0.700, 0.708, 0.705), (1e-4, 1e-3, 1e-4, 1e-8), True),
        ((0.2, 0.700, 0.720, 0.722), (1e-4, 1e-3, 1e-4, 1e-8), False),  # it rises
        ((0.2, 0.700, 0.708, 0.705), (1e-4, 1e-3, 1e-3, 1e-3), False),  # lr is high
        ((0.2, 0.984, 0.984, 0.974), (1e-4, 1e-3, 1e-4, 1e-8), True),  # 2 of 192
        ((0.2, 0.984, 0.984, 0.969), (1e-4, 1e-3, 1e-4, 1e-8), False),  # 3 of 192
        ((0.7, 0.700), (1e-3, 1e-8), False),  # too short to tell
        ((), (), False),
    ],
)
def test_needs_accuracy_that_stands_still_at_a_low_rate(top1, lr, converged):
    steps = range(len(top1))
    assert have_converged([Curve(steps, lr, top1, top1, top1)]) == converged


def test_folds_count_by_their_mean():
    """One of ten videos of a fold is ten points of it, and one of the whole."""
    still = Curve((1, 2, 3), (1e-3, 1e-4, 1e-8), (), (), (0.5, 0.5, 0.5))
    moves = replace(still, top1=(0.5, 0.6, 0.5))
    assert have_converged([moves] + [still] * 9)
    assert not have_converged([moves] * 2 + [still] * 8)
    late = replace(still, lr=(1e-3, 1e-3, 1e-3))
    assert not have_converged([still] * 9 + [late])
    short = replace(still, top1=(0.5, 0.5))
    assert not have_converged([still] * 9 + [short])
