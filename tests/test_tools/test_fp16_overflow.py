"""The measurement of overflow: its arithmetic, its counts, its tables."""

import runpy

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.config import Config
from support import ROOT, run_tool
from torch import nn

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

TOOL = runpy.run_path(str(ROOT / 'tools/fp16_overflow.py'))
STAGES = ['conv1 %', 'conv2_x %', 'conv3_x %', 'conv4_x %', 'conv5_x %']


def run(*args, **kwargs):
    """The rows that the tool prints, by their three first cells, and its head."""
    printed = run_tool('fp16_overflow.py', *args, cwd=ROOT, **kwargs)
    table = [
        [cell.strip() for cell in line.strip().strip('|').split('|')]
        for line in printed.splitlines()
        if line.startswith('|')
    ]
    head, _, *rows = table
    return head, {tuple(row[:3]): row[3:] for row in rows}


@pytest.mark.parametrize('conv, dims', [(F.conv2d, 2), (F.conv3d, 3)])
def test_cpu_convolutions_accumulate_beyond_fp16(conv, dims):
    # The partial sum of 120,000 would be infinite in fp16.
    x = torch.full((1, 4, *[1] * dims), 60_000.0, dtype=torch.float16)
    w = torch.tensor([1.0, 1, -1, -1], dtype=torch.float16).view(x.shape)
    assert conv(x, w).item() == 0
    # fp16 would stop at 2048, where adding 1 changes nothing; fp16 of the result.
    ones = torch.ones(1, 4097, *[1] * dims, dtype=torch.float16)
    assert conv(ones, ones).item() == 4096


class Steps(nn.Module):
    """Times 1,000 and back again."""

    def forward(self, x):
        with torch.autocast('cpu', enabled=False):
            return x * 1000 / 1000


def test_counts_the_values_and_finds_the_largest_on_the_way():
    net = Steps()
    x = torch.tensor([1.0, 60, -70, 100]).half()  # 65,504 is the largest of fp16
    shares, largest = TOOL['overflow'](net, x, {'net': net})
    assert shares == {'net': 0.5} and largest == pytest.approx(1e5)
    assert not net._forward_hooks


def test_a_single_dem():
    head, rows = run('--scales', 1, 100, 1000)
    assert head == ['norms', 'activation', 'scale', 'DEM %', 'largest']
    assert len(rows) == 2 * 3 * 3

    def share(*words):
        return float(rows[words][0])

    for act in ('ReLU-6', 'ReLU', 'none'):
        assert all(share('yes', act, scale) == 0 for scale in ('1', '100', '1000'))
    assert [share('no', 'ReLU-6', scale) for scale in ('1', '100', '1000')] == [0] * 3
    assert share('no', 'ReLU', '1') == 0 and share('no', 'ReLU', '1000') == 100
    assert 0 < share('no', 'ReLU', '100') < share('no', 'none', '100')
    # Quadratic in the input without a bound on D, linear with it.
    largest = {words: float(row[-1]) for words, row in rows.items()}
    growth = {
        act: largest['no', act, '1000'] / largest['no', act, '100']
        for act in ('ReLU-6', 'ReLU')
    }
    assert growth == pytest.approx({'ReLU-6': 10, 'ReLU': 100}, rel=0.02)


@pytest.fixture(scope='module')
def small(tmp_path_factory):
    """A config of a small network on a few generated videos."""
    folder = tmp_path_factory.mktemp('probe')
    spec = ProbeSpec(train=0, test=8, frames=16, size=(40, 40))
    videos = generate_probe(folder, spec, workers=1, progress=False)['test']
    config = folder / 'small.py'
    config.write_text(
        f"_base_ = '{ROOT}/configs/probe/r2p1d_dem_probe.py'\n"
        'model = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))\n'
        f"val_dataloader = dict(dataset=dict(ann_file='{videos}'))\n"
    )
    return config


def test_fresh_networks(small):
    head, rows = run(small, '--clips', 2, '--scales', 1)
    assert head[3:] == [*STAGES, 'largest']
    assert [words[:2] for words in rows] == [
        (norms, act) for norms in ('yes', 'no') for act in ('ReLU-6', 'ReLU', 'none')
    ]
    # The norms of the host keep every stage in range, whatever DEM has.
    assert all(row[:5] == ['0.0'] * 5 for row in rows.values())
    largest = [float(row[-1]) for row in rows.values()]
    assert len(set(largest)) > 1 and max(largest) < 65504


def test_a_trained_network_overflows_from_the_stage_on_whose_weights_do(
    small, tmp_path
):
    config = Config.fromfile(small)
    config.model.backbone.dem_cfg = dict(
        norm_cfg=None, act_cfg=dict(type='ReLU'), zero_init=False
    )
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    model.init_weights()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.momentum = 1.0
    model.backbone(TOOL['validation_clips'](config, 8))  # moves the statistics
    options = [
        '--cfg-options',
        'model.backbone.dem_cfg.norm_cfg=None',
        'model.backbone.dem_cfg.act_cfg.type=ReLU',
    ]
    shares = []
    for factor in (1, 1e5):
        with torch.no_grad():
            model.backbone.layer2[0].conv1.conv.dem.h.weight.mul_(factor)
        torch.save(dict(state_dict=model.state_dict()), tmp_path / 'net.pth')
        args = ('--clips', 2, '--scales', 1, *options)
        _, rows = run(small, tmp_path / 'net.pth', *args)
        ((words, row),) = rows.items()
        assert words == ('no', 'ReLU', '1')
        shares.append([float(share) for share in row[:5]])
    assert shares[0] == [0] * 5
    assert shares[1][:2] == [0, 0] and shares[1][2] > 0 and shares[1][4] == 100


def test_a_network_without_dem_is_named(small):
    printed = run_tool(
        'fp16_overflow.py', ROOT / 'configs/probe/r2p1d_probe.py', cwd=ROOT, fails=True
    )
    assert 'r2p1d_probe.py has no DEM' in printed
