"""Weights from elsewhere: torchvision's names, written out from its own modules."""

import logging
from pathlib import Path
from unittest import mock

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.runner.checkpoint import (
    CheckpointLoader,
    load_checkpoint,
    load_state_dict,
)
from torchvision_names import torchvision_names

from dem_mmaction.models import R2Plus1DDEM


@pytest.mark.parametrize('unit', ['2plus1d', '3d'])
@pytest.mark.parametrize('load', ['torch', 'mmengine', 'nested'])
def test_torchvision_weights_load(unit, load):
    kwargs = dict(unit=unit, base_channels=8, midplanes='torchvision', dem_stages=[])
    source = R2Plus1DDEM(**kwargs)
    names = torchvision_names(unit)
    ours = source.state_dict()
    assert set(names.values()) == set(ours)
    theirs = {name: torch.randn_like(ours[our].float()) for name, our in names.items()}

    net = R2Plus1DDEM(**kwargs)
    if load == 'torch':
        net.load_state_dict(dict(theirs))
    elif load == 'mmengine':
        theirs['fc.weight'] = torch.zeros(400, 64)
        load_state_dict(net, dict(theirs), logger=logging.getLogger('test'))
    else:
        model = torch.nn.ModuleDict(dict(backbone=net))
        model.load_state_dict({f'backbone.{k}': v for k, v in theirs.items()})
    for name, our in names.items():
        loaded = net.state_dict()[our]
        assert torch.equal(loaded, theirs[name].to(loaded.dtype)), name


def test_dem_goes_into_torchvision_weights():
    kwargs = dict(base_channels=8, midplanes='torchvision')
    plain = R2Plus1DDEM(dem_stages=[], **kwargs)
    by_ours = {our: name for name, our in torchvision_names('2plus1d').items()}
    theirs = {by_ours[our]: value for our, value in plain.state_dict().items()}
    net = R2Plus1DDEM(**kwargs)
    missing, unexpected = net.load_state_dict(theirs, strict=False)
    assert not unexpected and all('.dem.' in name for name in missing)
    x = torch.randn(2, 3, 8, 32, 32)
    assert torch.equal(net(x), plain(x))


@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_other_midplanes_are_refused(prefix):
    trained = R2Plus1DDEM(base_channels=8, dem_stages=[])
    net = R2Plus1DDEM(base_channels=8)
    model = torch.nn.ModuleDict(dict(backbone=net)) if prefix else net
    state = {prefix + name: value for name, value in trained.state_dict().items()}
    with pytest.raises(ValueError, match=r"'conv1.conv.conv_s.weight' of.*'unchanged'"):
        load_state_dict(model, state, logger=logging.getLogger('test'))


@pytest.mark.parametrize(
    'ours, theirs, message',
    [
        (dict(unit='3d'), dict(), r"with \(2\+1\)D units.*unit='2plus1d'"),
        (dict(), dict(unit='3d'), "with 3D units.*unit='3d'"),
        (
            dict(dem_cfg=dict(fusion='concat'), midplanes='unchanged'),
            dict(midplanes='unchanged'),
            "'conv1.conv.dem.h.weight' of shape",
        ),
        (
            dict(),
            dict(base_channels=16),
            'base_channels=16, this one has base_channels=8',
        ),
        (dict(depth=18), dict(), 'depth=10, this one has depth=18'),
        (dict(), dict(depth=18), 'depth=18, this one has depth=10'),
    ],
)
def test_weights_of_another_network_are_refused(ours, theirs, message):
    small = dict(depth=10, base_channels=8)
    trained = R2Plus1DDEM(**dict(small, **theirs))
    with pytest.raises(ValueError, match=message):
        load_state_dict(
            R2Plus1DDEM(**dict(small, **ours)),
            trained.state_dict(),
            logger=logging.getLogger('test'),
        )


# What weights come as: names of a recognizer or of a backbone by itself.
SMALL = dict(type='R2Plus1DDEM', depth=10, base_channels=8)
PUBLIC = dict(SMALL, depth=18, midplanes='torchvision', dem_stages=['conv2_x'])


def recognizer(backbone=SMALL, num_classes=5):
    return MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=backbone,
            cls_head=dict(
                type='ClipVideoHead', num_classes=num_classes, in_channels=64
            ),
            data_preprocessor=dict(type='ActionDataPreprocessor'),
        )
    )


def torchvision_weights(num_classes=400):
    """The weights of a narrow r2plus1d_18 of torchvision."""
    names = torchvision_names('2plus1d')
    ours = R2Plus1DDEM(**{k: v for k, v in PUBLIC.items() if k != 'type'}).state_dict()
    weights = {name: torch.randn_like(ours[our].float()) for name, our in names.items()}
    return weights | {
        'fc.weight': torch.randn(num_classes, 64),
        'fc.bias': torch.randn(num_classes),
    }


def saved(folder, state_dict, **others):
    path = folder / 'weights.pth'
    torch.save(dict(others, state_dict=state_dict), path)
    return str(path)


@pytest.mark.parametrize('prefix', ['', 'backbone.', 'module.backbone.'])
@pytest.mark.parametrize('way', ['pretrained', 'init_cfg', 'load_from'])
def test_weights_load_whatever_model_they_were_saved_from(tmp_path, prefix, way):
    trained = R2Plus1DDEM(depth=10, base_channels=8).state_dict()
    weights = {
        prefix + name: torch.randn_like(own.float()) for name, own in trained.items()
    }
    path = saved(tmp_path, weights)
    if way == 'load_from':
        model = recognizer()
        load_checkpoint(model, path)
    else:
        given = dict(type='Pretrained', checkpoint=path) if way == 'init_cfg' else path
        model = recognizer(dict(SMALL, **{way: given}))
        model.init_weights()
    for name, own in model.backbone.state_dict().items():
        assert torch.equal(own, weights[prefix + name].to(own.dtype)), name


@pytest.mark.parametrize('way', ['pretrained', 'load_from'])
@pytest.mark.parametrize('prefix', ['', 'backbone.'])
def test_torchvisions_weights_load_into_a_recognizer(tmp_path, way, prefix):
    weights = torchvision_weights()
    classifier = {name for name in weights if name.startswith('fc.')}
    path = saved(
        tmp_path,
        {
            name if name in classifier else prefix + name: own
            for name, own in weights.items()
        },
    )
    model = recognizer(
        dict(PUBLIC, pretrained=path if way == 'pretrained' else None), 400
    )
    if way == 'pretrained':
        model.init_weights()
    else:
        load_checkpoint(model, path)
        assert torch.equal(model.cls_head.fc_cls.weight, weights['fc.weight'])
    ours = model.backbone.state_dict()
    for theirs, name in torchvision_names('2plus1d').items():
        assert torch.equal(ours[name], weights[theirs].to(ours[name].dtype)), name


def test_says_in_a_line_what_keeps_its_initial_values(caplog):
    plain = R2Plus1DDEM(depth=10, base_channels=8, midplanes='unchanged', dem_stages=[])
    weights = plain.state_dict()
    net = R2Plus1DDEM(depth=10, base_channels=8, midplanes='unchanged')
    count, with_dem = (len(list(own.parameters())) for own in (plain, net))
    dem = with_dem - count
    for lost, kinds in (
        ([], f'{dem} keep their initial values, all of them of DEM'),
        (
            ['layer4.0.conv2.bn.bias'],
            f'{dem + 1} keep their initial values, {dem} of them of DEM, such as '
            "'layer4",
        ),
    ):
        with mock.patch('dem_mmaction.models.checkpoints.print_log') as log:
            kept = {name: own for name, own in weights.items() if name not in lost}
            load_state_dict(net, kept, logger=logging.getLogger('test'))
        (said,), options = log.call_args
        assert (
            f'{count - len(lost)} of the {with_dem} weights' in said and kinds in said
        )
        assert options['level'] == (logging.WARNING if lost else logging.INFO)


def network(**kwargs):
    return R2Plus1DDEM(**dict(dict(depth=10, base_channels=8), **kwargs)).state_dict()


def stock(kind, **kwargs):
    return MODELS.build(dict(type=kind, pretrained=None, **kwargs)).state_dict()


# What must neither train nor test: by kind, the tensors, and words of what is said.
WRONG = {
    'nothing': (dict, 'none of the 135 weights.*It has no weights'),
    'only a classifier': (
        lambda: {'cls_head.fc_cls.weight': torch.zeros(5, 64)},
        "none of the 135 weights.*1 others, such as 'cls_head.fc_cls.weight'",
    ),
    '2D': (
        lambda: stock('ResNet', depth=18),
        "none of the 135 weights.*'conv1.conv.weight'|with 3D units",
    ),
    'R3D of MMAction2': (
        lambda: stock('ResNet3d', depth=18, base_channels=8, pretrained2d=False),
        r"with 3D units.*set unit='3d'",
    ),
    'R3D': (lambda: network(unit='3d'), r"with 3D units.*set unit='3d'"),
    'another width': (lambda: network(base_channels=16), 'set it to that of the che'),
    'another depth': (lambda: network(depth=18), 'depth=18, this one has depth=10'),
    'other midplanes': (
        lambda: network(dem_stages=[]),
        "'conv1.conv.conv_s.weight' of shape",
    ),
    'another form of DEM': (
        lambda: network(dem_cfg=dict(groups='channelwise')),
        "'conv1.conv.conv_s.weight' of shape",
    ),
    'torchvision': (torchvision_weights, 'depth=18, this one has depth=10'),
    'a text': (lambda: '<html>not found</html>', "weights.pth' is no checkpoint"),
}


@pytest.mark.parametrize('kind', WRONG)
@pytest.mark.parametrize('way', ['pretrained', 'load_from'])
def test_a_checkpoint_of_something_else_is_refused(tmp_path, kind, way):
    make, said = WRONG[kind]
    path = saved(tmp_path, make())
    with pytest.raises(ValueError, match=said):
        if way == 'load_from':
            load_checkpoint(recognizer(), path)
        else:
            recognizer(dict(SMALL, pretrained=path)).init_weights()


@pytest.mark.parametrize('content', [b'', b'<html>', None])
def test_what_is_no_checkpoint_is_named(tmp_path, content):
    path = Path(saved(tmp_path, network()))
    path.write_bytes(path.read_bytes()[:5000] if content is None else content)
    with pytest.raises(ValueError, match="weights.pth' cannot be read as a checkpoint"):
        load_checkpoint(recognizer(), str(path))


@pytest.mark.parametrize('num_classes', [None, 7])
def test_an_untrained_classifier_does_not_predict(tmp_path, num_classes):
    weights = recognizer(num_classes=num_classes or 5).state_dict()
    if num_classes is None:
        weights = {k: v for k, v in weights.items() if 'fc_cls' not in k}
        said = "has no 'cls_head.fc_cls.bias'"
    else:
        said = 'is of 7 classes, this network of 5'
    model = recognizer().eval()
    load_checkpoint(model, saved(tmp_path, weights), logger=logging.getLogger('test'))
    clips = torch.rand(1, 1, 3, 4, 32, 32)
    samples = [ActionDataSample().set_gt_label(1)]
    with pytest.raises(ValueError, match=f'classifier is untrained.*{said}'):
        model.predict(clips, samples)
    model.loss(clips, samples)  # trains it
    assert model.predict(clips, samples)[0].pred_score.shape == (5,)


def test_a_checkpoint_of_this_config_tests_and_resumes(tmp_path):
    model = recognizer().eval()
    path = saved(tmp_path, recognizer().state_dict(), optimizer={}, meta=dict(epoch=1))
    load_checkpoint(model, path)
    model.predict(torch.rand(1, 1, 3, 4, 32, 32), [ActionDataSample().set_gt_label(1)])


def test_checkpoints_of_other_models_are_read_as_ever(tmp_path):
    # As MMAction2's Swin and others do, which look for their own key.
    path = tmp_path / 'other.pth'
    torch.save(dict(model=dict(weight=torch.ones(2)), epoch=3), path)
    loaded = CheckpointLoader.load_checkpoint(str(path), 'cpu')
    assert loaded['model']['weight'].tolist() == [1, 1] and loaded['epoch'] == 3
