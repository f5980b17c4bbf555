from matplotlib.figure import Figure

from dem_mmaction.robustness import (
    ConditionResult,
    RateResults,
    draw_over_rates,
    rates_table,
    write_rates,
)


def results(own_rate):
    return RateResults(
        own_rate,
        {
            1: ConditionResult({'video/top1': 0.5, 'loss': 1.0}),
            2: ConditionResult({'video/top1': 0.75, 'loss': 2.0}),
        },
    )


def cells(text):
    return [[c.strip() for c in line.split('|')[1:-1]] for line in text.splitlines()]


def test_a_row_a_rate_with_its_delta():
    head, _, first, second = cells(rates_table(results(own_rate=2)))
    assert head == ['SR', 'video/top1', 'Delta', 'loss', 'Delta']
    assert first == ['1', '0.5000', '-0.2500', '1.0000', '-1.0000']
    assert second == ['2 (own)', '0.7500', '+0.0000', '2.0000', '+0.0000']
    _, _, first, _ = cells(rates_table(results(own_rate=4)))
    assert first == ['1', '0.5000', 'not tested', '1.0000', 'not tested']


def test_fractional_rates_stand_in_the_table_and_the_picture(tmp_path):
    found = {rate: ConditionResult({'video/top1': 0.5}) for rate in (0.5, 1, 3)}
    _, _, first, *_ = cells(rates_table(RateResults(1, found)))
    assert first == ['0.5', '0.5000', '+0.0000']
    axes = Figure().subplots()
    draw_over_rates(axes, dict(a={3: [0.1], 0.5: [0.4], 1: [0.2]}), own_rate=1)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == [
        '0.5',
        '1 (own)',
        '3',
    ]
    assert axes.get_lines()[0].get_ydata().tolist() == [40, 20, 10]


def test_the_file_of_results_comes_last(tmp_path):
    files = write_rates(results(1), tmp_path / 'new')
    assert [file.name for file in files] == ['rates.md', 'rates.png', 'rates.json']
    times = [file.stat().st_mtime_ns for file in files]
    assert times == sorted(times)
    assert files[0].read_text() == rates_table(results(1))
    assert RateResults.load(tmp_path / 'new') == results(1)
    assert len(list((tmp_path / 'new').iterdir())) == 3


def test_lines_are_means_and_bands_reach_from_lowest_to_highest():
    axes = Figure().subplots()
    curves = dict(a={1: [0.4, 0.6], 4: [0.1, 0.3]}, b={1: [0.9], 4: []})
    draw_over_rates(axes, curves, own_rate=4, chance=0.125)
    a, b, chance = axes.get_lines()
    assert a.get_ydata().tolist() == [50, 20] and b.get_ydata().tolist() == [90]
    assert chance.get_ydata() == [12.5, 12.5] and a.get_marker() != b.get_marker()
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == 10 and heights.max() == 60
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ['1', '4 (own)']
    assert axes.get_ylim() == (0, 100)
