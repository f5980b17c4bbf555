import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dem_mmaction.utils import check_rates, nearest_rate

RATES = st.lists(st.integers(1, 64), min_size=1, max_size=5, unique=True)


@pytest.mark.parametrize('rates', [[], [1, 1], [0], [2, -1], [1.5], ['2'], [None]])
def test_what_are_no_rates_is_named(rates):
    with pytest.raises(ValueError, match='must be different integers from 1 on'):
        check_rates(rates)


@given(RATES)
def test_rates_come_back_in_order(rates):
    assert check_rates(rates) == tuple(rates)


@given(RATES, st.floats(0.1, 100))
def test_no_rate_is_nearer_by_ratio(rates, rate):
    nearest = nearest_rate(rates, rate)
    distances = [abs(math.log(own / rate)) for own in rates]
    assert abs(math.log(nearest / rate)) <= min(distances) + 1e-12
    assert nearest in rates


@given(RATES)
def test_a_trained_rate_is_its_own_nearest(rates):
    assert [nearest_rate(rates, rate) for rate in rates] == rates


def test_between_two_rates():
    assert nearest_rate([1, 2, 4], 3) == 4  # 4/3 is less than 3/2
    assert nearest_rate([4, 1], 2) == nearest_rate([1, 4], 2) == 1  # the lower of two
    assert nearest_rate([1, 2, 4], 0.5) == 1 and nearest_rate([1, 2, 4], 100) == 4
    with pytest.raises(ValueError, match='rate=0 must be above 0'):
        nearest_rate([1, 2], 0)
