"""Dynamic Equilibrium Module.

Qili Zeng, "Learning Temporal Variations for Action Recognition", MS thesis, Boston
University, 2020, chapter 3.
"""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import constant_init, kaiming_init
from torch import Tensor, nn
from torch.func import functional_call

from .conv3d import Conv3d, conv3d
from .dem_options import NORM_PLACES, check_dem_cfg
from .gates import choose_gate
from .layers import build_activation, build_norm


@MODELS.register_module()
class DEM(nn.Module):
    r"""Steadies the dynamics that a temporal convolution is about to see.

    .. math::
        D_n &= g(f(x_{n-1}, x_n), f(x_n, x_{n+1})) - f(x_{n-1}, x_{n+1}) \qquad (3.2) \\
        y   &= x + \mathrm{scale} \cdot
                \mathrm{BN}(h(\mathrm{fuse}(\mathrm{act}(\mathrm{BN}(D)), x)))

    ``D`` is how far motion over two frames departs from two motions over one frame;
    ``h`` turns it, fused with ``x``, into a compensation signal. ``f`` and ``g`` have
    (2, 1, 1) kernels, ``h`` a (1, d, d) kernel, none a bias. Input and output have the
    shape (N, C, T, H, W), any T of at least 1.

    Nothing nonlinear stands between ``f`` and ``g``, so ``D`` is one convolution over
    three frames, its kernel made of theirs: see :meth:`variation`.

    The thesis fixes (3.2), the three fusions, ReLU-6 and the size of ``h``. The norms,
    the place of the activation and the padding are choices of this project
    (docs/dem.md).

    Args:
        channels: C, the midplanes of the host unit.
        kernel_size: d, the spatial kernel size of the host unit, an odd number.
        fusion: ``'product'`` pixel by pixel, ``'concat'`` of channels, or
            ``'bilinear'``, the low-rank pooling ``u(D) * v(x)`` with 1x1x1
            convolutions ``u``, ``v`` (Kim et al., ICLR 2017).
        act_cfg: The activation. ReLU-6 by default: the thesis saw ReLU overflow in
            fp16 (section 4.1.2). None for none.
        act_place: What the activation acts on: ``'variation'``, which is D;
            ``'compensation'``; or ``'sum'``, which is y and then no identity at the
            start where x is below 0 or above 6.
        norm_cfg: The norms. None for none.
        norm_places: What the norms act on: ``'variation'``, ``'compensation'`` or both.
        padding_mode: Contents of the frames before the first and after the last one:
            ``'zeros'``, ``'replicate'`` (the frame beside it) or ``'circular'`` (the
            frame at the other end).
        zero_init: Start ``scale``, which has one factor a channel, at 0: the module
            starts as the exact identity.
        init_scale: Value at which ``scale`` starts without ``zero_init``.

    Raises:
        ValueError: An argument is not one of those above.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int = 3,
        fusion: str = 'product',
        act_cfg: dict | None = dict(type='ReLU6'),
        act_place: str = 'variation',
        norm_cfg: dict | None = dict(type='BN3d'),
        norm_places: Sequence[str] = NORM_PLACES,
        padding_mode: str = 'zeros',
        zero_init: bool = True,
        init_scale: float = 1.0,
    ) -> None:
        super().__init__()
        if not isinstance(channels, int) or channels < 1:
            raise ValueError(f'DEM: channels={channels} must be an integer from 1 on.')
        if not isinstance(kernel_size, int) or kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f'DEM: kernel_size={kernel_size} must be an odd integer, so that the '
                'compensation has the size of the input.'
            )
        check_dem_cfg(
            dict(
                fusion=fusion,
                act_cfg=act_cfg,
                act_place=act_place,
                norm_cfg=norm_cfg,
                norm_places=norm_places,
                padding_mode=padding_mode,
                init_scale=init_scale,
            )
        )
        self.channels = channels
        self.fusion = fusion
        self.padding_mode = padding_mode
        self.init_scale = 0.0 if zero_init else float(init_scale)

        def norm_at(place: str) -> nn.Module:
            return build_norm(norm_cfg if place in norm_places else None, channels)

        def act_at(place: str) -> nn.Module:
            return build_activation(act_cfg if place == act_place else None)

        self.f = Conv3d(channels, channels, (2, 1, 1), bias=False)
        self.g = Conv3d(channels, channels, (2, 1, 1), bias=False)
        self.norm_d, self.act_d = norm_at('variation'), act_at('variation')
        if fusion == 'bilinear':
            self.u = Conv3d(channels, channels, 1, bias=False)
            self.v = Conv3d(channels, channels, 1, bias=False)
        self.h = Conv3d(
            channels * (2 if fusion == 'concat' else 1),
            channels,
            (1, kernel_size, kernel_size),
            padding=(0, kernel_size // 2, kernel_size // 2),
            bias=False,
        )
        self.norm_h, self.act_h = norm_at('compensation'), act_at('compensation')
        # Not the gamma of norm_h: networks set that of every norm to 1 when they start.
        self.scale = nn.Parameter(torch.empty(channels))
        self.act_y = act_at('sum')
        self._gate = choose_gate(fusion, self.act_d)
        self.init_weights()

    check_options = staticmethod(check_dem_cfg)

    @staticmethod
    def weights(channels: int, kernel_size: int, options: Mapping = {}) -> int:
        """Return the number of convolution weights, the last term of equation 3.5.

        It is ``(4 + d^2) C^2`` for the product, more for other fusions.

        Args:
            channels: C, the midplanes of the host unit.
            kernel_size: d, the spatial kernel size of the host unit.
            options: Further arguments of the module; only ``fusion`` matters.
        """
        area = kernel_size**2
        extra = dict(product=0, concat=area, bilinear=2)
        return (4 + area + extra[options.get('fusion', 'product')]) * channels**2

    def init_weights(self) -> None:
        """Kaiming for the convolutions, 1 and 0 for the norms, ``scale`` as asked."""
        for module in self.children():
            if isinstance(module, nn.Conv3d):
                kaiming_init(module)
        for norm in (self.norm_d, self.norm_h):
            constant_init(norm, 1)
        nn.init.constant_(self.scale, self.init_scale)

    def forward(self, x: Tensor) -> Tensor:
        """Return y of the formula above; same shape and dtype as ``x``."""
        d = self.norm_d(self.variation(x))  # BN(D), D of (3.2)
        fused = self.gate(d, x)  # fuse(act(BN(D)), x)
        compensation = self.scaled_norm_h(self.h(fused))  # scale BN(h(fused))
        return self.act_y(compensation.to(x.dtype).add_(x))

    def gate(self, d: Tensor, x: Tensor) -> Tensor:
        """Fuse act(d) and x, both (N, C, T, H, W), to that shape, 2C for a concat."""
        return self._gate(self, d, x)

    def scaled_norm_h(self, h: Tensor) -> Tensor:
        """``scale * act(BN(h))`` in memory of its own; same shape as ``h``."""
        norm, act = self.norm_h, self.act_h
        affine = dict(norm.named_parameters())
        if (
            isinstance(act, nn.Identity)
            and affine
            and all(p.shape == self.scale.shape for p in affine.values())
        ):
            # The scale goes into the norm's own affine map: no pass over the tensor,
            # and in the backward pass three fewer.
            scaled = {name: p * self.scale for name, p in affine.items()}
            return functional_call(norm, scaled, h)
        return act(norm(h)) * self.scale.to(h.dtype).view(-1, 1, 1, 1)

    def variation(self, x: Tensor) -> Tensor:
        """D of equation 3.2 for every frame; same shape as ``x``.

        Of two exact ways to compute it, the one with fewer products is taken: three
        products per channel pair and pixel once the kernels are composed, or four
        without composing. The plain sequence of ``f``, ``f`` dilated and ``g`` takes
        six.
        """
        composing_pays = x.numel() > 4 * self.channels**2
        return self._composed(x) if composing_pays else self._shared(x)

    def _composed(self, x: Tensor) -> Tensor:
        """One convolution over x_{n-1}, x_n, x_{n+1}, its kernel made of f and g."""
        # In fp32 under autocast, so that the kernel is rounded once, as any weight.
        with torch.autocast(x.device.type, enabled=False):
            kernel = self.kernel()
        if self.padding_mode == 'zeros':  # without a padded copy
            return conv3d(x, kernel, padding=(1, 0, 0))
        return conv3d(self._pad(x), kernel)

    def kernel(self) -> Tensor:
        """Return the kernel of D as one convolution of x, (C, C, 3, 1, 1)."""
        f0, f1 = _taps(self.f)
        g, f = (conv.weight.flatten(2) for conv in (self.g, self.f))
        # All four products of taps at once.
        (g0f0, g0f1), (g1f0, g1f1) = torch.einsum('abi,bcj->ijac', g, f)
        taps = g0f0 - f0, g0f1 + g1f0, g1f1 - f1
        return torch.stack(taps, dim=2)[..., None, None]

    def _shared(self, x: Tensor) -> Tensor:
        """Both f terms from one projection of each frame, as sums of shifted frames."""
        weight = torch.cat(_taps(self.f))[..., None, None, None]
        before, after = self._pad(conv3d(x, weight)).chunk(2, dim=1)
        f_adjacent = before[:, :, :-1] + after[:, :, 1:]  # n-1,n and n,n+1
        f_dilated = before[:, :, :-2] + after[:, :, 2:]  # n-1,n+1
        return self.g(f_adjacent) - f_dilated

    def _pad(self, x: Tensor) -> Tensor:
        """Add one frame at each end of time."""
        mode = 'constant' if self.padding_mode == 'zeros' else self.padding_mode
        return F.pad(x, (0, 0, 0, 0, 1, 1), mode=mode)

    def extra_repr(self) -> str:
        return (
            f'{self.channels}, fusion={self.fusion}, '
            f'padding_mode={self.padding_mode}, init_scale={self.init_scale}'
        )


def _taps(conv: nn.Conv3d) -> tuple[Tensor, Tensor]:
    """The two (C, C) matrices of a (2, 1, 1) kernel."""
    return conv.weight.flatten(2).unbind(2)
