"""MMAction2's own tools on a network of this package."""

import json
import sys

import pytest
import torch
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.engine import mmaction_tools, run_mmaction_tool
from dem_mmaction.engine.launch import find_mmaction_tool


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A folder with a config, a checkpoint of it and the probe that it reads."""
    folder = tmp_path_factory.mktemp('trained')
    spec = ProbeSpec(train=16, val=8, test=8, frames=24, size=(32, 32))
    lists = generate_probe(folder / 'probe', spec, workers=1, progress=False)
    (folder / 'net.py').write_text(
        f"_base_ = '{ROOT}/configs/probe/r2p1d_dem_probe.py'\n"
        'model = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))\n'
        'train_cfg = dict(max_epochs=1)\n'
        + ''.join(
            f"{part}_dataloader = dict(dataset=dict(ann_file='{lists[part]}'))\n"
            for part in ('train', 'val', 'test')
        )
    )
    config = Config.fromfile(folder / 'net.py')
    config.work_dir, config.log_level = str(folder / 'run'), 'ERROR'
    Runner.from_cfg(config).train()
    return folder


@pytest.fixture
def run(trained, monkeypatch):
    """Run a tool in this process, in the folder of the trained network."""

    def run_here(name, *arguments):
        monkeypatch.chdir(trained)
        monkeypatch.setattr(sys, 'argv', ['tool', *map(str, arguments)])
        monkeypatch.setattr('dem_mmaction.engine.launch.after_tool', [])
        run_mmaction_tool(name)
        return trained

    yield run_here
    MMLogger._instance_dict.clear()  # they log to files of the tool's run


NET = 'net.py', 'run/epoch_1.pth'


def test_confusion_matrix(run):
    folder = run('confusion_matrix', *NET, '--show-path', 'matrix.png')
    assert (folder / 'matrix.png').stat().st_size > 10_000


def test_get_flops(run, capsys):
    run('get_flops', 'net.py', '--shape', '1', '3', '16', '32', '32')
    assert 'Flops: ' in capsys.readouterr().out


def test_eval_metric_and_report_accuracy(run, capsys):
    folder = run('test.py', *NET, '--dump', 'scores.pkl')
    capsys.readouterr()
    run('eval_metric', 'net.py', 'scores.pkl')
    assert "'video/top1'" in capsys.readouterr().out
    run('report_accuracy', '--preds', 'scores.pkl', '--coefficients', '1')
    assert 'Top 1 Accuracy' in capsys.readouterr().out
    assert len(load(folder / 'scores.pkl')) == 8


def test_publish_model(run):
    folder = run('publish_model', 'run/epoch_1.pth', 'published.pth')
    (published,) = folder.glob('published_*.pth')
    assert 'optimizer' not in torch.load(published)


def test_print_config(run, capsys):
    run('print_config', 'net.py')
    assert "type='R2Plus1DDEM'" in capsys.readouterr().out


@pytest.mark.parametrize(
    'arguments', [[], ['--long-video-mode', '--clip-interval', '8']]
)
def test_clip_feature_extraction(run, arguments, tmp_path):
    folder = run('clip_feature_extraction', *NET, tmp_path, *arguments)
    names = [line.split()[0] for line in open(folder / 'probe' / 'test.txt')]
    features = [torch.as_tensor(load(tmp_path / f'{name}.pkl')) for name in names]
    clips = (3,) if arguments else ()  # one every 8 of 24 frames
    assert len(features) == 8
    assert {tuple(own.shape) for own in features} == {(*clips, 32)}


def test_a_tool_is_found_by_the_end_of_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tools = mmaction_tools()
    assert 'train.py' in tools and len(tools) > 50
    flops = find_mmaction_tool('get_flops')
    assert flops == find_mmaction_tool('analysis_tools/get_flops.py')
    assert flops.is_file()
    (tmp_path / 'train.py').touch()
    assert find_mmaction_tool('train.py').parent.name == 'tools'  # not this one
    (tmp_path / 'own.py').touch()
    assert str(find_mmaction_tool('own.py')) == 'own.py'
    with pytest.raises(FileNotFoundError, match="'get_flop'.*did you mean get_flops"):
        find_mmaction_tool('get_flop')
    names = [tool.rpartition('/')[2] for tool in tools]
    several = next(name for name in names if names.count(name) > 1)
    with pytest.raises(FileNotFoundError, match=f"several tools '{several}': .*, "):
        find_mmaction_tool(several)


def test_command_line(tmp_path):
    script = tmp_path / 'script.py'
    script.write_text(
        'import json, sys\n'
        'from mmaction.registry import MODELS\n'
        "json.dump([sys.argv[1:], 'DEM' in MODELS], open('found.json', 'w'))\n"
    )
    run_tool('mmaction_tool.py', script, '--flag', cwd=tmp_path)
    assert json.loads((tmp_path / 'found.json').read_text()) == [['--flag'], True]
    assert 'analysis_tools/get_flops.py' in run_tool('mmaction_tool.py', cwd=tmp_path)
    said = run_tool('mmaction_tool.py', 'nothing', cwd=tmp_path, fails=True)
    assert said.strip().splitlines()[-1].startswith('mmaction_tool: MMAction2 has')
