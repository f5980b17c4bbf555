import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from torch import nn

from dem_mmaction.models import DEM, DEMConv3d

PADDED = dict(kernel_size=3, padding=1)


@pytest.mark.parametrize(
    'kwargs',
    [PADDED, dict(PADDED, stride=2, groups=2), dict(kernel_size=(3, 1, 1), bias=False)],
    ids=str,
)
def test_is_dem_and_then_the_convolution(kwargs):
    own = DEMConv3d(4, 6, **kwargs).double()
    plain = nn.Conv3d(4, 6, **kwargs).double()
    missing, unexpected = own.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected and all(name.startswith('dem.') for name in missing)
    x = torch.randn(2, 4, 5, 6, 6, dtype=torch.float64)
    assert torch.equal(own(x), plain(x))
    nn.init.ones_(own.dem.scale)
    expected = F.conv3d(
        own.dem(x), own.weight, own.bias, own.stride, own.padding, 1, own.groups
    )
    torch.testing.assert_close(own(x), expected)
    assert not torch.allclose(own(x), plain(x))


def test_dem_has_the_kernel_of_its_convolution_or_another():
    kernels = [(dict(kernel_size=(3, 5, 5)), 5), (dict(kernel_size=3, dem_kernel=7), 7)]
    for kwargs, d in kernels:
        assert DEMConv3d(4, 4, **kwargs).dem.h.kernel_size == (1, d, d)


@pytest.mark.parametrize(
    'channels, kwargs',
    [
        (3, PADDED),  # pixels
        (8, dict(kernel_size=(1, 3, 3))),
        (8, dict(PADDED, dem=False)),
        (8, dict(PADDED, min_channels=9)),
    ],
    ids=str,
)
def test_some_convolutions_have_none(channels, kwargs):
    assert DEMConv3d(channels, 4, **kwargs).dem is None
    assert DEMConv3d(3, 4, min_channels=0, **PADDED).dem is not None


def test_options_reach_dem_or_what_is_in_its_place():
    cfg = dict(type='DEMConv3d', norm_cfg=dict(type='IN3d'), dem_cfg=dict(groups=2))
    own = ConvModule(4, 4, 3, padding=1, conv_cfg=cfg, norm_cfg=dict(type='BN3d'))
    assert type(own.conv.dem) is DEM and own.conv.dem.groups == 2
    assert type(own.conv.dem.norm_d) is nn.InstanceNorm3d
    rival = dict(type='DEMConv3d', dem_cfg=dict(type='TemporalShift'))
    own = MODELS.build(dict(rival, in_channels=8, out_channels=4, kernel_size=3))
    assert type(own.dem).__name__ == 'TemporalShift'


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(kernel_size=(3, 2, 2)), r'=\(3, 2, 2\) must be square and odd'),
        (dict(kernel_size=(3, 1, 3)), 'must be square and odd'),
        (dict(kernel_size=3, dem_kernel=2), 'odd'),
        (dict(kernel_size=(3, 3)), 'one or three numbers'),
        (dict(kernel_size=3, min_channels=-1), 'min_channels=-1'),
        (dict(kernel_size=3, dem=False, dem_cfg=dict(fusion='sum')), "fusion='sum'"),
        (dict(kernel_size=3, dem_cfg=dict(groups=3)), 'groups=3'),
    ],
)
def test_bad_values_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        DEMConv3d(4, 4, **kwargs)
    DEMConv3d(4, 4, (3, 2, 2), dem=False)
