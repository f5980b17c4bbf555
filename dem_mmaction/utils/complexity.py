"""What a network costs, from its layers alone: nothing is computed."""

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


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
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return parameters, counter.get_total_flops(), shape
