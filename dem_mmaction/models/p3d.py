"""P3D ResNet, with DEM on the features that enter its temporal convolutions."""

from collections.abc import Sequence

from mmaction.registry import MODELS
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from .backbone import Backbone
from .checks import at_least, one_of
from .layers import build_activation
from .midplanes import narrowed
from .pooling import pool
from .residual_block import ResidualBlock, build_shortcut
from .separable_inception import MIDPLANES
from .slot import Slot
from .stages import STAGES, blocks_with_dem

#: Blocks of conv2_x to conv5_x by depth: those of ResNet-50, 101 and 152, whose blocks
#: of the first three stages have one convolution more, and one block a stage.
P3D_BLOCKS = {
    17: (1, 1, 1, 1),
    63: (3, 4, 6, 3),
    131: (3, 4, 23, 3),
    199: (3, 8, 36, 3),
}
KINDS = ('A', 'B', 'C')
EXPANSION = 4


@MODELS.register_module()
class P3DDEM(Backbone):
    """Pseudo-3D residual network with DEM in any of its blocks.

    Without DEM it is P3D ResNet (Qiu et al., "Learning Spatio-Temporal Representation
    with Pseudo-3D Residual Networks", ICCV 2017): bottlenecks of ResNet whose 3x3
    convolution is a spatial one S, 1x3x3, and a temporal one T, 3x1x1. The layers are
    those of the authors' published network (deploy_p3d_resnet_kinetics.prototxt): conv1
    is 1x7x7, conv5_x is a 2D network on frames, strides are in the first 1x1x1
    convolution of a stage, and max pooling halves time before conv2_x and before each
    later stage.

    | stage | output, of T x 16S x 16S, at 64 base channels |
    |---|---|
    | conv1 | 64, T x 8S x 8S |
    | conv2_x | 256, T/2 x 4S x 4S |
    | conv3_x | 512, T/4 x 2S x 2S |
    | conv4_x | 1024, T/8 x S x S |
    | conv5_x | 2048, T/16 x S/2 x S/2 |

    | block | the paper | with DEM |
    |---|---|---|
    | A | T(S(x)) | T(DEM(S(x))) |
    | B | S(x) + T(x) | S(x) + T(DEM(x)) |
    | C | S(x) + T(S(x)) | S(x) + T(DEM(S(x))) |

    In each, DEM stands where the temporal convolution looks, and the spatial path to
    the output stays as it is. In A and C that is after a spatial convolution, its norm
    and ReLU, as in (2+1)D. In B it is beside it, after the block's 1x1x1 convolution.

    Args:
        depth: 17, 63, 131 or 199.
        base_channels: Channels of conv1 and inner channels of conv2_x.
        in_channels: Channels of the input.
        kinds: The blocks that the network takes in turn: ``'ABC'`` for the mix of the
            paper, ``'A'``, ``'B'`` or ``'C'`` for one kind alone.
        dem_stages: Where DEM stands: ``'conv2_x'``, ``'conv3_x'``, ``'conv4_x'`` or
            single blocks (``'conv3_x.0'``). None for all. conv1 and conv5_x have no
            temporal convolution.
        midplanes: Inner channels of a block with DEM: ``'equivalent'``, so many that it
            has as many weights as it has without, or ``'unchanged'``, the network's own
            with DEM on top.
        with_cp: Recompute the blocks' activations in the backward pass to save memory.
        **common: Arguments of :class:`Backbone`: ``dem_cfg``, ``norm_cfg`` ...

    Raises:
        ValueError: An argument is not one of those above.
    """

    expansion = 8 * EXPANSION
    depths = {sum(blocks): depth for depth, blocks in P3D_BLOCKS.items()}

    def __init__(
        self,
        depth: int = 63,
        base_channels: int = 64,
        in_channels: int = 3,
        kinds: str = 'ABC',
        dem_stages: Sequence[str] | None = None,
        midplanes: str = 'equivalent',
        with_cp: bool = False,
        **common,
    ) -> None:
        super().__init__(base_channels, **common)
        one_of('depth', depth, P3D_BLOCKS)
        one_of('midplanes', midplanes, MIDPLANES)
        at_least(1, 'in_channels', in_channels)
        one_of('with_cp', with_cp, (True, False))
        if not isinstance(kinds, str) or not kinds or set(kinds) - set(KINDS):
            raise ValueError(f"kinds={kinds!r} must be letters of 'ABC', e.g. 'ABC'.")
        blocks = dict(zip(STAGES[1:4], P3D_BLOCKS[depth], strict=False))
        self.dem_blocks = blocks_with_dem(dem_stages, blocks)
        self.kinds = kinds
        self.midplanes = midplanes
        self.with_cp = with_cp

        self.conv1 = self._conv(in_channels, base_channels, (1, 7, 7), (1, 2, 2))
        channels, count = base_channels, 0
        for k, num_blocks in enumerate(P3D_BLOCKS[depth]):
            built = []
            for b in range(num_blocks):
                kind = kinds[count % len(kinds)] if k < 3 else None
                stride = (1, 2, 2) if k > 0 and b == 0 else (1, 1, 1)
                inner = base_channels * 2**k
                place = STAGES[k + 1], b
                built.append(self._block(place, kind, channels, inner, stride))
                channels, count = EXPANSION * inner, count + 1
            self.add_module(f'layer{k + 1}', nn.Sequential(*built))
        self.finish()

    def enter(self, stage: int, x: Tensor) -> Tensor:
        """Halve time before all stages but the first, and space before conv2_x."""
        if stage == 0:
            return x
        if stage == 1:
            x = pool(x, (1, 3, 3), (1, 2, 2))
        return pool(x, (2, 1, 1), (2, 1, 1))

    def _block(
        self,
        place: tuple[str, int],
        kind: str | None,
        channels: int,
        inner: int,
        stride: tuple[int, int, int],
    ) -> ResidualBlock:
        """Build a bottleneck, of 2D convolutions if it is of no kind."""
        out_channels, dem = EXPANSION * inner, place in self.dem_blocks
        if dem and self.midplanes == 'equivalent':

            def weights(m: int, slot: Slot | None) -> int:
                own = (channels + out_channels) * m + (9 + 3) * m * m
                return own + (slot.weights(m, 3) if slot else 0)

            inner = narrowed(f'{place[0]}, block {place[1]}', inner, weights, self.slot)
        units = [
            self._conv(channels, inner, (1, 1, 1), stride),
            self._conv(inner, inner, (1, 3, 3))
            if kind is None
            else self._pseudo_3d(kind, inner, dem),
            self._conv(inner, out_channels, (1, 1, 1), act=False),
        ]
        shortcut = build_shortcut(channels, out_channels, stride, self.norm_cfg)
        return ResidualBlock(units, shortcut, self.act_cfg, self.with_cp)

    def _pseudo_3d(self, kind: str, channels: int, dem: bool) -> 'PseudoConv3d':
        temporal_cfg = dict(
            type='DEMConv3d',
            dem=dem,
            dem_cfg=self.dem_cfg,
            dem_kernel=3,
            norm_cfg=self.norm_cfg,
            min_channels=0,
        )
        return PseudoConv3d(
            kind,
            spatial=self._conv(channels, channels, (1, 3, 3)),
            temporal=self._conv(
                channels, channels, (3, 1, 1), act=False, conv_cfg=temporal_cfg
            ),
            act_cfg=self.act_cfg,
        )

    def _conv(
        self,
        in_channels: int,
        out_channels: int,
        kernel: tuple[int, int, int],
        stride: tuple[int, int, int] = (1, 1, 1),
        act: bool = True,
        conv_cfg: dict = dict(type='DEMConv3d', dem=False),
    ) -> ConvModule:
        return ConvModule(
            in_channels,
            out_channels,
            kernel,
            stride=stride,
            padding=tuple(k // 2 for k in kernel),
            conv_cfg=conv_cfg,
            norm_cfg=self.norm_cfg,
            act_cfg=self.act_cfg if act else None,
        )


class PseudoConv3d(nn.Module):
    """The spatial and the temporal convolution of a P3D block, by its kind.

    Equations 2 to 4 of the paper, without the block's shortcut. As in the authors'
    network the activation comes after the sum. In blocks C that network weighs both
    sides of it by 0.5, which the norm after the next convolution takes out again; here
    they are summed as they are in the paper.

    Args:
        kind: ``'A'``, ``'B'`` or ``'C'``.
        spatial: S, with its norm and activation.
        temporal: T, with its norm, and DEM in front if it has one.
        act_cfg: The activation at the end.
    """

    def __init__(
        self, kind: str, spatial: ConvModule, temporal: ConvModule, act_cfg: dict
    ) -> None:
        super().__init__()
        self.kind = kind
        self.conv_s = spatial
        self.conv_t = temporal
        self.relu = build_activation(act_cfg)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, H, W) to the same shape."""
        s = self.conv_s(x)
        t = self.conv_t(x if self.kind == 'B' else s)
        return self.relu(t if self.kind == 'A' else s + t)

    def extra_repr(self) -> str:
        return f'kind={self.kind}'
