import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dem_mmaction.robustness import ConditionResult, RateResults

CLASSES = {
    '0': dict(name='run', video=0.5, clip=0.25, videos=2),
    '1': dict(name='fly', video=None, clip=None, videos=0),
}


def results(own_rate=2):
    return RateResults(
        own_rate,
        {
            1: ConditionResult({'video/top1': 0.5, 'loss': 2.0}, 0, CLASSES),
            2: ConditionResult({'video/top1': 0.75, 'loss': 1.5}, 3),
        },
        parameters=12,
    )


def test_delta_is_the_difference_to_the_own_rate():
    assert results().delta(1) == {'video/top1': -0.25, 'loss': 0.5}
    assert results().delta(2) == {'video/top1': 0.0, 'loss': 0.0}
    assert results(own_rate=4).delta(1) is None


def test_comes_back_as_it_was_saved(tmp_path):
    results().save(tmp_path / 'new')
    assert RateResults.load(tmp_path / 'new') == results()
    written = json.loads((tmp_path / 'new' / 'rates.json').read_text())
    assert written['rates']['1']['delta'] == {'video/top1': -0.25, 'loss': 0.5}
    results(own_rate=4).save(tmp_path)
    assert 'delta' not in (tmp_path / 'rates.json').read_text()


numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(st.dictionaries(st.integers(1, 99), numbers, min_size=1), st.integers(0, 9))
def test_any_number_comes_back_to_the_last_bit(tmp_path_factory, found, short):
    folder = tmp_path_factory.mktemp('rates')
    saved = RateResults(
        1, {rate: ConditionResult({'x': value}, short) for rate, value in found.items()}
    )
    saved.save(folder)
    assert RateResults.load(folder) == saved


def test_absent_classes_are_named():
    assert results().rates[1].absent == ['fly'] and results().rates[2].absent == []


@pytest.mark.parametrize(
    'text',
    ['{"own_rate": 1, "rates"', '[]', '{}', '{"own_rate": 1, "rates": {"1": 2}}'],
)
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / 'rates.json').write_text(text)
    with pytest.raises(ValueError, match='rates.json does not hold the results'):
        RateResults.load(tmp_path)
    with pytest.raises(FileNotFoundError, match='rates.json'):
        RateResults.load(tmp_path / 'nowhere')
