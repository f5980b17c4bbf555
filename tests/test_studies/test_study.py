import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from dem_mmaction.datasets.motion_probe import ProbeSpec
from dem_mmaction.studies.runs import MIM, Run
from dem_mmaction.studies.study import STUDIES, Cell, Experiment, Study, find_study
from dem_mmaction.studies.study_report import (
    NOT_RUN,
    markdown,
    measured,
    values,
    write_report,
)
from dem_mmaction.studies.study_runs import result_file, run_folder, run_study

ROOT = Path(__file__).resolve().parents[2]

# The Delta that Tables 4.1 and 4.2 of the thesis print, without and with DEM, a row for
# each testing rate of each training rate.
DELTAS = {
    '4.1': [(0.00, 0.00), (-0.89, -0.40), (-5.25, -4.17), (-1.74, -1.55), (0.00, 0.00),
            (-1.58, -1.10), (-7.04, -7.27), (-1.59, -2.01), (0.00, 0.00)],
    '4.2': [(0.00, 0.00), (-0.20, 0.15), (-2.41, -1.69), (-2.73, -2.79), (0.00, 0.00),
            (0.35, 0.50), (-9.09, -9.29), (-3.81, -3.54), (0.00, 0.00)],
}


def thesis_as_measured(study):
    """What would have been read had the runs given the thesis's accuracies."""
    found = {}
    for _, cells in study.rows:
        for cell in cells:
            if cell.minus_rate is None:
                rates = found.setdefault((cell.experiment, 0), {})
                rates.setdefault(cell.rate, {})[cell.metric] = cell.thesis / 100
    return found


@pytest.mark.parametrize('name', STUDIES)
def test_the_thesis_in_gives_the_thesis_out(name):
    study = STUDIES[name]
    found = thesis_as_measured(study)
    for _, cells in study.rows:
        for cell in cells:
            number, = values(cell, found)
            assert number == pytest.approx(cell.thesis, abs=1e-9)
    text = markdown(study, found, [])
    assert NOT_RUN not in text
    for line in text.splitlines()[2:]:
        differences = line.split(' | ')[len(study.rows[0][0]) + 2::3]
        assert all(float(d.strip(' |')) == 0 for d in differences)


@pytest.mark.parametrize('name', DELTAS)
def test_delta_is_what_the_thesis_prints(name):
    study = STUDIES[name]
    found = thesis_as_measured(study)
    for (_, cells), deltas in zip(study.rows, DELTAS[name], strict=True):
        measured_deltas = [values(cell, found)[0] for cell in cells[2:]]
        assert measured_deltas == pytest.approx(list(deltas), abs=1e-9)


@pytest.mark.parametrize('name', STUDIES)
def test_cells_are_of_experiments_and_configs_exist(name):
    study = STUDIES[name]
    rates = {experiment.name: experiment.rates for experiment in study.experiments}
    for labels, cells in study.rows:
        assert len(labels) + len(cells) == len(study.head)
        assert all(cell.rate in rates[cell.experiment] for cell in cells)
    for experiment in study.experiments:
        for config in (experiment.config, experiment.probe):
            assert (MIM / 'configs' / config).is_file()


def test_experiments_of_one_name_are_one():
    seen = {}
    for study in STUDIES.values():
        for experiment in study.experiments:
            assert seen.setdefault(experiment.name, experiment) == experiment


def test_unknown_study_is_named():
    with pytest.raises(ValueError, match="No study '9.9'; there are 4.1, 4.2, 4.3"):
        find_study('9.9')


def write_result(work_dir, experiment, seed, top1):
    path = result_file(run_folder(work_dir, 'probe', experiment, seed))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(dict(rates={'1': dict(metrics={'video/top1': top1})})))


def test_report_with_what_there_is(tmp_path):
    study = Study(
        'x', 'two networks', tuple(
            Experiment(name, 'r2p1d_minik.py', 'probe/r2p1d_probe.py')
            for name in ('a', 'b')), ('network', 'top-1'),
        ((('a', ), (Cell('a', 1, 'video/top1', 50.), )),
         (('b', ), (Cell('b', 1, 'video/top1', 60.), ))))
    write_result(tmp_path, 'a', 0, 0.5)
    write_result(tmp_path, 'a', 1, 0.6)
    path, text = write_report(study, 'probe', tmp_path, [0, 1])
    assert '| a | 55.00 +- 7.07 (2 seeds) | 50.00 | +5.00 |' in text
    assert '| b | not run | 60.00 | not run |' in text
    assert 'Not run: b, seed 0; b, seed 1.' in text
    assert path.read_text() == text
    rows = list(csv.DictReader(path.with_suffix('.csv').open()))
    assert float(rows[0]['mean']) == pytest.approx(55) and rows[0]['seeds'] == '2'
    assert rows[1]['mean'] == '' and rows[1]['thesis'] == '60.0'
    assert len(measured(study, 'probe', tmp_path, [0])[0]) == 1


SPEC = ProbeSpec(train=32, test=16, frames=40, size=(40, 40))
SMALL = ('model.backbone.base_channels=4', 'model.cls_head.in_channels=32')
ONE = Study(
    'one', 'one network', (Experiment(
        'net', 'r2p1d_minik.py', 'probe/r2p1d_dem_probe.py', SMALL, rates=(1, 2)), ),
    ('network', 'top-1'), ((('net', ), (Cell('net', 2, 'video/top1', 50.), )), ))


def test_a_run_that_was_killed_ends_the_same(tmp_path, monkeypatch):
    for name in ('whole', 'killed'):
        work_dir = tmp_path / name
        folder = run_folder(work_dir, 'probe', 'net', 0)
        if name == 'killed':
            start = Run.start

            def start_and_kill(self, threads, folder=folder, start=start):
                start(self, threads)
                if self.tool == 'train.py':
                    while not (folder / 'last_checkpoint').is_file():
                        assert self.process.poll() is None
                        time.sleep(0.01)
                    self.process.kill()

            monkeypatch.setattr(Run, 'start', start_and_kill)
            with pytest.raises(RuntimeError, match='train.py failed'):
                run_study(ONE, 'probe', work_dir, [0], epochs=4, spec=SPEC)
            monkeypatch.setattr(Run, 'start', start)
        run_study(ONE, 'probe', work_dir, [0], epochs=4, spec=SPEC)
    whole, killed = (
        torch.load(run_folder(tmp_path / name, 'probe', 'net', 0) / 'epoch_4.pth')
        for name in ('whole', 'killed'))
    for key, value in whole['state_dict'].items():
        assert torch.equal(value, killed['state_dict'][key]), key
    texts = [write_report(ONE, 'probe', tmp_path / name, [0])[1]
             for name in ('whole', 'killed')]
    assert texts[0] == texts[1] and NOT_RUN not in texts[0]

    # A finished run is left alone.
    monkeypatch.setattr(Run, 'start', lambda self, threads: pytest.fail('ran again'))
    run_study(ONE, 'probe', tmp_path / 'whole', [0], epochs=4, spec=SPEC)


def test_unknown_preset_is_named(tmp_path):
    with pytest.raises(ValueError, match="preset='tiny'"):
        run_study(ONE, 'tiny', tmp_path, [0])


def test_command_line(tmp_path):
    def study(*args):
        return subprocess.run(
            [sys.executable, str(ROOT / 'tools/study.py'), *args], cwd=tmp_path,
            capture_output=True, text=True, timeout=100,
            env=dict(os.environ, PYTHONPATH=str(ROOT), PYTHONWARNINGS='ignore'))

    assert '4.3  accuracy by the stage' in study('list').stdout
    done = study('report', '4.1', '--preset', 'probe')
    assert done.returncode == 0 and 'Not run: without_sr1, seed 0' in done.stdout
    assert (tmp_path / 'work_dirs/studies/probe/table_4.1.csv').is_file()
    done = study('run', '9.9')
    assert done.returncode == 1 and "No study '9.9'" in done.stderr
