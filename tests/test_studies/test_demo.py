import json

import cv2
import numpy as np
import pytest

from dem_mmaction.datasets.motion_probe import ProbeSpec
from dem_mmaction.studies.demo import COLUMNS, plot, run_demo, table


def results(**values):
    metrics = {key: values.get(key, 0.5) for key in COLUMNS}
    network = dict(parameters=1234567, rates={'1': metrics, '4': metrics})
    return dict(networks={'R(2+1)D': network, 'with DEM': network}, chance=0.125)


def test_table_has_a_row_a_network_and_rate():
    shown = results(**{'video/top1': 0.7655, 'clip/top1_varied': 1.0})
    lines = table(shown).splitlines()
    assert len({len(line) for line in lines}) == 1  # aligned
    cells = [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines]
    assert cells[0] == ['network', 'parameters', 'SR', *COLUMNS.values()]
    assert cells[2] == [
        'R(2+1)D',
        '1,234,567',
        '1',
        '76.5',
        '50.0',
        '50.0',
        '50.0',
        '50.0',
        '100.0',
    ]
    assert [row[:3:2] for row in cells[2:]] == [
        ['R(2+1)D', '1'],
        ['R(2+1)D', '4'],
        ['with DEM', '1'],
        ['with DEM', '4'],
    ]


def test_plot_shows_steady_videos_left_and_varied_ones_right(tmp_path):
    def panels(**values):
        plot(results(**values), tmp_path / 'p.png')
        left, _, right = np.array_split(cv2.imread(str(tmp_path / 'p.png')), 3, axis=1)
        return left.tobytes(), right.tobytes()

    left, right = panels()
    assert panels(**{'video/top1_steady': 0.8})[0] != left
    assert panels(**{'video/top1_steady': 0.8})[1] == right
    assert panels(**{'video/top1_varied': 0.8})[0] == left
    assert panels(**{'video/top1_varied': 0.8})[1] != right


def test_trains_tests_and_goes_on(tmp_path):
    spec = ProbeSpec(train=32, test=16, frames=40, size=(40, 40))
    settings = dict(
        spec=spec,
        networks={'with DEM': 'r2p1d_dem_conv2x_probe.py'},
        rates=(1, 2),
        epochs=1,
    )
    first = run_demo(tmp_path, **settings)
    assert json.loads((tmp_path / 'results.json').read_text()) == first
    assert (tmp_path / 'table.md').read_text() == table(first)
    assert (tmp_path / 'accuracy.png').is_file()
    rates = first['networks']['with DEM']['rates']
    assert set(rates) == {'1', '2'} and set(COLUMNS) <= set(rates['1'])
    assert rates['1'] != rates['2']

    trained = (tmp_path / 'r2p1d_dem_conv2x_probe' / 'epoch_1.pth').stat().st_mtime_ns
    assert run_demo(tmp_path, **settings) == first
    again = (tmp_path / 'r2p1d_dem_conv2x_probe' / 'epoch_1.pth').stat().st_mtime_ns
    assert again == trained  # not trained once more

    with pytest.raises(ValueError, match='is of a run with seed=0, not 1'):
        run_demo(tmp_path, **settings, seed=1)
    with pytest.raises(ValueError, match='train'):
        run_demo(tmp_path, **dict(settings, spec=ProbeSpec(train=64, size=(40, 40))))
