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


@pytest.fixture
def probe(tmp_path):
    """Options for a config of the probe: lists of a few videos."""
    generate_probe(tmp_path / 'probe', ProbeSpec(train=8, test=8, frames=40))
    return f'test_dataloader.dataset.ann_file={tmp_path / "probe/test.txt"}'


def last_metrics(said):
    """The metrics that a test printed, without its times."""
    line = said[said.rindex('video/top1') :].split('data_time')[0]
    return dict(pair.split(': ') for pair in line.strip().split('  ') if ':' in pair)


def test_a_file_is_tested_as_its_network_is(tmp_path, trained, probe):
    clip = '--shape', 16, 32, 32
    run_tool('export.py', *trained, '--format', 'torchscript', *clip, cwd=tmp_path)
    options = '--cfg-options', probe
    own = run_tool('test.py', *trained, *options, cwd=tmp_path)
    said = run_tool('test_exported.py', 'net.py', 'net.pt', *options, cwd=tmp_path)
    assert last_metrics(said) == last_metrics(own)
    for wrong, message in (('none.pt', "No file 'none.pt'"), ('net.py', 'must end in')):
        said = run_tool(
            'test_exported.py', 'net.py', wrong, *options, cwd=tmp_path, fails=True
        )
        assert message in said.splitlines()[-1]


def test_int8_on_clips_of_a_list(tmp_path, trained, probe):
    pytest.importorskip('openvino')
    pytest.importorskip('nncf')
    command = ['export.py', *trained, '--format', 'openvino', '--shape', 16, 32, 32]
    said = run_tool(*command, '--int8', cwd=tmp_path, fails=True)
    assert '--int8 and --calibrate go together' in said
    calibrate = '--int8', '--calibrate', tmp_path / 'probe/train.txt'
    other = ['export.py', *trained, '--format', 'torchscript', *command[5:]]
    said = run_tool(*other, *calibrate, cwd=tmp_path, fails=True)
    assert '--format torchscript has no int8, onnx and openvino do' in said
    said = run_tool(*command, *calibrate, cwd=tmp_path)
    assert '4 clips in batches of 1, 2 and 4' in said
    assert 'i8' in (tmp_path / 'net.xml').read_text()
    options = '--cfg-options', probe
    said = run_tool('test_exported.py', 'net.py', 'net.xml', *options, cwd=tmp_path)
    assert 'video/top1' in said
