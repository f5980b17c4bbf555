"""S3D and S3D-G, with DEM in any of their separable convolutions."""

from collections.abc import Sequence

from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from torch import Tensor, cat, nn

from .backbone import Backbone
from .checks import at_least, one_of
from .conv3d import Conv3d
from .midplanes import narrowed
from .pooling import pool
from .slot import Slot
from .stages import STAGES, blocks_with_dem

# Channels of the branches of each Inception block, at 64 base channels: 1x1x1; 1x1x1
# and 3x3x3; the same; 1x1x1 after a pooling. Szegedy et al., CVPR 2015, Table 1.
INCEPTION = (
    ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
    (
        (192, (96, 208), (16, 48), 64),
        (160, (112, 224), (24, 64), 64),
        (128, (128, 256), (24, 64), 64),
        (112, (144, 288), (32, 64), 64),
        (256, (160, 320), (32, 128), 128),
    ),
    ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
)
MIDPLANES = ('equivalent', 'unchanged')
# Kernel and stride of the pooling before each stage, conv1 first.
_POOLS = (None, ((1, 3, 3), (1, 2, 2)), ((1, 3, 3), (1, 2, 2)), (3, 2), (2, 2))


@MODELS.register_module()
class S3DDEM(Backbone):
    """Separable 3D Inception with DEM between its 1 x d x d and t x 1 x 1 convolutions.

    Without DEM it is S3D, with ``gating`` S3D-G (Xie et al., "Rethinking Spatiotemporal
    Feature Learning", ECCV 2018, Figure 3 and section 4). Its layers are those of
    torchvision's ``s3d``, 8,320,048 parameters with a classifier of 400 classes, whose
    weights load (``midplanes='unchanged'`` with DEM). The stages are called by the map
    that they work on:

    | stage | layers | output, of T x 8S x 8S, at 64 base channels |
    |---|---|---|
    | conv1 | 7x7x7, stride 2 | 64, T/2 x 4S x 4S |
    | conv2_x | pooling; 1x1x1 and 3x3x3 | 192, T/2 x 2S x 2S |
    | conv3_x | pooling; 2 Inception blocks | 480, T/2 x S x S |
    | conv4_x | pooling; 5 Inception blocks | 832, T/4 x S/2 x S/2 |
    | conv5_x | pooling; 2 Inception blocks | 1024, T/8 x S/4 x S/4 |

    A separable convolution has a norm and ReLU after each of its two parts; DEM stands
    between them. An Inception block has two.

    Args:
        base_channels: Channels of conv1. All others are in proportion to 64.
        in_channels: Channels of the input.
        gating: Put a :class:`FeatureGate` after each separable convolution (S3D-G).
        dem_stages: Where DEM stands: stages (``'conv1'``, ``'conv2_x'`` ...
            ``'conv5_x'``) or single blocks (``'conv4_x.0'``). None for all.
        midplanes: Channels between the two parts of a separable convolution with DEM:
            ``'equivalent'``, so many that it has as many weights as it has without, or
            ``'unchanged'``, the network's own with DEM on top.
        norm_cfg: As in :class:`Backbone`; S3D's own has an eps of 1e-3.
        **common: Further arguments of :class:`Backbone`.

    Raises:
        ValueError: An argument is not one of those above.
    """

    @classmethod
    def features(cls, base_channels: int = 64) -> int:
        """Channels of conv5_x, which a classifier takes."""
        first, *pairs, last = INCEPTION[-1][-1]
        ends = (first, *(out for _, out in pairs), last)
        return sum(_scaled(end, base_channels) for end in ends)

    def __init__(
        self,
        base_channels: int = 64,
        in_channels: int = 3,
        gating: bool = False,
        dem_stages: Sequence[str] | None = None,
        midplanes: str = 'equivalent',
        norm_cfg: dict = dict(type='BN3d', eps=1e-3),
        **common,
    ) -> None:
        super().__init__(base_channels, norm_cfg=norm_cfg, **common)
        one_of('midplanes', midplanes, MIDPLANES)
        one_of('gating', gating, (True, False))
        at_least(1, 'in_channels', in_channels)
        blocks = dict(
            zip(STAGES, (1, 1, *(len(stage) for stage in INCEPTION)), strict=True)
        )
        self.dem_blocks = blocks_with_dem(dem_stages, blocks)
        self.midplanes = midplanes
        self.gating = gating

        self.conv1 = self._separable(in_channels, 64, (STAGES[0], 0), 7, 2)
        conv2 = [
            self._pointwise(_scaled(64, self.base_channels), 64),
            self._separable(_scaled(64, self.base_channels), 192, (STAGES[1], 0)),
        ]
        self.layer1 = nn.Sequential(*conv2)
        channels = conv2[-1].out_channels
        for k, blocks in enumerate(INCEPTION):
            built = []
            for b, widths in enumerate(blocks):
                built.append(self._inception(channels, widths, (STAGES[k + 2], b)))
                channels = built[-1].out_channels
            self.add_module(f'layer{k + 2}', nn.Sequential(*built))
        self.finish()

    def enter(self, stage: int, x: Tensor) -> Tensor:
        """Pool before all stages but the first."""
        return x if _POOLS[stage] is None else pool(x, *_POOLS[stage])

    def _inception(
        self, in_channels: int, widths: Sequence, place: tuple[str, int]
    ) -> 'InceptionBlock':
        first, *pairs, last = widths
        branches = [self._pointwise(in_channels, first)]
        for reduced, out_channels in pairs:
            reduce = self._pointwise(in_channels, reduced)
            branches.append(
                nn.Sequential(
                    reduce, self._separable(reduce.out_channels, out_channels, place)
                )
            )
        pooled = nn.Sequential(
            nn.MaxPool3d(3, stride=1, padding=1), self._pointwise(in_channels, last)
        )
        return InceptionBlock([*branches, pooled])

    def _pointwise(self, in_channels: int, out_channels: int) -> ConvModule:
        return ConvModule(
            in_channels,
            _scaled(out_channels, self.base_channels),
            1,
            conv_cfg=dict(type='Conv3d'),
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg,
        )

    def _separable(
        self,
        in_channels: int,
        out_channels: int,
        place: tuple[str, int],
        d: int = 3,
        stride: int = 1,
    ) -> 'SeparableConv':
        """Build a separable convolution of a stage and block."""
        out_channels = _scaled(out_channels, self.base_channels)
        dem, between = place in self.dem_blocks, out_channels
        if dem and self.midplanes == 'equivalent':

            def weights(m: int, slot: Slot | None) -> int:
                own = (d * d * in_channels + d * out_channels) * m
                return own + (slot.weights(m, d) if slot else 0)

            owner = f'{place[0]}, block {place[1]}'
            between = narrowed(owner, out_channels, weights, self.slot)
        return SeparableConv(
            in_channels,
            out_channels,
            d,
            stride=stride,
            padding=d // 2,
            conv_cfg=dict(
                type='DEMConv',
                midplanes=between,
                norm_cfg=self.norm_cfg,
                dem=dem,
                dem_cfg=self.dem_cfg,
            ),
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg,
            gating=self.gating,
        )


def _scaled(channels: int, base_channels: int) -> int:
    """Channels in proportion to the base channels, of which the paper's S3D has 64."""
    return max(1, channels * base_channels // 64)


class SeparableConv(ConvModule):
    """A (2+1)D unit with its norm, its activation and, in S3D-G, a gate.

    Args:
        *args: Arguments of ``ConvModule``.
        gating: Whether there is a :class:`FeatureGate`.
        **kwargs: Further arguments of ``ConvModule``.
    """

    def __init__(self, *args, gating: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.gate = FeatureGate(self.out_channels) if gating else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, Cin, T, H, W) to (N, Cout, T', H', W')."""
        return self.gate(super().forward(x))


class FeatureGate(nn.Module):
    """Weighs channels by the whole clip: ``sigmoid(W pool(x) + b) * x``.

    Feature gating of S3D-G (Xie et al., ECCV 2018, section 4.4), which stands after
    each temporal convolution.

    Args:
        channels: C of the input, (N, C, T, H, W), and of the output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = Conv3d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the gated features; same shape and dtype as ``x``."""
        return x * self.fc(x.mean((2, 3, 4), keepdim=True)).sigmoid()


class InceptionBlock(nn.Module):
    """Branches beside each other, whose channels are put together.

    Args:
        branches: They become the submodules ``branch0``, ``branch1`` and so on. Each
            ends in a ``ConvModule``.
    """

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self.names = [f'branch{i}' for i in range(len(branches))]
        for name, branch in zip(self.names, branches, strict=True):
            self.add_module(name, branch)

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        lasts = [list(getattr(self, name).modules()) for name in self.names]
        return sum(
            next(m for m in reversed(own) if isinstance(m, ConvModule)).out_channels
            for own in lasts
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, Cin, T, H, W) to (N, Cout, T, H, W)."""
        return cat([getattr(self, name)(x) for name in self.names], dim=1)
