import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from dem_mmaction.studies.study import (
    Cell,
    ClassGains,
    Experiment,
    LossCurves,
    Study,
    Table,
)
from dem_mmaction.studies.study_figures import ends_of
from dem_mmaction.studies.study_report import write_report
from dem_mmaction.studies.study_results import (
    class_gains,
    losses,
    mean_curve,
    read_results,
    whole_pairs,
)
from dem_mmaction.studies.study_runs import result_file, run_folder

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = tuple(
    Experiment(name, 'r2p1d_minik.py', 'probe/r2p1d_probe.py') for name in ('a', 'b')
)


def write_result(work_dir, experiment, seed, top1, by_class=(), too_short=0):
    path = result_file(run_folder(work_dir, 'probe', experiment, seed))
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps(
            dict(rates={'1': dict(metrics={'video/top1': top1}, too_short=too_short)})
        )
    )
    (path.parent / 'config.py').write_text(
        f"test_dataloader = dict(dataset=dict(ann_file='{work_dir}/lists/test.txt'))"
    )
    path.with_name('per_class_sr1.json').write_text(
        json.dumps(
            {
                str(label): dict(
                    video=value, clip=value, videos=0 if value is None else 5
                )
                for label, value in enumerate(by_class)
            }
        )
    )


def test_a_table_with_what_there_is(tmp_path):
    study = Study(
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
    write_result(tmp_path, 'a', 0, 0.5, too_short=3)
    write_result(tmp_path, 'a', 1, 0.6, too_short=3)
    report = write_report(study, 'probe', tmp_path, [0, 1])
    assert '| network | top-1 | thesis | difference | own |' in report.text
    spread = '55.00 ± 7.07 (2)'
    assert f'| a | {spread} | 50.00 | +5.00 | {spread} |' in report.text
    assert '| b | not run | 60.00 | not run | not run |' in report.text
    assert 'Not run: b, seed 0; b, seed 1.' in report.text
    assert report.text.count('3 test videos are shorter than one clip at SR 1;') == 1
    page, table = report.files
    assert page == tmp_path / 'probe' / 'table_9.1.md'
    assert page.read_text() == report.text
    rows = list(csv.DictReader(table.open()))
    assert float(rows[0]['mean']) == pytest.approx(55) and rows[0]['seeds'] == '2'
    assert rows[1]['thesis'] == rows[1]['difference'] == rows[2]['mean'] == ''
    assert rows[2]['thesis'] == '60.0'
    assert read_results(study, 'probe', tmp_path, [0]).measured == {
        ('a', 0): {1: {'video/top1': 0.5}}
    }


@pytest.fixture
def gains(tmp_path):
    """Two networks, two seeds; class 2 has no video; seed 2 lacks a network."""
    (tmp_path / 'lists').mkdir()
    (tmp_path / 'lists' / 'classes.txt').write_text('run\njump\nswim\nfly\n')
    # In floating point, 0.4 - 0.3 is more than 0.2 - 0.1.
    write_result(tmp_path, 'a', 0, 0.5, [0.2, 0.8, None, 0.3])
    write_result(tmp_path, 'b', 0, 0.5, [0.6, 0.6, None, 0.4])
    write_result(tmp_path, 'a', 1, 0.5, [0.2, 0.8, None, 0.2])
    write_result(tmp_path, 'b', 1, 0.5, [0.4, 0.8, None, 0.1])
    write_result(tmp_path, 'a', 2, 0.5, [1.0, 1.0, None, 1.0])
    return tmp_path


def test_gains_are_means_over_whole_pairs(gains):
    show = ClassGains('a', 'b')
    study = Study('fig9.1', 'gains', EXPERIMENTS, show)

    def pairs(*seeds):
        return whole_pairs(show, read_results(study, 'probe', gains, seeds))

    assert class_gains(pairs(0, 1, 2), 'video') == pytest.approx(
        dict(run=30, jump=-10, fly=0)
    )
    assert [test.absent(1) for test in pairs(0)[0]] == [['swim']] * 2
    (gains / 'lists' / 'classes.txt').unlink()
    assert list(class_gains(pairs(0), 'video')) == ['class 0', 'class 1', 'class 3']


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
    report = write_report(study, 'probe', gains, [0, 1, 2])
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
    assert losses(tmp_path) == dict(
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
    report = write_report(study, 'probe', tmp_path, [0])
    assert 'Not run.' in report.text and len(report.files) == 1
    write_log(
        run_folder(tmp_path, 'probe', 'a', 0),
        '1',
        [dict(loss=4.0, epoch=1, step=1), {'loss': 3.0, 'step': 1}],
    )
    report = write_report(study, 'probe', tmp_path, [0])
    _, table, picture = report.files
    assert list(csv.reader(table.open()))[1:] == [
        ['A', 'training', '1', '4.0'],
        ['A', 'validation', '1', '3.0'],
    ]
    assert cv2.imread(str(picture)).shape[1] > 800


def test_command_line(tmp_path):
    def study(*args):
        return subprocess.run(
            [sys.executable, str(ROOT / 'tools/study.py'), *args],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
            env=dict(os.environ, PYTHONPATH=str(ROOT), PYTHONWARNINGS='ignore'),
        )

    done = study('list')
    assert 'accuracy by the stage' in done.stdout and 'fig4.3' in done.stdout
    done = study('report', '4.1', '--preset', 'probe')
    assert done.returncode == 0 and 'Not run: without_sr1, seed 0' in done.stdout
    assert (tmp_path / 'work_dirs/studies/probe/table_4.1.csv').is_file()
    assert study('report', 'formulation').returncode == 0
    done = study('run', '9.9')
    assert done.returncode == 1 and "No study '9.9'" in done.stderr
    assert 'Traceback' not in done.stderr
