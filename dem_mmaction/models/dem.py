"""Dynamic Equilibrium Module.

Qili Zeng, "Learning Temporal Variations for Action Recognition", MS thesis, Boston
University, 2020, chapter 3.
"""

from collections.abc import Sequence

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn
from torch.func import functional_call

from . import dem_options
from .checks import at_least
from .conv3d import Conv3d
from .dem_options import CHANNELWISE, NORM_PLACES
from .gates import choose_gate
from .layers import build_activation, build_norm, init_convs_and_norms
from .recording import is_recorded
from .variation import compose, variation


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
    (docs/dem.md). ``groups`` and ``reduction`` make cheaper forms of it.

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
        groups: Groups of channels in ``f``, ``g`` and ``h``: an integer, or
            ``'channelwise'`` for as many as there are channels. ``u`` and ``v`` of
            bilinear pooling see all channels.
        reduction: r. With more than 1, a 1x1x1 convolution ``reduce`` to C / r channels
            (rounded down to a multiple of ``groups``) stands before all of the above
            and another, ``expand``, between ``h`` and its norm: D, its fusion, which is
            with the reduced x, and ``h`` all have C / r channels; the sum has C.

    Raises:
        ValueError: An argument is not one of those above, or ``groups`` does not divide
            the channels.
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
        groups: int | str = 1,
        reduction: int = 1,
    ) -> None:
        super().__init__()
        at_least(1, 'DEM: channels', channels)
        if not isinstance(kernel_size, int) or kernel_size < 1 or kernel_size % 2 == 0:
            raise ValueError(
                f'DEM: kernel_size={kernel_size} must be an odd integer, so that the '
                'compensation has the size of the input.'
            )
        dem_options.check_dem_cfg(
            dict(
                fusion=fusion,
                act_cfg=act_cfg,
                act_place=act_place,
                norm_cfg=norm_cfg,
                norm_places=norm_places,
                padding_mode=padding_mode,
                init_scale=init_scale,
                groups=groups,
                reduction=reduction,
            )
        )
        reduced = dem_options.reduced_channels(
            channels, dict(groups=groups, reduction=reduction)
        )
        if groups != CHANNELWISE and reduced % groups:
            raise ValueError(
                f'DEM: groups={groups} must divide its {channels} channels, the '
                f"midplanes of the unit; use another number or '{CHANNELWISE}'."
            )
        self.channels = channels
        self.groups = reduced if groups == CHANNELWISE else groups
        self.fusion = fusion
        self.padding_mode = padding_mode
        self.init_scale = 0.0 if zero_init else float(init_scale)

        def norm_at(place: str, channels: int) -> nn.Module:
            return build_norm(norm_cfg if place in norm_places else None, channels)

        def act_at(place: str) -> nn.Module:
            return build_activation(act_cfg if place == act_place else None)

        def conv(*sizes: int | Sequence[int], **kwargs) -> Conv3d:
            return Conv3d(*sizes, bias=False, **kwargs)

        is_reduced = reduction > 1
        self.reduce = conv(channels, reduced, 1) if is_reduced else nn.Identity()
        self.f = conv(reduced, reduced, (2, 1, 1), groups=self.groups)
        self.g = conv(reduced, reduced, (2, 1, 1), groups=self.groups)
        self.norm_d, self.act_d = norm_at('variation', reduced), act_at('variation')
        if fusion == 'bilinear':
            self.u = conv(reduced, reduced, 1)
            self.v = conv(reduced, reduced, 1)
        self.h = conv(
            reduced * (2 if fusion == 'concat' else 1),
            reduced,
            (1, kernel_size, kernel_size),
            padding=(0, kernel_size // 2, kernel_size // 2),
            groups=self.groups,
        )
        self.expand = conv(reduced, channels, 1) if is_reduced else nn.Identity()
        self.norm_h = norm_at('compensation', channels)
        self.act_h = act_at('compensation')
        # Not the gamma of norm_h: networks set that of every norm to 1 when they start.
        self.scale = nn.Parameter(torch.empty(channels))
        self.act_y = act_at('sum')
        self._gate = choose_gate(fusion, self.act_d)
        self.init_weights()

    # What midplanes are counted with, see Slot.
    check_options = staticmethod(dem_options.check_dem_cfg)
    multiple_of = staticmethod(dem_options.multiple_of)
    weights = staticmethod(dem_options.conv_weights)

    def init_weights(self) -> None:
        """Kaiming for the convolutions, 1 and 0 for the norms, ``scale`` as asked."""
        init_convs_and_norms(self)
        nn.init.constant_(self.scale, self.init_scale)

    def forward(self, x: Tensor) -> Tensor:
        """Return y of the formula above; same shape and dtype as ``x``."""
        z = self.reduce(x)  # x itself but for a reduction
        d = self.norm_d(self.variation(z))  # BN(D), D of (3.2)
        fused = self.gate(d, z)  # fuse(act(BN(D)), x)
        compensation = self.scaled_norm_h(self.expand(self.h(fused)))
        return self.act_y(compensation.to(x.dtype).add_(x))

    def gate(self, d: Tensor, x: Tensor) -> Tensor:
        """Fuse act(d) and x, both (N, C, T, H, W), to that shape, 2C for a concat."""
        return self._gate(self, d, x)

    def scaled_norm_h(self, h: Tensor) -> Tensor:
        """``scale * act(BN(h))`` in memory of its own; same shape as ``h``."""
        norm, act = self.norm_h, self.act_h
        affine = dict(norm.named_parameters())
        if (
            not is_recorded()  # a trace knows no stateless calls
            and isinstance(act, nn.Identity)
            and affine
            and all(p.shape == self.scale.shape for p in affine.values())
        ):
            # The scale goes into the norm's own affine map: no pass over the tensor,
            # and in the backward pass three fewer.
            scaled = {name: p * self.scale for name, p in affine.items()}
            return functional_call(norm, scaled, h)
        return act(norm(h)) * self.scale.to(h.dtype).view(-1, 1, 1, 1)

    def variation(self, x: Tensor) -> Tensor:
        """D of equation 3.2 for every frame; x has the channels of f, D its shape."""
        return variation(x, self.f, self.g, self.padding_mode)

    def kernel(self) -> Tensor:
        """Return the kernel of D as one convolution, (C, C / groups, 3, 1, 1)."""
        return compose(self.f, self.g)

    def extra_repr(self) -> str:
        return (
            f'{self.channels}, fusion={self.fusion}, groups={self.groups}, '
            f'padding_mode={self.padding_mode}, init_scale={self.init_scale}'
        )
