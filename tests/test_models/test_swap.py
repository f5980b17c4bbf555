"""Backbones of this package in every config of MMAction2 that could have one."""

import os
from pathlib import Path

import mmaction
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from support import run_tool

from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.models.swap import BACKBONES, backbone_cfg, swap_backbone

MMACTION = Path(mmaction.__file__).parent / '.mim' / 'configs'
NAMES = [
    str(path.relative_to(MMACTION))
    for path in sorted(MMACTION.rglob('*.py'))
    if '_base_' not in path.parts
]
SMALL = backbone_cfg('r2p1d_dem_10', base_channels=8)


def swapped(name, backbone=SMALL):
    swap = swap_backbone(str(MMACTION / name), backbone)
    return swap, Config.fromstring(swap.text(), '.py')


@pytest.mark.parametrize('name', NAMES)
def test_every_3d_recognizer_trains_and_predicts_and_others_are_refused(name):
    base = Config.fromfile(MMACTION / name)
    if base.get('model', {}).get('type') != 'Recognizer3D':
        with pytest.raises(ValueError, match='is of a .*Recognizer3D|no model with a'):
            swapped(name)
        return
    _, config = swapped(name)
    # Data, evaluation and schedule stay.
    for key in ('train_dataloader', 'test_dataloader', 'test_evaluator', 'train_cfg'):
        assert config.get(key) == base.get(key)
    if 'optim_wrapper' in base:
        assert config.optim_wrapper.optimizer == base.optim_wrapper.optimizer
    assert not config.get('load_from')
    model = MODELS.build(config.model)
    assert isinstance(model.backbone, R2Plus1DDEM)
    channels = base.model.backbone.get('in_channels', 3)
    clips = torch.randn(2, 1, channels, 4, 32, 32)
    classes = base.model.cls_head.num_classes
    samples = [ActionDataSample().set_gt_label(label) for label in (0, classes - 1)]
    model(clips, samples, mode='loss')['loss_cls'].backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.eval()
    (predicted,) = model(clips[:1], samples[:1], mode='predict')
    assert predicted.pred_score.shape == (classes,)


def test_mmaction2s_3d_recognizers_are_among_them():
    sources = ((MMACTION / name).read_text() for name in NAMES)
    assert sum("'Recognizer3D'" in source for source in sources) > 10
    assert len(NAMES) > 200


@pytest.mark.parametrize(
    ('name', 'reasons'),
    [
        ('recognition/r2plus1d/r2plus1d_r34_8xb8-8x8x1-180e_kinetics400-rgb.py', []),
        (
            'recognition/slowfast/slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb.py',
            ['cls_head is I3DHead: SlowFastHead takes'],
        ),
        (
            'recognition/c3d/c3d_sports1m-pretrained_8xb30-16x1x1-45e_ucf101-rgb.py',
            ['in_channels=64 of the head', "spatial_type='avg'"],
        ),
        (
            'recognition/slowonly/slowonly_r50_8xb16-16x4x1-256e_kinetics400-flow.py',
            ['in_channels=2: as many as its clips', 'in_channels=64 of the head'],
        ),
        (
            'recognition/tpn/tpn-slowonly_r50_8xb8-8x8x1-150e_kinetics400-rgb.py',
            ['neck=None: TPN takes', 'cls_head is I3DHead: TPNHead takes'],
        ),
        (
            'recognition/swin/swin-tiny-p244-w877_in1k-pre_8xb8-amp-32x2x1-30e_'
            'kinetics400-rgb.py',
            ['in_channels=64', 'optim_wrapper without SwinOptimWrapperConstructor'],
        ),
        (
            'skeleton/posec3d/slowonly_kinetics400-pretrained-r50_8xb16-u48-120e_'
            'ucf101-split1-keypoint.py',
            ['in_channels=17', 'in_channels=64', 'load_from=None'],
        ),
    ],
)
def test_says_what_it_changes(name, reasons):
    backbone = SMALL if reasons else backbone_cfg('r2p1d_dem_34')
    swap, _ = swapped(name, backbone)
    assert len(swap.reasons) == len(reasons)
    for said, expected in zip(swap.reasons, reasons, strict=True):
        assert said.startswith(expected), said
    if not reasons:  # the three lines of the README
        assert len(swap.text().splitlines()) <= 8


def test_wrong_names_are_answered_with_the_right_ones():
    with pytest.raises(ValueError, match="No backbone 'r2p1d_50'; there are r2p1d_10"):
        backbone_cfg('r2p1d_50')
    with pytest.raises(FileNotFoundError, match="No config 'nothing.py'"):
        swap_backbone('nothing.py', SMALL)


def test_backbones_by_name():
    assert len(BACKBONES) == 2 * (3 + 3 + 4 + 2)
    net = MODELS.build(backbone_cfg('r3d_18', base_channels=4))
    assert net.unit == '3d' and not list(net.dems())
    net = MODELS.build(backbone_cfg('r2p1d_10', base_channels=4))
    assert net.unit == '2plus1d' and not list(net.dems())
    assert backbone_cfg('r2p1d_dem_34', dem_stages=['conv1']) == dict(
        type='R2Plus1DDEM', depth=34, dem_stages=['conv1']
    )


@pytest.mark.parametrize(
    'backbone, base, channels',
    [
        ('p3d_dem_17', 4, 128),
        ('s3d_dem', 12, (72 + 72 + 24 + 24)),
        ('s3dg', 10, (60 + 60 + 20 + 20)),
        ('r3d_dem_10', 4, 32),
    ],
)
def test_the_head_takes_what_other_hosts_return(backbone, base, channels):
    name = 'recognition/slowfast/slowfast_r50_8xb8-8x8x1-256e_kinetics400-rgb.py'
    _, config = swapped(name, backbone_cfg(backbone, base_channels=base))
    assert config.model.cls_head.in_channels == channels
    model = MODELS.build(config.model).eval()
    assert bool(list(model.backbone.dems())) == ('dem' in backbone)
    assert model.cls_head(model.backbone(torch.randn(1, 3, 4, 32, 32))).shape[0] == 1


def test_imports_of_the_config_are_kept(tmp_path):
    base = tmp_path / 'base.py'
    stock = MMACTION / 'recognition/i3d/i3d_imagenet-pretrained-r50_8xb8-32x2x1-100e_'
    base.write_text(
        f"_base_ = '{stock}kinetics400-rgb.py'\n"
        "custom_imports = dict(imports=['json'], allow_failed_imports=True)\n"
    )
    swap = swap_backbone(str(base), SMALL)
    assert Config.fromstring(swap.text(), '.py').custom_imports == dict(
        imports=['json', 'dem_mmaction'], allow_failed_imports=True
    )


def test_tool_writes_a_config_beside_any_folder(tmp_path):
    name = 'mmaction::recognition/i3d/i3d_imagenet-pretrained-r50_8xb8-32x2x1-100e_'
    name += 'kinetics400-rgb.py'
    out = tmp_path / 'a' / 'net.py'
    options = ['--backbone', 'r2p1d_dem_10', '--options', 'dem_stages=[conv2_x]']
    said = run_tool('swap_backbone.py', name, *options, '-o', out, cwd=tmp_path)
    assert 'in_channels=512 of the head' in said and f'Wrote {out}' in said
    config = Config.fromfile(out)
    assert config.model.backbone == dict(
        type='R2Plus1DDEM', depth=10, dem_stages=['conv2_x']
    )
    again = tmp_path / 'b' / 'other.py'
    run_tool('swap_backbone.py', 'a/net.py', '-o', again, cwd=tmp_path)
    assert os.path.isabs(again) and str(tmp_path) not in again.read_text()
    assert Config.fromfile(again).model.backbone.depth == 18
    wrong = run_tool(
        'swap_backbone.py', name, '--backbone', 'c3d', cwd=tmp_path, fails=True
    )
    assert wrong.strip().splitlines()[-1].startswith('swap_backbone: No backbone')
