"""What a network costs, from its layers alone: nothing is computed."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode, flop_registry


def costs(module: nn.Module, x: Tensor) -> tuple[int, int, torch.Size]:
    """Count parameters and floating-point operations of an inference.

    Build the module and its input inside ``FakeTensorMode`` and nothing is computed.

    Args:
        module: The network; it is put into eval mode.
        x: Its input.

    Returns:
        The parameters; the operations of convolutions and matrix products, two for each
        multiply-add; and the shape of the output.
    """
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        shape = module.eval()(x).shape
    return _parameters(module), counter.get_total_flops(), shape


@dataclass(frozen=True)
class PartCosts:
    """What a part of a network costs for an input.

    Attributes:
        name: Path of the part in the network, such as ``'backbone.layer1'``.
        parameters: Their number.
        multiply_adds: Of convolutions and matrix products.
        activations: Numbers that these put out (Radosavovic et al., CVPR 2020), which
            tell more of the time on a GPU than the multiply-adds do.
    """

    name: str
    parameters: int
    multiply_adds: int
    activations: int


def costs_of_parts(module: nn.Module, x: Tensor, parts: list[str]) -> list[PartCosts]:
    """Count what each part of a network costs in an inference.

    Build the module and its input inside ``FakeTensorMode`` and nothing is computed.

    Args:
        module: The network; it is put into eval mode.
        x: Its input.
        parts: Paths of submodules. ``''`` is the whole.
    """
    module.eval()
    outputs = dict.fromkeys(flop_registry, _outputs)
    counted = []
    for mapping in ({}, outputs):
        counter = FlopCounterMode(display=False, custom_mapping=mapping)
        with torch.no_grad(), counter:
            module(x)
        counted.append(
            {
                name: sum(operations.values())
                for name, operations in counter.get_flop_counts().items()
            }
        )
    found = []
    for part in parts:
        name = '.'.join([type(module).__name__, *([part] if part else [])])
        operations, activations = (own.get(name, 0) for own in counted)
        own = module.get_submodule(part)
        found.append(PartCosts(part, _parameters(own), operations // 2, activations))
    return found


def _parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _outputs(*args, out_shape: torch.Size, **kwargs) -> int:
    """Count the outputs of an operation where its multiplications are counted."""
    return math.prod(out_shape)
