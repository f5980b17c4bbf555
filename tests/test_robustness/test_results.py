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
        multiply_adds=34,
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


def test_a_file_of_whole_rates_reads_as_ever(tmp_path):
    entry = '{"metrics": {"video/top1": 0.5}, "too_short": 1}'
    text = (
        f'{{"own_rate": 1, "parameters": 7, "rates": {{"1": {entry}, "2": {entry}}}}}'
    )
    (tmp_path / 'rates.json').write_text(text)
    read = RateResults.load(tmp_path)
    assert [type(rate) for rate in read.rates] == [int, int] and list(read.rates) == [
        1,
        2,
    ]
    assert read.delta(2) == {'video/top1': 0.0} and read.own_rate == 1


def test_fractional_rates_have_keys_of_their_own(tmp_path):
    found = {0.5: ConditionResult({'x': 1.0}), 1: ConditionResult({'x': 2.0})}
    RateResults(0.5, found).save(tmp_path)
    written = json.loads((tmp_path / 'rates.json').read_text())
    assert list(written['rates']) == ['0.5', '1'] and written['own_rate'] == 0.5
    assert RateResults.load(tmp_path).delta(1) == {'x': 1.0}


numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
any_rate = st.integers(1, 99) | st.floats(0.01, 0.99)


@given(st.dictionaries(any_rate, numbers, min_size=1), st.integers(0, 9))
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
