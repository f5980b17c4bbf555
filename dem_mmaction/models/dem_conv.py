"""The (2+1)D convolution unit, with or without DEM between its two convolutions."""

from mmaction.registry import MODELS
from torch import Tensor, nn

from .conv3d import Conv3d
from .layers import build_norm, init_convs_and_norms
from .midplanes import equivalent_midplanes, unchanged_midplanes
from .slot import Slot

Size3d = int | tuple[int, int, int]


@MODELS.register_module()
class DEMConv(nn.Module):
    """A t x d x d convolution as 1 x d x d convolution, BN, ReLU, DEM, t x 1 x 1 one.

    Takes the arguments that ``ConvModule`` hands to ``nn.Conv3d``, so that
    ``conv_cfg=dict(type='DEMConv')`` puts it into any MMAction2 network built from
    ``ConvModule``. The submodules ``conv_s``, ``bn_s`` and ``conv_t`` are named as in
    MMAction2's ``Conv2plus1d``: its weights load, with only ``dem.*`` missing.

    (2+1)D: Tran et al., CVPR 2018. DEM in it: Figure 3.1 of the thesis.

    Args:
        in_channels: Channels of the input, (N, Cin, T, H, W).
        out_channels: Channels of the output, (N, Cout, T', H', W').
        kernel_size: t, d, d; one number for t = d. With DEM, d is odd.
        stride: Steps in time, height and width; one number for all three.
        padding: Padding of time, height and width; one number for all three.
        dilation: Dilation in time, height and width; one number for all three.
        groups: Only 1 is supported.
        bias: Whether both convolutions have a bias.
        padding_mode: Contents of the padding of both convolutions, as in ``nn.Conv3d``.
        midplanes: Channels between the convolutions: a number, ``'unchanged'`` (as many
            as ``Conv2plus1d`` has, :func:`unchanged_midplanes`, with DEM on top) or
            ``'equivalent'`` (as many parameters as the 3D convolution, DEM counted in,
            equation 3.5).
        norm_cfg: The norm after the spatial convolution, and those of DEM unless
            ``dem_cfg`` names others. None for none. MMAction2 does not hand its own
            ``norm_cfg`` down: set it in ``conv_cfg``.
        dem: Whether to put DEM in. A unit with t = 1, as in shortcuts, has no temporal
            convolution to help and gets none.
        dem_cfg: Arguments of :class:`DEM` other than its channels and kernel size; with
            a ``type``, those of another module in its place (:class:`Slot`).

    Raises:
        ValueError: An argument is not one of those above.
    """

    transposed = False  # these two are asked for by mmcv's ConvModule
    output_padding = (0, 0, 0)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size3d,
        stride: Size3d = 1,
        padding: Size3d = 0,
        dilation: Size3d = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = 'zeros',
        midplanes: str | int = 'unchanged',
        norm_cfg: dict | None = dict(type='BN3d'),
        dem: bool = True,
        dem_cfg: dict | None = None,
    ) -> None:
        super().__init__()
        if groups != 1:
            raise ValueError(f'DEMConv: groups={groups}, only 1 is supported.')
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = triple('DEMConv', 'kernel_size', kernel_size)
        self.stride = triple('DEMConv', 'stride', stride)
        self.padding = triple('DEMConv', 'padding', padding)
        self.dilation = triple('DEMConv', 'dilation', dilation)
        self.groups = groups
        self.padding_mode = padding_mode

        t, *d = self.kernel_size
        if d[0] != d[1]:
            raise ValueError(
                f'DEMConv: kernel_size={self.kernel_size} must be square in space.'
            )
        slot = Slot(dem_cfg)  # checks the options of units without DEM, too
        slot = slot if dem and t > 1 else None
        self.midplanes = self._count_midplanes(midplanes, slot)

        common = dict(bias=bias, padding_mode=padding_mode)
        self.conv_s = Conv3d(
            in_channels,
            self.midplanes,
            (1, *d),
            stride=(1, *self.stride[1:]),
            padding=(0, *self.padding[1:]),
            dilation=(1, *self.dilation[1:]),
            **common,
        )
        self.bn_s = build_norm(norm_cfg, self.midplanes)
        self.relu = nn.ReLU(inplace=True)
        self.dem = slot.build(self.midplanes, d[0], norm_cfg) if slot else None
        self.conv_t = Conv3d(
            self.midplanes,
            out_channels,
            (t, 1, 1),
            stride=(self.stride[0], 1, 1),
            padding=(self.padding[0], 0, 0),
            dilation=(self.dilation[0], 1, 1),
            **common,
        )
        self.init_weights()

    def _count_midplanes(self, midplanes: str | int, slot: Slot | None) -> int:
        if isinstance(midplanes, int):
            if midplanes < 1:
                raise ValueError(f'DEMConv: midplanes={midplanes} must be at least 1.')
            return midplanes
        channels, (t, d, _) = (self.in_channels, self.out_channels), self.kernel_size
        if midplanes == 'unchanged':
            return unchanged_midplanes(*channels, d)
        if midplanes == 'equivalent':
            return equivalent_midplanes(*channels, t, d, slot)
        raise ValueError(
            f"DEMConv: midplanes='{midplanes}' must be 'unchanged', 'equivalent' or a "
            'number.'
        )

    def init_weights(self) -> None:
        """Kaiming for the convolutions, 1 and 0 for the norm; then that of DEM."""
        for part in (self.conv_s, self.conv_t, self.bn_s):
            init_convs_and_norms(part)
        if self.dem is not None:
            self.dem.init_weights()

    def forward(self, x: Tensor) -> Tensor:
        """(N, Cin, T, H, W) to (N, Cout, T', H', W')."""
        x = self.relu(self.bn_s(self.conv_s(x)))
        if self.dem is not None:
            x = self.dem(x)
        return self.conv_t(x)


def triple(owner: str, name: str, value: Size3d) -> tuple[int, int, int]:
    """Time, height and width of a value that may be one number for all three.

    Args:
        owner: Whose argument it is, for the message.
        name: Name of the argument.
        value: Its value.

    Raises:
        ValueError: It is neither one number nor three.
    """
    values = (value,) * 3 if isinstance(value, int) else tuple(value)
    if len(values) != 3 or not all(isinstance(v, int) for v in values):
        raise ValueError(f'{owner}: {name}={value!r} must be one or three numbers.')
    return values
