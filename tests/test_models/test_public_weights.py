import pytest
import torch
from mmaction.registry import MODELS
from mmaction2_networks import stock_r2plus1d
from mmengine.runner.checkpoint import _load_checkpoint_to_model
from torch import nn
from torchvision_names import torchvision_names
from torchvision_networks import S3D, R2Plus1D

from dem_mmaction.models import S3DDEM, R2Plus1DDEM
from dem_mmaction.models.public_weights import NETWORKS, convert, find_network


class MC3Block(nn.Module):
    """The residual block of torchvision's mc3_18 from its second layer on."""

    def __init__(self, channels, out, stride):
        super().__init__()

        def unit(a, stride):
            conv = nn.Conv3d(
                a, out, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False
            )
            return conv, nn.BatchNorm3d(out)

        self.conv1 = nn.Sequential(*unit(channels, stride), nn.ReLU())
        self.conv2 = nn.Sequential(*unit(out, 1))
        self.downsample = None
        if stride > 1:
            conv = nn.Conv3d(channels, out, 1, (1, stride, stride), bias=False)
            self.downsample = nn.Sequential(conv, nn.BatchNorm3d(out))

    def forward(self, x):
        rest = x if self.downsample is None else self.downsample(x)
        return (self.conv2(self.conv1(x)) + rest).relu()


def random_norms(net):
    for part in net.modules():
        if isinstance(part, nn.BatchNorm3d):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.uniform_(part.running_mean, -0.5, 0.5)
    net.eval()  # which returns nothing in MMAction2
    return net


def ours(kwargs):
    return random_norms(R2Plus1DDEM(base_channels=8, **kwargs))


def load(backbone, weights):
    """A recognizer of a small backbone with weights, all of them used."""
    own = {key: value for key, value in weights.items() if key.startswith('backbone.')}
    own = {key.removeprefix('backbone.'): value for key, value in own.items()}
    net = MODELS.build(backbone)
    missing, odd = net.load_state_dict(own, strict=False)
    assert not odd and all('.dem.' in name for name in missing)
    net.eval()  # which returns nothing in MMAction2
    return net


def small(network, dem):
    return dict(network.backbone, base_channels=8, **(network.dem if dem else {}))


@pytest.mark.parametrize('unit, place', [('2plus1d', 0), ('3d', 1)])
def test_networks_of_torchvision(unit, place):
    kwargs = dict(unit=unit, midplanes='torchvision', dem_stages=[])
    source, names = ours(kwargs), torchvision_names(unit)
    theirs = {name: source.state_dict()[our] for name, our in names.items()}
    theirs |= {'fc.weight': torch.randn(7, 64), 'fc.bias': torch.randn(7)}
    network = find_network(theirs)
    assert network is NETWORKS[place]
    weights = convert(theirs)
    assert torch.equal(weights['cls_head.fc_cls.bias'], theirs['fc.bias'])
    assert len(weights) == len(theirs)
    clips = torch.randn(2, 3, 8, 32, 32)
    for dem in (False, True):
        net = load({**small(network, dem)}, weights)
        torch.testing.assert_close(net(clips), source(clips))
    assert any(True for _ in net.dems()) == (unit == '2plus1d')


def test_mc3_is_itself_at_every_eighth_frame():
    torch.manual_seed(0)
    source = ours(dict(unit='3d'))
    names = torchvision_names('3d')
    theirs = {name: source.state_dict()[our] for name, our in names.items()}
    layers = random_norms(
        nn.ModuleDict(
            {
                f'layer{k + 1}': nn.Sequential(
                    MC3Block(4 * 2**k, 8 * 2**k, 2), MC3Block(8 * 2**k, 8 * 2**k, 1)
                )
                for k in (1, 2, 3)
            }
        )
    )
    theirs.update(layers.state_dict())
    assert theirs.keys() == names.keys()
    network = find_network(theirs)
    assert 'mc3_18' in network.name and 'every eighth frame' in network.remark
    net = load(small(network, dem=False), convert(theirs))
    clips = torch.randn(2, 3, 16, 32, 32)
    expected = source.layer1(source.conv1(clips))
    for layer in layers.values():
        expected = layer(expected)
    torch.testing.assert_close(net(clips), expected[:, :, ::8])


def test_r2plus1d_34_of_mmaction2():
    torch.manual_seed(0)
    source = stock_r2plus1d()
    random_norms(source)
    theirs = {f'backbone.{name}': own for name, own in source.state_dict().items()}
    theirs |= {'cls_head.fc_cls.bias': torch.zeros(400)}
    network = find_network(theirs)
    assert "MMAction2's R(2+1)D-34" in network.name
    clips = torch.randn(1, 3, 8, 64, 64)
    for dem in (False, True):
        net = load(small(network, dem), convert(theirs))
        torch.testing.assert_close(net(clips), source(clips))


def test_s3d_of_torchvision_with_its_classifier():
    torch.manual_seed(0)
    source = random_norms(S3D())
    theirs = source.state_dict()
    network = find_network(theirs)
    assert network.name == "torchvision's s3d" and network.features == 1024
    weights = convert(theirs)
    assert len(weights) == len(theirs)
    for dem, size in ((False, 224), (True, 64)):
        clips = torch.randn(1, 3, 16, size, size)
        own = network.dem if dem else {}
        net = load(dict(network.backbone, base_channels=16, **own), weights)
        assert bool(list(net.dems())) == dem
        features = net(clips)
        torch.testing.assert_close(features, source.features(clips))
        if size < 224:  # its head needs a map of 7x7
            continue
        scores = features.mean((2, 3, 4)) @ weights['cls_head.fc_cls.weight'].T
        scores = scores + weights['cls_head.fc_cls.bias']
        torch.testing.assert_close(scores, source(clips))


def test_s3d_loads_as_it_is_with_its_classifier():
    source = random_norms(S3D())
    model = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=dict(type='S3DDEM', base_channels=16, midplanes='unchanged'),
            cls_head=dict(type='ClipVideoHead', num_classes=7, in_channels=256),
        )
    )
    _load_checkpoint_to_model(model, source.state_dict())
    fc = model.cls_head.fc_cls.weight
    assert torch.equal(fc, source.classifier[1].weight.flatten(1))
    conv = model.backbone.layer4[1].branch2[1].conv.conv_t.weight
    assert torch.equal(conv, source.features[15].branch2[1][1][0].weight)
    for kwargs, said in (
        (dict(base_channels=8), 'base_channels=16, this one has base_channels=8'),
        (
            dict(base_channels=16),
            r"'conv1.conv.conv_s.weight' of shape \(16, .*midplanes='unchanged'",
        ),
    ):
        with pytest.raises(ValueError, match=said):
            S3DDEM(**kwargs).load_state_dict(source.state_dict())


def test_the_names_of_torchvision_are_those_of_its_layers():
    torch.manual_seed(0)
    source = random_norms(R2Plus1D())
    assert set(source.state_dict()) == set(torchvision_names('2plus1d'))
    kwargs = dict(midplanes='torchvision', dem_stages=[], base_channels=8)
    net = R2Plus1DDEM(**kwargs).eval()
    net.load_state_dict(source.state_dict())
    clips = torch.randn(1, 3, 8, 32, 32)
    torch.testing.assert_close(net(clips), source(clips))


def test_other_weights_are_refused():
    with pytest.raises(ValueError, match="none of torchvision's r2plus1d_18.*'conv.w"):
        convert({'conv.weight': torch.ones(1)})
    with pytest.raises(ValueError, match='they have nothing'):
        find_network({})
