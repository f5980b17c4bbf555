import pytest
import torch
from mmaction.models.common import Conv2plus1d
from mmcv.cnn import ConvModule, build_conv_layer
from support import conv_weights

from dem_mmaction.models import DEM, DEMConv


@pytest.mark.parametrize(
    'kernel, stride, padding, nin, nout',
    [
        (3, (2, 1, 1), 1, 8, 16),
        ((3, 7, 7), (1, 2, 2), (1, 3, 3), 3, 16),
        (1, 2, 0, 8, 16),
    ],
)
def test_takes_the_weights_of_mmaction2s_unit(kernel, stride, padding, nin, nout):
    args = dict(kernel_size=kernel, stride=stride, padding=padding, bias=False)
    theirs = Conv2plus1d(nin, nout, norm_cfg=dict(type='BN3d'), **args)
    ours = build_conv_layer(dict(type='DEMConv'), nin, nout, **args)
    missing, unexpected = ours.load_state_dict(theirs.state_dict(), strict=False)
    assert not unexpected
    assert all(name.startswith('dem.') for name in missing)
    assert bool(missing) == (kernel != 1)  # no DEM in a shortcut

    x = torch.randn(2, nin, 6, 14, 14)
    assert torch.equal(ours(x), theirs(x))  # DEM starts as the identity


def test_works_inside_conv_module():
    block = ConvModule(
        4,
        8,
        3,
        stride=2,
        padding=1,
        norm_cfg=dict(type='BN3d'),
        conv_cfg=dict(type='DEMConv', dem_cfg=dict(zero_init=False)),
    )
    assert block.conv.conv_s.bias is None
    y = block(torch.randn(2, 4, 8, 16, 16))
    assert y.shape == (2, 8, 4, 8, 8)
    y.sum().backward()
    assert all(p.grad is not None for p in block.parameters())


def test_dilation_reaches_both_convolutions():
    conv = DEMConv(4, 4, 3, padding=(2, 3, 3), dilation=(2, 3, 3))
    assert conv(torch.randn(1, 4, 6, 9, 9)).shape == (1, 4, 6, 9, 9)
    assert conv.conv_s.dilation == (1, 3, 3)
    assert conv.conv_t.dilation == (2, 1, 1)


@pytest.mark.parametrize('fusion', ['product', 'concat', 'bilinear'])
def test_equivalent_counts_dem_in(fusion):
    dem_cfg = dict(fusion=fusion)
    conv = DEMConv(32, 48, 3, bias=False, midplanes='equivalent', dem_cfg=dem_cfg)
    mid = conv.midplanes
    next_one = (9 * 32 + 3 * 48) * (mid + 1) + DEM.weights(mid + 1, 3, dem_cfg)
    assert conv_weights(conv) <= 27 * 32 * 48 < next_one


def test_equivalent_without_dem_counts_the_convolutions_alone():
    for conv in (
        DEMConv(32, 48, 3, bias=False, midplanes='equivalent', dem=False),
        DEMConv(32, 48, (1, 3, 3), bias=False, midplanes='equivalent'),
    ):
        t = conv.kernel_size[0]
        assert 0 <= t * 9 * 32 * 48 - conv_weights(conv) < 9 * 32 + t * 48


def test_norm_reaches_dem():
    conv = DEMConv(4, 8, 3, norm_cfg=dict(type='SyncBN'))
    norms = [type(m).__name__ for m in conv.modules() if 'Norm' in type(m).__name__]
    assert norms == ['SyncBatchNorm'] * 3
    conv = DEMConv(4, 8, 3, norm_cfg=None)
    assert not [m for m in conv.modules() if 'Norm' in type(m).__name__]
    assert conv(torch.randn(1, 4, 4, 8, 8)).shape[1] == 8


def test_attributes_are_those_of_a_convolution():
    args = dict(stride=(2, 1, 1), padding=1, dilation=1, padding_mode='replicate')
    ours, torchs = DEMConv(4, 8, 3, **args), torch.nn.Conv3d(4, 8, 3, **args)
    for name in (
        *('in_channels', 'out_channels', 'kernel_size', 'stride', 'padding'),
        *('dilation', 'groups', 'padding_mode', 'transposed', 'output_padding'),
    ):
        assert getattr(ours, name) == getattr(torchs, name), name


def test_init_weights_starts_anew():
    torch.manual_seed(0)
    conv = DEMConv(8, 8, 3)
    for p in conv.parameters():
        torch.nn.init.constant_(p, 0.5)
    conv.init_weights()
    assert (conv.bn_s.weight == 1).all() and (conv.bn_s.bias == 0).all()
    assert (conv.dem.scale == 0).all()
    assert conv.conv_s.weight.std() > 0 and conv.conv_t.weight.std() > 0


def test_dem_can_be_left_out():
    assert DEMConv(4, 4, 3, dem=False).dem is None
    assert DEMConv(4, 4, 3, midplanes=5).dem.channels == 5


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(groups=2), 'groups=2'),
        (dict(kernel_size=4), 'kernel_size=4 must be an odd'),
        (dict(kernel_size=(3, 3, 5)), 'square'),
        (dict(kernel_size=(3, 3)), 'kernel_size'),
        (dict(padding='same'), "padding='same'"),
        (dict(midplanes=0), 'midplanes=0'),
        (dict(midplanes='vmz'), "midplanes='vmz'.*unchanged.*equivalent"),
        (dict(dem_cfg=dict(fusion='sum')), "fusion='sum'"),
        (dict(dem_cfg=dict(fusion='sum'), dem=False), "fusion='sum'"),
        (dict(dem_cfg=dict(fusion='sum'), kernel_size=1), "fusion='sum'"),
        (dict(dem_cfg=dict(type='DEN')), "type='DEN' must be a module registered"),
    ],
)
def test_bad_values_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        DEMConv(8, 8, **dict(dict(kernel_size=3), **kwargs))


def test_dem_stands_before_any_temporal_convolution():
    assert DEMConv(4, 4, (2, 3, 3)).dem is not None
    assert DEMConv(4, 4, (1, 3, 3)).dem is None
