"""Trained networks made ready for inference: norms folded into convolutions."""

import copy

import torch
from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .conv3d import Conv3d
from .dem import DEM
from .dem_conv import DEMConv


def fuse(model: nn.Module) -> nn.Module:
    """Return a copy of a trained model for inference, with fewer passes over the data.

    Every batch norm that follows a convolution of a ``ConvModule`` or :class:`DEMConv`
    is folded into it, and :class:`DEM` becomes a :class:`FusedDEM`. Outputs are the
    same but for rounding. Norms of other kinds stay, as do those of another module in
    the place of DEM that are in no ``ConvModule``. Load the weights before the call.

    Args:
        model: A recognizer, a backbone or any other module; it is not changed.

    Returns:
        The copy, in eval mode; it cannot be trained.
    """
    model = copy.deepcopy(model)
    model.eval()  # which returns nothing in some of MMAction2's networks
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is DEM:
                setattr(module, name, FusedDEM(child))
    for module in list(model.modules()):
        if isinstance(module, DEMConv):
            _fold(module, 'conv_s', module, 'bn_s')
        elif isinstance(module, ConvModule) and module.with_norm:
            if isinstance(module.conv, DEMConv):
                _fold(module.conv, 'conv_t', module, module.norm_name)
            elif isinstance(module.conv, nn.Conv3d):
                _fold(module, 'conv', module, module.norm_name)
    return model.requires_grad_(False)


def _fold(conv_of: nn.Module, conv: str, norm_of: nn.Module, norm: str) -> None:
    """Fold a batch norm into the convolution before it; leave other norms."""
    batch_norm = getattr(norm_of, norm)
    if isinstance(batch_norm, _BatchNorm):
        setattr(conv_of, conv, fuse_conv_bn_eval(getattr(conv_of, conv), batch_norm))
        setattr(norm_of, norm, nn.Identity())


class FusedDEM(nn.Module):
    """:class:`DEM` for inference: D by one convolution, norms and scale folded in.

    Args:
        dem: A trained module in eval mode. It is taken apart: copy one to be kept.
    """

    def __init__(self, dem: DEM) -> None:
        super().__init__()
        self.dem = dem  # for its gate and activations
        channels = dem.f.in_channels
        self.variation = (
            Conv3d(
                channels,
                channels,
                (3, 1, 1),
                padding=(1, 0, 0),
                groups=dem.groups,
                bias=False,
                padding_mode=dem.padding_mode,
            )
            .to(dem.f.weight)
            .eval()
        )
        with torch.no_grad():
            self.variation.weight.copy_(dem.kernel())
        parts = ('reduce', 'norm_d', 'h', 'expand', 'norm_h')
        for name in parts:
            setattr(self, name, getattr(dem, name))
        last = 'h' if isinstance(self.expand, nn.Identity) else 'expand'
        _fold(self, 'variation', self, 'norm_d')
        _fold(self, last, self, 'norm_h')
        self.scaled = isinstance(self.norm_h, nn.Identity) and isinstance(
            dem.act_h, nn.Identity
        )
        if self.scaled:  # nothing stands between the last convolution and the scale
            conv = getattr(self, last)
            with torch.no_grad():
                conv.weight *= dem.scale[:, None, None, None, None]
                if conv.bias is not None:
                    conv.bias *= dem.scale
        for unused in ('f', 'g', *parts):
            setattr(dem, unused, None)

    def forward(self, x: Tensor) -> Tensor:
        """What ``DEM.forward`` returns."""
        z = self.reduce(x)
        d = self.norm_d(self.variation(z))
        h = self.expand(self.h(self.dem.gate(d, z)))
        compensation = self.dem.act_h(self.norm_h(h))
        if self.scaled:
            return self.dem.act_y(compensation.add_(x))
        return self.dem.act_y(
            torch.addcmul(x, self.dem.scale.view(-1, 1, 1, 1), compensation)
        )
