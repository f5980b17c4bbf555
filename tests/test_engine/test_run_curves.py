"""Curves of trainings from logs as MMEngine writes them."""

import json

import pytest
from support import run_tool

from dem_mmaction.engine import run_curves
from dem_mmaction.engine.run_curves import smoothed


def log(folder, started, entries):
    path = folder / started / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(''.join(json.dumps(entry) + '\n' for entry in entries))
    return path


def train(step, loss):
    return dict(epoch=1, iter=step, step=step, loss=loss)


def test_a_resumed_training_takes_the_place_of_what_came_after(tmp_path):
    val = {'video/top1': 0.5, 'step': 1}
    log(tmp_path, '1', [train(10, 3.0), val, train(20, 2.0), train(30, 9.0)])
    path = log(tmp_path, '2', [train(20, 1.0), {**val, 'video/top1': 0.7}])
    with open(path, 'a') as file:
        file.write('{"step": 3')  # being written
    curves = run_curves(tmp_path)
    assert curves['train/loss'] == ([10, 20], [3.0, 1.0])
    assert curves['video/top1'] == ([10, 20], [0.5, 0.7])
    assert set(curves) == {'train/loss', 'video/top1'}


def test_means_reach_back_as_far_as_there_is():
    assert smoothed([1, 3, 5, 7], 2).tolist() == [1, 2, 4, 6]
    assert smoothed([1, 3, 5], 9).tolist() == [1, 2, 3]


def test_nothing_logged_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='has no logs of a training'):
        run_curves(tmp_path)


def test_the_tool(tmp_path):
    log(tmp_path / 'a', '1', [train(10, 3.0), train(20, 2.0)])
    log(tmp_path / 'b', '1', [train(10, 2.0)])
    assert 'runs.png' in run_tool('plot_runs.py', 'a', 'b', cwd=tmp_path)
    assert (tmp_path / 'runs.png').stat().st_size > 1000
    said = run_tool('plot_runs.py', 'a', '--curves', 'hop', cwd=tmp_path, fails=True)
    assert 'No training has logged hop; there are train/loss.' in said
