"""The networks that DEM is known to go into, by name, with their published figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .p3d import P3D_BLOCKS, P3DDEM
from .r2plus1d_dem import R2Plus1DDEM
from .separable_inception import S3DDEM
from .stages import BLOCKS, STAGES

#: Classes that published figures are of, those of Kinetics-400.
CLASSES = 400
Clip = tuple[int, int, int]


@dataclass(frozen=True)
class Published:
    """What somebody else says of a network of 400 classes.

    Attributes:
        source: Who says it.
        parameters: In millions. None: not said.
        multiply_adds: In thousands of millions, for one clip. None: not said.
    """

    source: str
    parameters: float | None = None
    multiply_adds: float | None = None


@dataclass(frozen=True)
class Host:
    """A network that carries DEM.

    Attributes:
        name: Its name without DEM.
        with_dem: Its name with DEM.
        title: What papers call it.
        paper: The paper that it comes from.
        backbone: Its config, as far as both have it.
        without: What the config without DEM has in addition.
        dem: What that with DEM has in addition.
        features: Channels that its head takes.
        clip: Frames, height and width of the clips that its figures are of.
        published: Figures of the network without DEM.
        head: The config of its head; by default a pooling and one linear layer.
        equal: Whether DEM leaves the number of parameters as it is. Otherwise it comes
            on top.
    """

    name: str
    with_dem: str
    title: str
    paper: str
    backbone: Mapping[str, Any]
    without: Mapping[str, Any]
    dem: Mapping[str, Any]
    features: int
    clip: Clip = (16, 112, 112)
    published: Published | None = None
    head: Mapping[str, Any] = field(default_factory=lambda: dict(type='I3DHead'))
    equal: bool = True

    def config(self, dem: bool) -> dict[str, Any]:
        """The config of the backbone, with DEM or without."""
        return {**self.backbone, **(self.dem if dem else self.without)}


def _r2plus1d(depth: int) -> Host:
    published = Published('Table 3.1 of the thesis', 33.383797) if depth == 18 else None
    return Host(
        f'r2p1d_{depth}',
        f'r2p1d_dem_{depth}',
        f'R(2+1)D-{depth}',
        'Tran et al., CVPR 2018',
        dict(type='R2Plus1DDEM', depth=depth),
        dict(dem_stages=[]),
        {},
        R2Plus1DDEM.features(),
        published=published,
    )


def _r3d(depth: int) -> Host:
    published = Published("torchvision's r3d_18", 33.371472, 40.697)
    return Host(
        f'r3d_{depth}',
        f'r3d_dem_{depth}',
        f'R3D-{depth}',
        'Tran et al., CVPR 2018',
        dict(type='R2Plus1DDEM', depth=depth, unit='3d'),
        {},
        dict(dem_stages=list(STAGES[1:])),
        R2Plus1DDEM.features(),
        published=published if depth == 18 else None,
    )


def _p3d(depth: int) -> Host:
    published = Published("the authors' network", 66.49224)
    return Host(
        f'p3d_{depth}',
        f'p3d_dem_{depth}',
        f'P3D-{depth}',
        'Qiu et al., ICCV 2017',
        dict(type='P3DDEM', depth=depth),
        dict(dem_stages=[]),
        {},
        P3DDEM.features(),
        (16, 160, 160),
        published if depth == 199 else None,
    )


def _s3d(gating: bool) -> Host:
    name = 's3dg' if gating else 's3d'
    return Host(
        name,
        f'{name}_dem',
        'S3D-G' if gating else 'S3D',
        'Xie et al., ECCV 2018',
        dict(type='S3DDEM', gating=True) if gating else dict(type='S3DDEM'),
        dict(dem_stages=[]),
        {},
        S3DDEM.features(),
        (16, 224, 224),
        None if gating else Published("torchvision's s3d", 8.320048, 17.979),
    )


#: Hosts of this package. Those of ``MMACTION2`` are MMAction2's own networks.
HOSTS = {
    host.name: host
    for host in (
        *(_r2plus1d(depth) for depth in BLOCKS),
        *(_r3d(depth) for depth in BLOCKS),
        *(_p3d(depth) for depth in P3D_BLOCKS),
        _s3d(gating=False),
        _s3d(gating=True),
    )
}

_RESNET = dict(pretrained=None, pretrained2d=False)
# Where a convolution sees single channels, DEM does, too: it would cost a multiple of
# the network otherwise.
_CHANNELWISE = dict(type='DEMConv3d', dem_cfg=dict(groups='channelwise'))

MMACTION2 = {
    host.name: host
    for host in (
        Host(
            'resnet2plus1d_34',
            'resnet2plus1d_dem_34',
            "MMAction2's R(2+1)D-34",
            'Tran et al., CVPR 2018',
            dict(
                _RESNET,
                type='ResNet3d',
                depth=34,
                with_pool2=False,
                conv1_kernel=(3, 7, 7),
                conv1_stride_t=1,
                pool1_stride_t=1,
                inflate=(1, 1, 1, 1),
                spatial_strides=(1, 2, 2, 2),
                temporal_strides=(1, 2, 2, 2),
            ),
            dict(conv_cfg=dict(type='DEMConv', dem=False)),
            dict(conv_cfg=dict(type='DEMConv', midplanes='equivalent')),
            512,
            (8, 256, 256),
            Published("MMAction2's zoo", 63.8, 53.1),
        ),
        Host(
            'csn_50',
            'csn_dem_50',
            "MMAction2's ir-CSN-50",
            'Tran et al., ICCV 2019',
            dict(
                _RESNET,
                type='ResNet3dCSN',
                depth=50,
                bottleneck_mode='ir',
                with_pool2=False,
            ),
            dict(conv_cfg=dict(type='Conv3d')),
            dict(conv_cfg=_CHANNELWISE),
            2048,
            (32, 256, 256),
            Published("MMAction2's zoo", 13.13, 55.9),
            equal=False,
        ),
        Host(
            'x3d_m',
            'x3d_dem_m',
            "MMAction2's X3D-M",
            'Feichtenhofer, CVPR 2020',
            dict(type='X3D', gamma_w=1, gamma_b=2.25, gamma_d=2.2),
            dict(conv_cfg=dict(type='Conv3d')),
            dict(conv_cfg=_CHANNELWISE),
            432,
            (16, 256, 256),
            Published("MMAction2's zoo", 3.794322, 6.490867),
            dict(type='X3DHead', fc1_bias=False),
            equal=False,
        ),
    )
}
