"""Gates of DEM: the activation of D and its fusion with x.

The thesis names three fusions (section 3.2) and uses the product.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .recording import is_recorded
from .relu6_product import ReLU6Product

Gate = Callable[[nn.Module, Tensor, Tensor], Tensor]


def product(dem: nn.Module, d: Tensor, x: Tensor) -> Tensor:
    """``act(d) * x``, pixel by pixel."""
    return dem.act_d(d) * x


def relu6_product(dem: nn.Module, d: Tensor, x: Tensor) -> Tensor:
    """:func:`product` with ReLU-6 as activation: the same, with less memory kept."""
    # Under autocast a norm may leave x in fp32 and D in fp16. What is recorded takes
    # operators alone, and has no backward pass to save memory for.
    if d.dtype != x.dtype or is_recorded():
        return product(dem, d, x)
    return ReLU6Product.apply(d, x)


def concat(dem: nn.Module, d: Tensor, x: Tensor) -> Tensor:
    """Channels of ``act(d)``, then those of ``x``, in each group."""
    d = dem.act_d(d)
    if dem.groups == 1:
        return torch.cat((d, x), dim=1)
    groups = (tensor.unflatten(1, (dem.groups, -1)) for tensor in (d, x))
    return torch.cat(tuple(groups), dim=2).flatten(1, 2)


def bilinear(dem: nn.Module, d: Tensor, x: Tensor) -> Tensor:
    """``u(act(d)) * v(x)``, the low-rank pooling of Kim et al., ICLR 2017."""
    return dem.u(dem.act_d(d)) * dem.v(x)


FUSIONS: dict[str, Gate] = dict(product=product, concat=concat, bilinear=bilinear)


def choose_gate(fusion: str, act: nn.Module) -> Gate:
    """The fastest gate of a fusion and an activation.

    Args:
        fusion: One of ``FUSIONS``.
        act: The activation of D.

    Returns:
        A function of the module (which has ``act_d``, for a concatenation ``groups``,
        and for bilinear pooling ``u`` and ``v``), d and x, both (N, C, T, H, W). Its
        result has that shape, but 2C channels for ``'concat'``.
    """
    if fusion == 'product' and type(act) is nn.ReLU6:
        return relu6_product
    return FUSIONS[fusion]
