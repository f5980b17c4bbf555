import csv

import cv2
import pytest
from recorded import curve, record, save, table_cells
from support import run_tool

from dem_mmaction.studies.figures import ends_of
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.presets import FullSize
from dem_mmaction.studies.records import record_path
from dem_mmaction.studies.report import write_report
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.study import (
    Cell,
    ClassGains,
    Experiment,
    LossCurves,
    RateCurves,
    Small,
    Study,
    Table,
)

EXPERIMENTS = tuple(Experiment(name, Small(), 'r2p1d_minik.py') for name in ('a', 'b'))


def probe(folder):
    return SmallScale(folder, INSTRUMENTS['probe'])


TWO = Study(
    '9.1',
    'two networks',
    EXPERIMENTS,
    LossCurves(()),
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


def test_a_table_of_the_thesis_with_what_there_is(tmp_path):
    full = FullSize(tmp_path)
    save(tmp_path, full, 'a', 0, {1: [1, 0] * 5}, too_short=3)
    save(tmp_path, full, 'a', 1, {1: [1, 0] * 4 + [1, 1]}, too_short=3)
    report = write_report(TWO, full, [0, 1], tmp_path)
    spread = '55.00 ± 7.07 (2)'
    assert table_cells(report.text) == [
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


def test_a_damaged_record_is_named(tmp_path):
    path = record_path(tmp_path, 'probe', 'a', 0)
    record({1: [1, 0]}).save(path)
    path.write_text(path.read_text()[:-20])
    with pytest.raises(ValueError, match='probe/a_seed0.json does not hold'):
        write_report(TWO, probe(tmp_path), [0], tmp_path)


@pytest.mark.parametrize(
    'ends, listed',
    [
        (None, ['run', 'jump', 'fly']),
        (1, ['run', 'jump']),
        (15, ['run', 'fly', 'jump']),
    ],
)
def test_gains_as_figures(tmp_path, ends, listed):
    labels = [0, 0, 1, 1, 3, 3]
    save(tmp_path, probe(tmp_path), 'a', 0, {1: [0, 0, 1, 1, 1, 0]}, labels=labels)
    save(tmp_path, probe(tmp_path), 'b', 0, {1: [1, 0, 1, 0, 0, 1]}, labels=labels)
    show = ClassGains('a', 'b', ends, '129 of 200 gain')
    study = Study('fig9.1', 'gains', EXPERIMENTS, show)
    report = write_report(study, probe(tmp_path), [0, 1], tmp_path)
    assert '1 of 3 classes gain, 1 lose.' in report.text
    assert 'The thesis: 129 of 200 gain.' in report.text
    assert 'The list has no video of swim.' in report.text
    assert 'Not run: a, seed 1; b, seed 1.' in report.text
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


CURVES = RateCurves(
    {'R(2+1)D': 'a', 'with DEM': 'b'},
    {'video': 'video/top1', 'clip': 'clip/top1'},
    {'left': 'video/top1', 'right': 'clip/top1'},
    chance=0.125,
)


def test_curves_over_rates(tmp_path):
    study = Study('demo', 'networks at rates', EXPERIMENTS, CURVES)
    preset = probe(tmp_path)
    empty = write_report(study, preset, [0, 1], tmp_path)
    assert [file.suffix for file in empty.files] == ['.md', '.csv']
    save(tmp_path, preset, 'a', 0, {1: [1, 1, 1, 0], 4: [1, 1, 0, 0]})
    save(tmp_path, preset, 'b', 0, {1: [1] * 8 + [0] * 2, 4: [1, 0, 0, 0]})
    save(tmp_path, preset, 'b', 1, {1: [1] * 9 + [0], 4: [1, 0, 0, 0]})
    report = write_report(study, preset, [0, 1], tmp_path)
    head, _, *rows = table_cells(report.text)
    assert head == ['network', 'parameters', 'SR', 'video', 'clip']
    assert rows == [
        ['R(2+1)D', '1,234,567', '1', '75.0', '37.5'],
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
    study = Study('demo', 'rates', EXPERIMENTS[:1], CURVES)

    def panels(video, clip):
        own = {'video/top1': video, 'clip/top1': clip}
        save(tmp_path, probe(tmp_path), 'a', 0, {1: [1, 0]}, **own)
        report = write_report(study, probe(tmp_path), [0], tmp_path)
        picture = cv2.imread(str(report.files[-1]))
        half = picture.shape[1] // 2
        return picture[:, :half].tobytes(), picture[:, half:].tobytes()

    left, right = panels(0.5, 0.5)
    assert panels(0.8, 0.5)[0] != left and panels(0.8, 0.5)[1] == right
    assert panels(0.5, 0.8)[0] == left and panels(0.5, 0.8)[1] != right


def test_ends_take_each_class_once():
    gains = {name: value for name, value in zip('abcdefg', range(7), strict=True)}
    assert [name for name, _ in ends_of(gains, 2)] == ['g', 'f', 'b', 'a']
    assert len(ends_of(gains, 4)) == 7


def test_losses_as_a_figure(tmp_path):
    panels = (('left', (('A', 'a'),)), ('right', (('B', 'b'),)))
    study = Study('fig9.3', 'losses', EXPERIMENTS, LossCurves(panels, 'they fall'))
    report = write_report(study, probe(tmp_path), [0], tmp_path)
    assert 'Not run.' in report.text and len(report.files) == 1
    for seed, top1 in enumerate(((0.25, 0.5), (0.75, 0.5))):
        curves = [curve(top1)]
        save(tmp_path, probe(tmp_path), 'a', seed, {1: [1, 0]}, curves=curves)
    report = write_report(study, probe(tmp_path), [0, 1], tmp_path)
    _, table, picture = report.files
    assert list(csv.reader(table.open()))[1:] == [
        ['A', 'training', '10', '0.5'],
        ['A', 'training', '20', '0.5'],
        ['A', 'validation', '10', '1.0'],
        ['A', 'validation', '20', '1.0'],
    ]
    assert cv2.imread(str(picture)).shape[1] > 800


def test_command_line(tmp_path):
    printed = run_tool('study.py', 'list', cwd=tmp_path)
    assert 'accuracy by the stage' in printed and 'fig4.3' in printed
    save(tmp_path / 'kept', probe(tmp_path), 'without_sr1', 0, {1: [1, 0], 2: [1, 1]})
    printed = run_tool(
        *('study.py', 'report', '4.1', '--preset', 'probe', '--records', 'kept'),
        cwd=tmp_path,
    )
    assert 'Not run: dem_sr1, seed 0' in printed and '1,234,567' in printed
    assert (tmp_path / 'work_dirs/studies/probe/table_4.1.csv').is_file()
    printed = run_tool('study.py', 'run', '9.9', cwd=tmp_path, fails=True)
    assert "No study '9.9'" in printed and 'Traceback' not in printed
    printed = run_tool(
        *('study.py', 'run', '4.3', '--preset', 'probe', '--only', 'conv9'),
        cwd=tmp_path,
        fails=True,
    )
    assert "Study '4.3' has no experiment 'conv9'; it has none, conv1" in printed
