"""Each benchmark at its smallest size: it runs, and its table is whole."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

ROOT = Path(__file__).resolve().parents[2]
SMALL = [
    '--cfg-options',
    'model.backbone.depth=10',
    'model.backbone.base_channels=4',
    'model.cls_head.in_channels=32',
    'train_dataloader.batch_size=1',
    'train_dataloader.num_workers=1',
    'test_dataloader.num_workers=1',
    'optim_wrapper.accumulative_counts=1',
]


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    generate_probe(folder, ProbeSpec(train=8, test=8, frames=40, size=(64, 64)))
    return folder


def run(name, *arguments):
    """Rows of the tables that a benchmark prints: the first cell, the others."""
    printed = subprocess.run(
        [sys.executable, str(ROOT / 'tools/benchmarks' / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1'),
    )
    assert printed.returncode == 0, printed.stderr[-3000:]
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in printed.stdout.splitlines()
        if line.startswith('| ')
    ]
    return [row for row in rows if not set(row[0]) <= {'-'}]


def test_model():
    networks = ['DEM everywhere', 'straightforward DEM', 'MMAction2']
    rows = run(
        'model.py',
        '--frames',
        4,
        '--size',
        32,
        '--clips',
        1,
        '--passes',
        1,
        '--networks',
        *networks,
    )
    training, inference = rows[:4], rows[4:]
    assert [row[0] for row in training[1:]] == networks
    assert [row[0] for row in inference[1:]] == networks
    assert re.fullmatch(r'1\.00x \(1\.00-1\.00\)', training[3][4])
    gflop = [float(row[2]) for row in training[1:]]
    assert gflop[0] < gflop[1]  # ours, the straightforward one
    # Forward and two gradients: three times the inference, but for conv1's input.
    assert 2.5 < gflop[1] / float(inference[2][2]) < 3.1


def test_curves(tmp_path):
    picture = tmp_path / 'curves.png'
    rows = run(
        'model.py',
        '--frames',
        2,
        '--size',
        32,
        '--clips',
        1,
        '--passes',
        1,
        '--networks',
        'DEM everywhere',
        '--curves',
        picture,
    )
    assert [row[0] for row in rows] == 2 * [
        'training',
        'DEM everywhere',
        'inference',
        'DEM everywhere',
    ]
    assert picture.stat().st_size > 10_000


def test_dem_forms():
    rows = run('dem_forms.py', '--clips', 1, '--passes', 1)
    assert len(rows) == 1 + 5 * 3 * 2
    assert all(re.search(r'\d ms \(\d+\.\d\dx\)$', row[5]) for row in rows[1:])


def test_video(videos):
    rows = run('video.py', videos, '--rates', 1, '--passes', 1)
    assert [row[0] for row in rows] == [
        'SR 1',
        'MMAction2, originals',
        'ours, originals',
        'ours, fast copies',
    ]
    for row in rows[1:]:
        assert 97 <= sum(int(cell.strip(' %')) for cell in row[3:7]) <= 103


def test_train(videos):
    rows = run(
        'train.py', videos, '--processes', 1, '--steps', 2, '--rounds', 1, *SMALL
    )
    assert [row[:2] for row in rows[1:]] == [['1', 'videos'], ['1', 'resident']]
    assert rows[2][5] == '100 %'


def test_workers(videos):
    rows = run(
        'workers.py', videos, '--number', 4, '--workers', 1, '--passes', 1, *SMALL
    )
    assert rows[1][0] == 'as it is' and rows[1][2] == '1.00x (1.00-1.00)'
    assert len(rows) == 8 and all(float(row[1]) > 0 for row in rows[1:])


def test_rates(videos):
    rows = run('rates.py', videos, '--number', 4, '--passes', 1, *SMALL)
    assert [row[0] for row in rows] == [
        'rates [1, 2, 4]',
        'a test for each',
        'one pass',
        'a test for each, reading alone',
        'one pass, reading alone',
    ]
    assert rows[1][2] == rows[3][2] == '1.00x (1.00-1.00)'


def test_folder_without_videos_is_named(tmp_path):
    with pytest.raises(AssertionError, match=f'No videos in .*{tmp_path.name}'):
        run('rates.py', tmp_path)
