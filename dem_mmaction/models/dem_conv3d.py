"""A 3D or temporal convolution with DEM on the features that enter it."""

from mmaction.registry import MODELS
from torch import Tensor

from .checks import at_least
from .conv3d import Conv3d
from .dem_conv import Size3d, triple
from .layers import init_convs_and_norms
from .slot import Slot


@MODELS.register_module()
class DEMConv3d(Conv3d):
    """``nn.Conv3d`` that runs DEM on its input, the form of DEM for networks like R3D.

    ``conv_cfg=dict(type='DEMConv3d')`` puts it into any MMAction2 network built from
    ``ConvModule``: R3D, I3D, CSN, X3D. Its weights are named as those of ``nn.Conv3d``:
    the network's own load, with only ``dem.*`` missing, and DEM starts as the identity.
    DEM comes on top, whatever its convolution costs: in channel-wise networks take
    ``dem_cfg=dict(groups='channelwise')``.

    Args:
        in_channels: Channels of the input, (N, Cin, T, H, W), and of DEM.
        out_channels: Channels of the output, (N, Cout, T', H', W').
        kernel_size: t, d, d; one number for t = d. With DEM, d is odd.
        stride: Steps in time, height and width; one number for all three.
        padding: Padding of time, height and width; one number for all three.
        dilation: Distances of taps in time, height and width; one number for all three.
        groups: Groups of the convolution; DEM has its own, in ``dem_cfg``.
        bias: Whether the convolution has a bias.
        padding_mode: Contents of the padding, as in ``nn.Conv3d``.
        norm_cfg: The norms of DEM unless ``dem_cfg`` names others.
        dem: Whether to put DEM in. A convolution with t = 1 sees no motion and gets
            none.
        dem_cfg: Arguments of :class:`DEM` other than its channels and kernel size; with
            a ``type``, those of another module in its place (:class:`Slot`).
        dem_kernel: The spatial kernel size of DEM. None for d, that of the convolution.
        min_channels: A convolution of fewer input channels gets no DEM: the first one
            of a network takes pixels.

    Raises:
        ValueError: An argument is not one of those above, or d is even.
    """

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
        norm_cfg: dict | None = dict(type='BN3d'),
        dem: bool = True,
        dem_cfg: dict | None = None,
        dem_kernel: int | None = None,
        min_channels: int = 4,
    ) -> None:
        t, *d = triple('DEMConv3d', 'kernel_size', kernel_size)
        at_least(0, 'DEMConv3d: min_channels', min_channels)
        slot = Slot(dem_cfg)  # checks the options of convolutions without DEM, too
        has_dem = dem and t > 1 and in_channels >= min_channels
        d = [dem_kernel] * 2 if dem_kernel is not None else d
        if has_dem and (d[0] != d[1] or d[0] % 2 == 0):
            raise ValueError(
                f'DEMConv3d: kernel_size={kernel_size!r} must be square and odd in '
                'space for DEM; set dem_kernel to another size, or dem=False.'
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
        )
        self.dem = slot.build(in_channels, d[0], norm_cfg) if has_dem else None
        self.init_weights()

    def init_weights(self) -> None:
        """Kaiming for the convolution; then that of DEM."""
        init_convs_and_norms(self)
        if self.dem is not None:
            self.dem.init_weights()

    def forward(self, x: Tensor) -> Tensor:
        """(N, Cin, T, H, W) to (N, Cout, T', H', W')."""
        return super().forward(x if self.dem is None else self.dem(x))
