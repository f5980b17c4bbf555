"""Tests of weights that are of another network end with an error."""

import pytest
import torch
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe


@pytest.mark.parametrize('tool', ['test.py', 'test_rates.py'])
def test_weights_of_another_network_are_not_tested(tool, tmp_path):
    weights = torch.nn.Conv2d(1, 1, 1).state_dict()
    torch.save(dict(state_dict=weights), tmp_path / 'other.pth')
    generate_probe(tmp_path / 'probe', ProbeSpec(train=0, test=8, frames=32))
    printed = run_tool(
        tool,
        ROOT / 'configs/probe/r2p1d_probe.py',
        'other.pth',
        '--cfg-options',
        f'test_dataloader.dataset.ann_file={tmp_path / "probe/test.txt"}',
        cwd=tmp_path,
        fails=True,
    )
    assert 'has none of the' in printed.strip().splitlines()[-1]
    assert 'top1' not in printed
