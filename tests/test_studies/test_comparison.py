import csv
import re

import cv2
import pytest
from recorded import curve, save

from dem_mmaction.studies.comparison import early_difference
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.report import write_report
from dem_mmaction.studies.results import read_results
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.study import Comparison, Experiment, Row, Small, Study

STUDY = Study(
    'pair',
    'two networks',
    (
        Experiment('a', Small()),
        Experiment('b', Small()),
        Experiment('far', Small(rate=16)),
    ),
    Comparison(
        ('network',),
        (Row(('A',), 'a'), Row(('B',), 'b', 'a'), Row(('Far',), 'far', 'a')),
    ),
)


def tables(text):
    """Every table of a report, cell by cell, by the heading before it."""
    found = {}
    for heading, body in re.findall(r'### ([^\n]+)\n\n((?:\|[^\n]*\n)+)', text):
        found[heading] = [
            [cell.strip() for cell in line.split('|')[1:-1]]
            for line in body.splitlines()
        ]
        del found[heading][1]  # the rule
    return found


@pytest.fixture
def measured(tmp_path):
    """B gets every fourth video more than A at rate 1, and none more at rate 2."""
    preset = SmallScale(tmp_path, INSTRUMENTS['probe'])
    for seed in range(3):
        a = [i % 4 < 2 for i in range(80)]
        b = [i % 4 < 3 for i in range(80)]
        a[seed] = not a[seed]
        early = (0.2 + 0.1 * seed, 0.9, 0.9, 0.9)
        save(tmp_path, preset, 'a', seed, {1: a, 2: a}, curves=[curve()])
        save(tmp_path, preset, 'b', seed, {1: b, 2: a}, curves=[curve(early)], loss=0.5)
    return preset


def test_says_what_differs_and_how_sure_it_is(measured, tmp_path):
    report = write_report(STUDY, measured, [0, 1, 2], tmp_path)
    own = tables(report.text)['At the rate of the training']
    assert own[0] == [
        'network',
        'parameters',
        'M multiply-adds',
        'top-1',
        'loss',
        'top-1 minus the baseline',
    ]
    assert own[1] == ['A', '1,234,567', '208', '49.6 ± 1.4', '1.000 ± 0.000', '']
    assert own[2][:5] == ['B', '1,234,567', '208', '75.0 ± 0.0', '0.500 ± 0.000']
    assert re.fullmatch(r'\+25\.4 \[1\d\.\d, 3\d\.\d\] \*', own[2][5])
    assert len(own) == 3, 'a rate that the instrument does not have'

    other = tables(report.text)['At other rates']
    change = 'change minus that of the baseline'
    assert other[0] == ['network', 'SR 1', change, 'SR 2', change]
    assert other[1] == ['A', '49.6 ± 1.4', 'own rate', '49.6 ± 1.4', '']
    assert other[2][:4] == ['B', '75.0 ± 0.0', 'own rate', '49.6 ± 1.4']
    assert other[2][4].startswith('-25.4 [') and other[2][4].endswith('*')
    assert 'over seeds and videos' in report.text
    assert 'Small networks.' in report.text and '3 trainings' not in report.text


def test_one_seed_has_no_star(measured, tmp_path):
    for seeds, star in (([0], False), ([0, 1, 2], True)):
        report = write_report(STUDY, measured, seeds, tmp_path)
        own = tables(report.text)['At the rate of the training'][2][5]
        assert own.startswith('+2') and own.endswith('*') == star


def test_speed_of_learning_is_a_result_of_its_own(measured, tmp_path):
    report = write_report(STUDY, measured, [0, 1, 2], tmp_path)
    learning = tables(report.text)['While learning']
    # 0.2, 0.3 and 0.4 after the first of four evaluations, against 0.5.
    assert learning[2][:2] == ['B', '30.0 ± 10.0']
    assert learning[2][2] == '-20.0 [-44.8, 4.8]'
    assert learning[2][3:] == ['40', '0.25']
    results = read_results(STUDY, measured, [0], tmp_path)
    assert early_difference(STUDY.show.rows[1], results) is None  # of one seed
    picture = cv2.imread(str(report.files[-1]))
    assert picture is not None and f'({report.files[-1].name})' in report.text


def test_numbers_as_csv(measured, tmp_path):
    report = write_report(STUDY, measured, [0, 1, 2], tmp_path)
    with open(report.files[1], newline='') as file:
        rows = list(csv.DictReader(file))
    kinds = [(row['network'], row['rate'], row['quantity']) for row in rows]
    assert kinds == [
        ('A', '1', 'top-1'),
        ('A', '2', 'top-1'),
        ('B', '1', 'top-1'),
        ('B', '1', 'difference'),
        ('B', '2', 'top-1'),
        ('B', '2', 'difference'),
        ('B', '2', 'change'),
    ]
    difference = rows[3]
    low, mean, high = (float(difference[key]) for key in ('low', 'mean', 'high'))
    assert low < mean < high and mean == pytest.approx(25.4, abs=0.1)
    assert difference['seeds'] == '3' and float(rows[0]['stdev']) > 0.5


def test_clips_have_intervals_over_seeds(measured, tmp_path):
    show = Comparison(STUDY.show.labels, STUDY.show.rows, 'clip/top1')
    study = Study('clips', 'clips', STUDY.experiments, show)
    report = write_report(study, measured, [0, 1, 2], tmp_path)
    assert 'Top-1 of clips' in report.text and 'interval over seeds;' in report.text
    own = tables(report.text)['At the rate of the training']
    assert own[2][3] == '37.5 ± 0.0' and own[2][5].startswith('+12.7 [')


def test_what_has_not_been_run_is_said(tmp_path):
    preset = SmallScale(tmp_path, INSTRUMENTS['probe'])
    report = write_report(STUDY, preset, [0], tmp_path)
    assert tables(report.text)['At the rate of the training'][2] == [
        'B',
        *['not run'] * 5,
    ]
    assert 'Not run: a, seed 0; b, seed 0.' in report.text
    assert [file.suffix for file in report.files] == ['.md', '.csv']
