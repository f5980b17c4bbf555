"""A part of the scenarios of tools/stress, and that they can fail."""

import sys

import pytest
from support import ROOT

sys.path[:0] = [str(ROOT / 'tools/stress'), str(ROOT / 'tests/test_engine')]

from fuzz import KINDS, fuzz  # noqa: E402
from payloads import pickles, planted  # noqa: E402
from scenario import Outcome, total  # noqa: E402


@pytest.mark.parametrize('name', sorted(KINDS))
def test_wrong_values_are_refused_by_name(name, tmp_path):
    assert fuzz(name, 5 * KINDS[name].weight, 1, tmp_path) == []


def test_an_exception_that_is_not_documented_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr('fuzz.resolve_midplanes', lambda *args: {}[0])
    (failure, *_) = fuzz('midplanes', 1, 0, tmp_path)
    assert 'KeyError(0)' in failure


def test_nothing_is_executed():
    outcomes = [*pickles(), *planted()]
    assert [own for own in outcomes if not own.fine] == []
    assert len(outcomes) >= 25


def test_the_total_counts_each_kind():
    outcomes = [Outcome('a', '', ''), Outcome('b', '', '', lost=True, hung=True)]
    assert total(outcomes) == 'scenarios 2, lost 1, hung 1, executed 0'
    assert [own.fine for own in outcomes] == [True, False]
