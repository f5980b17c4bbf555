import pytest
import torch
from mmengine.config import Config
from support import ROOT, run_tool

from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.utils import costs

STOCK = 'mmaction::recognition'


def rows(printed):
    """The cells of each row of a table, by its first one."""
    lines = [line for line in printed.splitlines() if line.startswith('|')]
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    return {own[0]: own[1:] for own in cells}


def number(cell):
    return float(cell.replace(',', ''))


def test_stages_with_dem_beside_those_without(tmp_path):
    config = ROOT / 'configs/probe/r2p1d_dem_probe.py'
    shape = '--shape', 16, 40, 40
    found = rows(run_tool('complexity.py', config, *shape, cwd=tmp_path))
    head = 'parameters', 'G multiply-adds', 'M activations'
    assert found['16x40x40'] == [*head, *(f'{name}, no DEM' for name in head)]
    stages = ('conv1', 'conv2_x', 'conv3_x', 'conv4_x', 'conv5_x')
    for column in range(6):
        parts = [number(found[name][column]) for name in (*stages, 'cls_head')]
        assert sum(parts) == pytest.approx(number(found['total'][column]), abs=0.04)
    x = torch.randn(1, 3, 16, 40, 40)
    for column, dem_stages in ((0, None), (3, [])):
        net = R2Plus1DDEM(depth=10, base_channels=16, dem_stages=dem_stages)
        parameters, operations, _ = costs(net, x)
        head = number(found['cls_head'][column])
        assert number(found['total'][column]) - head == parameters
        printed = number(found['total'][column + 1])
        assert printed == pytest.approx(operations / 2e9, abs=1e-3)


@pytest.mark.parametrize(
    'name, shape, parameters, operations',
    [
        ('slowfast/slowfast_r50_8xb8-8x8x1-256e', '32x256x256', 34_565_560, 65.7),
        (
            'tsm/tsm_imagenet-pretrained-r50_8xb16-1x1x8-50e',
            '8x224x224',
            24_327_632,
            32.7,
        ),
    ],
)
def test_networks_of_mmaction2(name, shape, parameters, operations, tmp_path):
    (tmp_path / 'net.py').write_text(f"_base_ = '{STOCK}/{name}_kinetics400-rgb.py'\n")
    total = rows(run_tool('complexity.py', 'net.py', cwd=tmp_path))['total']
    assert number(total[0]) == parameters
    assert number(total[1]) == pytest.approx(operations, abs=0.1)
    assert len(total) == 3


def test_what_cannot_be_counted_is_said(tmp_path):
    model = dict(type='MMRecognizer3D', backbone=dict(), cls_head=dict())
    steps = [dict(type='SampleFrames', clip_len=16)]
    Config(dict(model=model, test_pipeline=steps)).dump(tmp_path / 'net.py')
    said = run_tool('complexity.py', 'net.py', cwd=tmp_path, fails=True)
    assert 'net.py: the test pipeline names no clip_len or crop: give --shape' in said
    said = run_tool('complexity.py', 'none.py', cwd=tmp_path, fails=True)
    assert 'none.py' in said.splitlines()[-1]


def test_hosts_beside_what_is_published_of_them(tmp_path):
    said = run_tool('complexity.py', '--hosts', 's3d', 'r3d_18', cwd=tmp_path)
    lines = [line for line in said.splitlines() if line.startswith('| S3D')]
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    assert cells[0][2:] == [
        'without',
        '8.320',
        '8.320',
        '17.979',
        '17.979',
        "torchvision's s3d",
    ]
    assert cells[1][2] == 'with' and 8.2 < number(cells[1][3]) < 8.32
    assert '33.371 | 33.371 | 40.697 | 40.697' in ' '.join(said.split())
    for wrong in (['--hosts', 'c3d'], ['--hosts', '--', 'net.py'], []):
        said = run_tool('complexity.py', *wrong, cwd=tmp_path, fails=True)
        assert "no host 'c3d'; there are r2p1d_10" in said or 'give either' in said
