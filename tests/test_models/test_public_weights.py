import pytest
import torch
from mmaction.registry import MODELS
from mmaction2_networks import stock_r2plus1d
from torch import nn
from torchvision_names import torchvision_names

from dem_mmaction.models import R2Plus1DDEM
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
    assert network is NETWORKS[3]
    clips = torch.randn(1, 3, 8, 64, 64)
    for dem in (False, True):
        net = load(small(network, dem), convert(theirs))
        torch.testing.assert_close(net(clips), source(clips))


def test_other_weights_are_refused():
    with pytest.raises(ValueError, match="none of torchvision's r2plus1d_18.*'conv.w"):
        convert({'conv.weight': torch.ones(1)})
    with pytest.raises(ValueError, match='they have nothing'):
        find_network({})
