"""Each benchmark at its smallest size: it runs, and its table is whole."""

import importlib
import re

import pytest
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

SMALL = [
    '--cfg-options',
    'model.backbone.depth=10',
    'model.backbone.base_channels=4',
    'model.cls_head.in_channels=32',
    'train_dataloader.batch_size=1',
    'train_dataloader.num_workers=1',
    'test_dataloader.num_workers=1',
    'optim_wrapper.accumulative_counts=1',
    *(
        f'{part}_dataloader.dataset.pipeline.3.{size}'
        for part in ('train', 'test')
        for size in ('scale=(44,40)', 'size=32')
    ),
]


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('videos')
    generate_probe(folder, ProbeSpec(train=8, test=8, frames=40, size=(64, 64)))
    return folder


def run(name, *arguments):
    """Rows of the tables that a benchmark prints: the first cell, the others."""
    printed = run_tool(f'benchmarks/{name}', *arguments, cwd=ROOT)
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in printed.splitlines()
        if line.startswith('| ')
    ]
    return [row for row in rows if not set(row[0]) <= {'-'}]


def check_ratios(rows, peer, column):
    """Check that ratios say how many times as fast as the peer each row is.

    Args:
        rows: Of a table of a single pass, speeds in the second cell.
        peer: The first cell of the peer's row.
        column: The index of the ratios.
    """
    speeds = {row[0]: float(row[1]) for row in rows}
    for row in rows:
        median, least, most = re.findall(r'[\d.]+', row[column])
        assert median == least == most
        # Speeds are rounded as they are printed, to their last digit.
        digits = len(row[1].partition('.')[2])
        error = sum(0.5 / 10**digits / speeds[name] for name in (row[0], peer))
        expected = speeds[row[0]] / speeds[peer]
        tolerance = 0.006 + 1.1 * error * expected
        assert float(median) == pytest.approx(expected, abs=tolerance)


@pytest.fixture
def alternating(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / 'tools/benchmarks')
    return importlib.import_module('alternating')


def test_ratio_is_of_the_passes_one_by_one(alternating):
    # 2, 4 and 1.5 times as fast.
    assert alternating.ratio([4, 4, 3], [2, 1, 2]) == '2.00x (1.50-4.00)'
    assert alternating.ratio([1.0], [4.0]) == '0.25x (0.25-0.25)'
    with pytest.raises(ValueError):
        alternating.ratio([1, 2], [1])


def test_the_mean_ratio_has_an_interval_from_two_passes_on(alternating):
    assert alternating.mean_ratio([1.0], [2.0]) == ''
    assert alternating.mean_ratio([1, 1], [2, 2]) == '0.50x [0.50, 0.50]'
    mean, low, high = re.findall(
        r'[\d.]+', alternating.mean_ratio([4, 1, 2], [1, 4, 2])
    )
    assert mean == '1.00' and float(low) < 0.1 and float(high) > 10
    with pytest.raises(ValueError):
        alternating.mean_ratio([1, 2], [1])


def test_works_take_turns_and_warm_ups_are_not_counted(alternating):
    calls = []
    seconds = alternating.in_turns(
        {name: lambda name=name: calls.append(name) for name in 'ab'}, 3, warmups=2
    )
    assert ''.join(calls) == 5 * 'ab'
    assert {name: len(own) for name, own in seconds.items()} == {'a': 3, 'b': 3}


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
    for table in (training, inference):
        assert table[0][4:6] == ['to MMAction2', 'to straightforward DEM']
        check_ratios(table[1:], 'MMAction2', 4)
        check_ratios(table[1:], 'straightforward DEM', 5)
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
        '--curve-frames',
        2,
        4,
        '--curve-clips',
        1,
    )
    name = 'DEM everywhere'
    assert [row[0] for row in rows] == 2 * ['training', name, 'inference', name]
    assert rows[0][1:] == ['2 frames a clip', '4 frames a clip']
    assert picture.stat().st_size > 10_000


def test_dem_forms():
    rows = run('dem_forms.py', '--clips', 1, '--passes', 1)
    assert len(rows) == 1 + 5 * 3 * 2
    assert all(re.search(r'\d ms \(\d+\.\d\dx\)$', row[5]) for row in rows[1:])
    assert [row[6].startswith("torch's") for row in rows[1:7]] == [False] * 4 + [
        True
    ] * 2


def test_complexity():
    rows = run('complexity.py', '--dem-cfg', 'type=DEM', 'groups=4')
    small, full = rows[:3], rows[3:]
    assert small[0][0].startswith('R(2+1)D-10') and full[0][0].startswith('R(2+1)D-18')
    for table in (small, full):
        assert [row[0] for row in table[1:]] == ['nothing', 'type=DEM, groups=4']
        parameters = [int(row[6].replace(',', '')) for row in table[1:]]
        assert 0 < 1 - parameters[1] / parameters[0] < 0.02
    # Table 3.1, and the half of the 84.3 GFLOP in configs/metafile.yml.
    assert full[1][1:6] == ['83', '144', '230/288', '460/576', '921/1152']
    assert full[1][6:] == ['33,178,597', '42.142']
    midplanes = [int(m) for cell in full[2][1:6] for m in cell.split('/')]
    assert all(m % 4 == 0 for m in midplanes)


def test_time_of_a_step():
    shift = ['--dem-cfg', 'type=TemporalShift']
    _, nothing, row = run('complexity.py', *shift, '--depth', 10, '--time', 1)
    assert nothing[-1] == ''
    assert re.fullmatch(r'\d+\.\d\dx \(.+-.+\)', row[-1])


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
    assert rows[1][0] == 'as it is'
    assert len(rows) == 8 and all(float(row[1]) > 0 for row in rows[1:])
    check_ratios(rows[1:], 'as it is', 2)


def test_guard(videos):
    rows = run('guard.py', videos, '--number', 4, '--passes', 1, *SMALL)
    places = 'by a loader', 'in this process'
    names = [name for where in places for name in (f'guard, {where}', 'none', 'on')]
    assert [row[0] for row in rows] == names
    for own in (rows[1:3], rows[4:]):
        check_ratios(own, 'none', 2)


def test_rates(videos):
    rows = run('rates.py', videos, '--number', 4, '--passes', 1, *SMALL)
    assert [row[0] for row in rows] == [
        'rates [1, 2, 4]',
        'a test for each',
        'one pass',
        'a test for each, reading alone',
        'one pass, reading alone',
    ]
    check_ratios(rows[1:3], 'a test for each', 2)
    check_ratios(rows[3:], 'a test for each, reading alone', 2)


def test_robustness(videos):
    conditions = '--conditions', 'reverse', 'rate=2'
    rows = run(
        'robustness.py', videos, *conditions, '--number', 4, '--passes', 1, *SMALL
    )
    assert rows[0][0] == '3 conditions'
    names = ['a test for each', 'one pass', 'the network alone']
    assert [row[0] for row in rows[1:4]] == names
    check_ratios(rows[1:4], names[0], 2)
    speeds = {row[0]: float(row[1]) for row in rows[1:4]}
    expected = speeds[names[2]] / speeds[names[1]]
    assert float(rows[2][3].split('x')[0]) == pytest.approx(expected, rel=0.05)
    check_ratios(rows[4:], f'{names[0]}, reading alone', 2)


def test_folder_without_videos_is_named(tmp_path):
    printed = run_tool('benchmarks/rates.py', tmp_path, cwd=ROOT, fails=True)
    assert f"No videos in ['{tmp_path}']" in printed


def test_inference():
    pytest.importorskip('nncf')
    pytest.importorskip('openvino')
    small = '--frames', 4, '--size', 32, '--passes', 1
    one = '--networks', 'R(2+1)D-18', '--runtimes', 'OpenVINO'
    _, peer, *rows = run('inference.py', *small, *one)
    assert peer[0] == 'MMAction2' and {row[0] for row in rows} == {'R(2+1)D-18'}
    own = {row[1]: row[2:] for row in rows}
    torch = 'torch fp32', 'torch bf16'
    assert {*own} == {
        *torch,
        *(f'OpenVINO {kind}' for kind in ('fp32', 'bf16', 'int8')),
    }
    base = float(own['torch fp32'][0])
    for runtime, (milliseconds, to_torch, _, difference) in own.items():
        ratio = float(to_torch.split('x')[0])
        assert ratio == pytest.approx(base / float(milliseconds), rel=0.05)
        assert (float(difference) < 1e-4) or 'fp32' not in runtime
        assert (float(difference) > 1e-4) or 'int8' not in runtime
