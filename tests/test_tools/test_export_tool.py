import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe


@pytest.fixture
def trained(tmp_path):
    config = tmp_path / 'net.py'
    config.write_text(
        f"_base_ = '{ROOT}/configs/probe/r2p1d_dem_probe.py'\n"
        'model = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))\n'
    )
    model = MODELS.build(Config.fromfile(config).model)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'net.pth')
    return 'net.py', 'net.pth'


def test_compares_on_real_clips_and_random_ones(tmp_path, trained):
    generate_probe(tmp_path / 'probe', ProbeSpec(train=0, test=8, frames=40))
    videos = sorted((tmp_path / 'probe').rglob('*.mp4'))[:2]
    said = run_tool(
        'export.py',
        *trained,
        '--format',
        'torchscript',
        '--videos',
        *videos,
        cwd=tmp_path,
    )
    assert '8 clips in batches of 1, 2 and 8' in said and 'same for 24 of 24' in said
    assert (tmp_path / 'net.pt').is_file()

    wrong = ['--format', 'torch-export', '--shape', 16, 32, 32, '--tolerance', -1]
    said = run_tool('export.py', *trained, *wrong, cwd=tmp_path, fails=True)
    assert 'more than --tolerance -1' in said and not (tmp_path / 'net.pt2').exists()


def test_what_to_compare_on_must_be_given(tmp_path, trained):
    said = run_tool('export.py', *trained, cwd=tmp_path, fails=True)
    assert 'give either --videos or --shape' in said
