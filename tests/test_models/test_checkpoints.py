"""Weights of torchvision: its names, written out from its own modules."""

import logging

import pytest
import torch
from mmengine.runner.checkpoint import load_state_dict

from dem_mmaction.models import R2Plus1DDEM


def torchvision_names(unit):
    """The names in torchvision's r2plus1d_18 and r3d_18, by the names here."""
    parts = (
        dict(conv_s='0.0', bn_s='0.1', conv_t='0.3') if unit == '2plus1d' else {'': '0'}
    )
    stem = (
        dict(conv_s='0', bn_s='1', conv_t='3', bn='4')
        if unit == '2plus1d'
        else {'': '0', 'bn': '1'}
    )

    def tensors(part):
        norm = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
        return norm if 'bn' in part else ('weight',)

    names = {}
    for part, theirs in stem.items():
        for tensor in tensors(part):
            ours = 'bn' if part == 'bn' else f'conv.{part}'.rstrip('.')
            names[f'stem.{theirs}.{tensor}'] = f'conv1.{ours}.{tensor}'
    for layer in range(1, 5):
        for block in range(2):
            place = f'layer{layer}.{block}'
            for conv in ('conv1', 'conv2'):
                for part, theirs in parts.items():
                    for tensor in tensors(part):
                        ours = f'conv.{part}'.rstrip('.')
                        names[f'{place}.{conv}.{theirs}.{tensor}'] = (
                            f'{place}.{conv}.{ours}.{tensor}'
                        )
                for tensor in tensors('bn'):
                    names[f'{place}.{conv}.1.{tensor}'] = f'{place}.{conv}.bn.{tensor}'
            if layer > 1 and block == 0:
                names[f'{place}.downsample.0.weight'] = (
                    f'{place}.downsample.conv.weight'
                )
                for tensor in tensors('bn'):
                    names[f'{place}.downsample.1.{tensor}'] = (
                        f'{place}.downsample.bn.{tensor}'
                    )
    return names


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
    with pytest.raises(ValueError, match=r"midplanes in 'conv1.conv'.*'unchanged'"):
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
            dict(base_channels=8),
            dict(base_channels=16),
            "'conv1.conv.conv_s.weight'|conv1",
        ),
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
