import json

import decord
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe


@pytest.fixture
def trained(tmp_path):
    """A config and what an epoch of its training leaves."""
    generate_probe(tmp_path / 'probe', ProbeSpec(train=16, val=8, test=8, frames=40))
    config = tmp_path / 'net.py'
    config.write_text(
        f"_base_ = '{ROOT}/configs/probe/r2p1d_dem_probe.py'\n"
        'model = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))\n'
        'train_cfg = dict(max_epochs=1)\n'
        + ''.join(
            f'{part}_dataloader = dict('
            f"dataset=dict(ann_file='{tmp_path}/probe/{part}.txt'))\n"
            for part in ('train', 'val', 'test')
        )
    )
    run_tool('train.py', config, '--work-dir', 'run', cwd=tmp_path)
    return config, tmp_path / 'run/epoch_1.pth'


def test_videos_get_names_timelines_and_captions(tmp_path, trained):
    classes = (tmp_path / 'probe/classes.txt').read_text().splitlines()
    first, second = sorted((tmp_path / 'probe/videos/test').iterdir())[:2]
    (tmp_path / 'broken.mp4').write_text('no video')
    videos = [first, 'broken.mp4', second, 'none.mp4']
    said = run_tool(
        'classify.py',
        *videos,
        *trained,
        '-o',
        'out',
        '--captions',
        '--top',
        3,
        cwd=tmp_path,
        fails=True,
    )
    assert "The video 'broken.mp4' cannot be read" in said
    assert "No video 'none.mp4'." in said
    assert '2 of 4 videos could not be read' in said.splitlines()[-1]
    for video in (first, second):
        known = json.loads((tmp_path / f'out/{video.stem}.json').read_text())
        assert known['video'] == str(video) and known['frames'] == 40
        assert len(known['top']) == 3
        assert {own['class'] for own in known['segments']} <= set(classes)
        assert f'| {known["top"][0]["class"]} ' in said
        captioned = decord.VideoReader(str(tmp_path / f'out/{video.stem}.mp4'))
        assert len(captioned) == 40
        foot = captioned[20].asnumpy()[-6:]
        assert (foot > 150).any() and (foot < 90).any()  # white on dark
        assert (tmp_path / f'out/{video.stem}.png').is_file()
    assert len(list((tmp_path / 'out').iterdir())) == 8


def test_what_is_wrong_is_said_before_any_video(tmp_path):
    config = ROOT / 'configs/probe/r2p1d_probe.py'
    torch.save(
        dict(state_dict=MODELS.build(Config.fromfile(config).model).state_dict()),
        tmp_path / 'net.pth',
    )
    for wrong, said in [
        (('--classes', 'none.txt'), 'none.txt'),
        (('--stride', 0), 'stride=0.0 must be above 0'),
    ]:
        printed = run_tool(
            'classify.py', 'v.mp4', config, 'net.pth', *wrong, cwd=tmp_path, fails=True
        )
        assert said in printed.splitlines()[-1]
        assert 'v.mp4' not in printed.splitlines()[-1]
    printed = run_tool(
        'classify.py', 'v.mp4', config, 'net.pth', cwd=tmp_path, fails=True
    )
    assert 'The checkpoint has no class names' in printed
