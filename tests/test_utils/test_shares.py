"""Intervals of shares against formulas of textbooks, and by how often they hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from dem_mmaction.utils.statistics import ratio_interval, share_interval


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_has_wilsons_interval(counts):
    hits, items = counts
    own = share_interval(np.arange(items) < hits)
    expected = binomtest(hits, items).proportion_ci(method='wilson')
    assert own.mean == hits / items
    assert (own.low, own.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_no_item_has_no_share():
    with pytest.raises(ValueError, match='no item'):
        share_interval([])


def test_a_ratio_holds_the_true_one_as_often_as_it_says():
    generator, held = np.random.default_rng(1), 0
    for _ in range(60):
        clean = generator.random(120) < 0.8
        hits = clean & (generator.random((2, 120)) < [[0.9], [0.5]])  # mean ratio 0.7
        own = ratio_interval(hits, clean, draws=200)
        assert own.mean == pytest.approx(hits.sum() / 2 / clean.sum())
        held += own.low <= 0.7 <= own.high
    assert 50 <= held < 60


def test_pairs_are_drawn_together():
    clean = np.arange(50) % 2 == 0
    own = ratio_interval(clean, clean)
    assert (own.low, own.mean, own.high) == (1, 1, 1)
    assert ratio_interval(clean, np.zeros(50)) is None
