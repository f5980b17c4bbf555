import csv
import json

import cv2
import pytest
from support import run_tool

from dem_mmaction.robustness import ConditionResult, RateResults
from dem_mmaction.studies.figures import ends_of
from dem_mmaction.studies.folders import RunFolder
from dem_mmaction.studies.presets import FullSize, Probe
from dem_mmaction.studies.report import write_report
from dem_mmaction.studies.results import (
    class_gains,
    losses,
    mean_curve,
    read_results,
    whole_pairs,
)
from dem_mmaction.studies.study import (
    Cell,
    ClassGains,
    Experiment,
    LossCurves,
    OnProbe,
    RateCurves,
    Study,
    Table,
)

EXPERIMENTS = tuple(
    Experiment(name, OnProbe('probe/r2p1d_probe.py', None), 'r2p1d_minik.py')
    for name in ('a', 'b')
)
NAMES = ('run', 'jump', 'swim', 'fly')


def write_result(preset, experiment, seed, top1, by_class=(), too_short=0):
    classes = {
        str(label): dict(name=name, video=own, clip=own, videos=0 if own is None else 5)
        for label, (name, own) in enumerate(zip(NAMES, by_class, strict=False))
    }
    result = ConditionResult({'video/top1': top1}, too_short, classes)
    RateResults(1, {1: result}).save(preset.folder(experiment, seed).test)


def cells(text):
    """The table in a report, cell by cell."""
    lines = [line for line in text.splitlines() if line.startswith('| ')]
    return [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines]


TWO = Study(
    '9.1',
    'two networks',
    EXPERIMENTS,
    Table(
        ('network',),
        ('top-1', 'own'),
        tuple(
            (
                (name,),
                (
                    Cell((name,), 1, 'video/top1', thesis),
                    Cell((name,), 1, 'video/top1'),
                ),
            )
            for name, thesis in (('a', 50.0), ('b', 60.0))
        ),
    ),
)


def test_a_table_with_what_there_is(tmp_path):
    full = FullSize(tmp_path)
    write_result(full, 'a', 0, 0.5, too_short=3)
    write_result(full, 'a', 1, 0.6, too_short=3)
    report = write_report(TWO, full, [0, 1])
    spread = '55.00 ± 7.07 (2)'
    assert cells(report.text) == [
        ['network', 'top-1', 'thesis', 'difference', 'own'],
        ['-------', '---------------:', '-----:', '---------:', '---------------:'],
        ['a', spread, '50.00', '+5.00', spread],
        ['b', 'not run', '60.00', 'not run', 'not run'],
    ]
    assert 'Full size.' in report.text
    assert 'Not run: b, seed 0; b, seed 1.' in report.text
    assert report.text.count('3 test videos are shorter than one clip at SR 1;') == 1
    page, table = report.files
    assert page == tmp_path / 'full' / 'table_9.1.md'
    assert page.read_text() == report.text
    rows = list(csv.DictReader(table.open()))
    assert float(rows[0]['mean']) == pytest.approx(55) and rows[0]['seeds'] == '2'
    assert float(rows[0]['difference']) == pytest.approx(5)
    assert rows[1]['thesis'] == rows[1]['difference'] == rows[2]['mean'] == ''
    assert rows[2]['thesis'] == '60.0'
    results = read_results(TWO, full.root, [0])
    assert results.metric(('a', 0), 1, 'video/top1') == 0.5
    assert results.metric(('a', 0), 2, 'video/top1') is None
    assert results.metric(('b', 0), 1, 'video/top1') is None


def test_nothing_is_subtracted_from_numbers_on_other_data(tmp_path):
    probe = Probe(tmp_path)
    write_result(probe, 'a', 0, 0.5)
    report = write_report(TWO, probe, [0])
    assert cells(report.text)[0] == ['network', 'top-1', 'thesis', 'own']
    assert cells(report.text)[2] == ['a', '50.00', '50.00', '50.00']
    rows = list(csv.DictReader(report.files[1].open()))
    assert rows[0]['thesis'] == '50.0' and rows[0]['difference'] == ''


def test_a_damaged_file_of_results_is_named(tmp_path):
    probe = Probe(tmp_path)
    write_result(probe, 'a', 0, 0.5)
    probe.folder('a', 0).test.joinpath('rates.json').write_text('{"rates": ')
    with pytest.raises(ValueError, match='a/seed0/test/rates.json does not hold'):
        write_report(TWO, probe, [0])


@pytest.fixture
def gains(tmp_path):
    """Two networks, two seeds; class 2 has no video; seed 2 lacks a network."""
    probe = Probe(tmp_path)
    # In floating point, 0.4 - 0.3 is more than 0.2 - 0.1.
    write_result(probe, 'a', 0, 0.5, [0.2, 0.8, None, 0.3])
    write_result(probe, 'b', 0, 0.5, [0.6, 0.6, None, 0.4])
    write_result(probe, 'a', 1, 0.5, [0.2, 0.8, None, 0.2])
    write_result(probe, 'b', 1, 0.5, [0.4, 0.8, None, 0.1])
    write_result(probe, 'a', 2, 0.5, [1.0, 1.0, None, 1.0])
    return probe


def test_gains_are_means_over_whole_pairs(gains):
    show = ClassGains('a', 'b')
    study = Study('fig9.1', 'gains', EXPERIMENTS, show)

    def pairs(*seeds):
        return whole_pairs(show, read_results(study, gains.root, seeds))

    assert class_gains(pairs(0, 1, 2), 'video') == pytest.approx(
        dict(run=30, jump=-10, fly=0)
    )
    assert [test.rates[1].absent for test in pairs(0)[0]] == [['swim']] * 2


@pytest.mark.parametrize(
    'ends, listed',
    [
        (None, ['run', 'jump', 'fly']),
        (1, ['run', 'jump']),
        (15, ['run', 'fly', 'jump']),
    ],
)
def test_gains_as_figures(gains, ends, listed):
    study = Study(
        'fig9.1',
        'gains',
        EXPERIMENTS,
        ClassGains('a', 'b', ends=ends, thesis='129 of 200 gain'),
    )
    report = write_report(study, gains, [0, 1, 2])
    assert '1 of 3 classes gain, 1 lose.' in report.text
    assert 'The thesis: 129 of 200 gain.' in report.text
    assert 'Left out: swim.' in report.text
    assert 'The test list has no video of swim.' in report.text
    assert 'Not run: b, seed 2.' in report.text
    page, table, picture = report.files
    assert [row['class'] for row in csv.DictReader(table.open())] == listed
    assert f'({picture.name})' in page.read_text()
    image = cv2.imread(str(picture))
    # Gains are drawn in blue, losses in orange.
    blue, orange = (
        (abs(image.astype(int) - color) < 3).all(-1).sum()
        for color in ((180, 119, 31), (14, 127, 255))
    )
    assert blue > 500 and orange > 500


def write_curve(preset, experiment, seed, by_rate, parameters=1234567):
    rates = {
        rate: ConditionResult({'video/top1': value, 'clip/top1': value / 2})
        for rate, value in by_rate.items()
    }
    results = RateResults(1, rates, parameters)
    results.save(preset.folder(experiment, seed).test)


def test_curves_over_rates(tmp_path):
    study = Study(
        'demo',
        'networks at rates',
        EXPERIMENTS,
        RateCurves(
            {'R(2+1)D': 'a', 'with DEM': 'b'},
            (1, 4),
            {'video': 'video/top1', 'clip': 'clip/top1'},
            {'left': 'video/top1', 'right': 'clip/top1'},
            chance=0.125,
        ),
    )
    probe = Probe(tmp_path)
    empty = write_report(study, probe, [0, 1])
    assert [file.suffix for file in empty.files] == ['.md', '.csv']
    write_curve(probe, 'a', 0, {1: 0.7655, 4: 0.5})
    write_curve(probe, 'b', 0, {1: 0.8, 4: 0.25})
    write_curve(probe, 'b', 1, {1: 0.9, 4: 0.25})
    report = write_report(study, probe, [0, 1])
    head, _, *rows = cells(report.text)
    assert head == ['network', 'parameters', 'SR', 'video', 'clip']
    assert rows == [
        ['R(2+1)D', '1,234,567', '1', '76.5', '38.3'],
        ['R(2+1)D', '1,234,567', '4', '50.0', '25.0'],
        ['with DEM', '1,234,567', '1', '85.0 ± 7.1', '42.5 ± 3.5'],
        ['with DEM', '1,234,567', '4', '25.0 ± 0.0', '12.5 ± 0.0'],
    ]
    assert 'chance 12.5' in report.text and 'Not run: a, seed 1.' in report.text
    page, table, picture = report.files
    assert f'({picture.name})' in page.read_text()
    assert float(list(csv.DictReader(table.open()))[4]['stdev']) == pytest.approx(
        7.071, abs=1e-3
    )


def test_panels_show_their_own_metric(tmp_path):
    def panels(video, clip):
        probe = Probe(tmp_path)
        rates = {1: ConditionResult({'video/top1': video, 'clip/top1': clip})}
        RateResults(1, rates, 1).save(probe.folder('a', 0).test)
        shown = {'left': 'video/top1', 'right': 'clip/top1'}
        show = RateCurves({'net': 'a'}, (1,), shown, shown, chance=0.1)
        study = Study('demo', 'rates', EXPERIMENTS[:1], show)
        picture = cv2.imread(str(write_report(study, probe, [0]).files[-1]))
        half = picture.shape[1] // 2
        return picture[:, :half].tobytes(), picture[:, half:].tobytes()

    left, right = panels(0.5, 0.5)
    assert panels(0.8, 0.5)[0] != left and panels(0.8, 0.5)[1] == right
    assert panels(0.5, 0.8)[0] == left and panels(0.5, 0.8)[1] != right


def test_ends_take_each_class_once():
    gains = {name: value for name, value in zip('abcdefg', range(7), strict=True)}
    assert [name for name, _ in ends_of(gains, 2)] == ['g', 'f', 'b', 'a']
    assert len(ends_of(gains, 4)) == 7


def write_log(folder, start, entries):
    path = folder / start / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(
        ''.join(json.dumps(entry) + '\n' for entry in entries) + '{"loss": 0.1, "ep'
    )  # a line that is being written


def test_losses_of_a_resumed_training(tmp_path):
    write_log(
        tmp_path,
        '20260101_000000',
        [
            dict(loss=4.0, epoch=1, step=1),
            dict(loss=2.0, epoch=1, step=2),
            {'loss': 3.0, 'video/top1': 0.1, 'step': 1},
            dict(loss=9.0, epoch=2, step=3),
        ],
    )
    write_log(
        tmp_path,
        '20260101_010000',
        [
            dict(loss=1.0, epoch=2, step=3),
            dict(loss=2.0, epoch=2, step=4),
            {'loss': 2.5, 'video/top1': 0.2, 'step': 2},
        ],
    )
    assert losses(RunFolder(tmp_path)) == dict(
        training={1: 3.0, 2: 1.5}, validation={1: 3.0, 2: 2.5}
    )
    assert mean_curve([{1: 3.0, 2: 1.0}, {1: 5.0}]) == {1: 4.0}


def test_losses_as_a_figure(tmp_path):
    study = Study(
        'fig9.3',
        'losses',
        EXPERIMENTS,
        LossCurves((('left', (('A', 'a'),)), ('right', (('B', 'b'),))), 'they fall'),
    )
    report = write_report(study, Probe(tmp_path), [0])
    assert 'Not run.' in report.text and len(report.files) == 1
    write_log(
        Probe(tmp_path).folder('a', 0).path,
        '1',
        [dict(loss=4.0, epoch=1, step=1), {'loss': 3.0, 'step': 1}],
    )
    report = write_report(study, Probe(tmp_path), [0])
    _, table, picture = report.files
    assert list(csv.reader(table.open()))[1:] == [
        ['A', 'training', '1', '4.0'],
        ['A', 'validation', '1', '3.0'],
    ]
    assert cv2.imread(str(picture)).shape[1] > 800


def test_command_line(tmp_path):
    printed = run_tool('study.py', 'list', cwd=tmp_path)
    assert 'accuracy by the stage' in printed and 'fig4.3' in printed
    printed = run_tool('study.py', 'report', '4.1', '--preset', 'probe', cwd=tmp_path)
    assert 'Not run: without_sr1, seed 0' in printed
    assert (tmp_path / 'work_dirs/studies/probe/table_4.1.csv').is_file()
    run_tool('study.py', 'report', 'formulation', cwd=tmp_path)
    printed = run_tool('study.py', 'run', '9.9', cwd=tmp_path, fails=True)
    assert "No study '9.9'" in printed and 'Traceback' not in printed
