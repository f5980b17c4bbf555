import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t

from dem_mmaction.utils.statistics import Interval, mean_interval, t_interval


def student(values, confidence=0.95):
    """The interval of a textbook."""
    values = np.asarray(values, float)
    error = values.std(ddof=1) / np.sqrt(len(values))
    return t.interval(confidence, len(values) - 1, values.mean(), error)


def test_of_one_seed_it_is_that_of_the_items():
    values = np.random.default_rng(0).integers(-1, 2, (1, 50))
    interval = mean_interval(values)
    assert (interval.low, interval.high) == pytest.approx(student(values[0]))
    assert interval.mean == pytest.approx(values.mean())


def test_of_items_that_are_all_alike_it_is_that_of_the_seeds():
    seeds = np.array([1.0, 4.0, 2.0])
    interval = mean_interval(np.repeat(seeds[:, None], 30, axis=1), 0.9)
    assert (interval.low, interval.high) == pytest.approx(student(seeds, 0.9))
    own = t_interval(seeds, 0.9)
    assert (own.mean, own.low, own.high) == pytest.approx(
        (seeds.mean(), *student(seeds, 0.9))
    )


@pytest.mark.parametrize(
    'seeds, of_seeds', [(5, 0.0), (5, 0.02), (3, 0.02), (2, 0.02), (3, 0.1)]
)
def test_it_holds_the_truth_as_often_as_it_says(seeds, of_seeds):
    rng, held, trials = np.random.default_rng(1), 0, 400
    for _ in range(trials):
        values = rng.normal(0.1, 0.3, (seeds, 100))
        values += rng.normal(0, of_seeds, (seeds, 1)) + rng.normal(0, 0.2, 100)
        interval = mean_interval(values)
        held += interval.low <= 0.1 <= interval.high
    # Three standard deviations of a share of 0.95 are 0.033.
    assert 0.95 - 0.033 <= held / trials


def test_what_pairs_share_does_not_widen_it():
    rng = np.random.default_rng(2)
    hard = rng.random(200) < 0.4  # items that no network gets right
    one, other = ((rng.random((5, 200)) < p) & ~hard for p in (0.9, 0.95))
    paired = mean_interval(other.astype(float) - one)
    assert paired.low > 0 and paired.excludes_zero
    widths = [own.high - own.low for own in map(mean_interval, (one, other))]
    assert paired.high - paired.low < min(widths)


@given(
    arrays(float, (3, 6), elements=st.floats(-1, 1, width=16)),
    st.floats(-5, 5),
    st.permutations(range(6)),
)
def test_moves_with_the_values_and_asks_for_no_order(values, shift, order):
    own = mean_interval(values)
    moved = mean_interval(values + shift)
    mirrored = mean_interval(-values[::-1, order])
    assert own.low <= own.mean <= own.high
    for a, b in (
        (moved.low - shift, own.low),
        (moved.high - shift, own.high),
        (-mirrored.high, own.low),
    ):
        assert a == pytest.approx(b, abs=1e-5)


def test_says_which_side_of_zero():
    assert Interval(1.0, 0.1, 2.0).excludes_zero
    assert Interval(-1.0, -2.0, -0.1).excludes_zero
    assert not Interval(1.0, -0.1, 2.0).excludes_zero
    nothing = mean_interval(np.zeros((3, 4)))
    assert (nothing.low, nothing.high) == (0, 0) and not nothing.excludes_zero


def test_refuses_what_has_no_interval():
    for shape in ((0, 5), (3, 1), (5,)):
        with pytest.raises(ValueError, match='at least'):
            mean_interval(np.zeros(shape))
    with pytest.raises(ValueError, match='confidence=95 must be between 0 and 1'):
        mean_interval(np.zeros((2, 2)), 95)
    assert t_interval([1.0]) is None
