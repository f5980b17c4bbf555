"""The least time that the convolutions of a step can take on this machine."""
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class Rates:
    """What the machine does at best: a large matrix product, a large copy.

    Args:
        device: Where.
        dtype: Of the matrices.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        side = 8192 if device.type == 'cuda' else 2048
        a, b = torch.randn(2, side, side, device=device).to(dtype)
        self.flops = 2 * side**3 / _least_seconds(lambda: torch.mm(a, b), device)
        source = torch.randn(2**28 if device.type == 'cuda' else 2**24, device=device)
        target = torch.empty_like(source)
        moved = 2 * source.numel() * source.element_size()
        self.bytes = moved / _least_seconds(lambda: target.copy_(source), device)

    def __str__(self) -> str:
        return (f'matrix product {self.flops / 1e9:,.0f} GFLOP/s, copy '
                f'{self.bytes / 1e9:,.0f} GB/s')


def _least_seconds(work: Callable, device: torch.device) -> float:
    least = float('inf')
    for _ in range(10):
        start = time.perf_counter()
        work()
        if device.type == 'cuda':
            torch.cuda.synchronize()
        least = min(least, time.perf_counter() - start)
    return least


class Convolutions(TorchDispatchMode):
    """Notes operations and bytes of every convolution called, backward ones too.

    Bytes are the fewest: both operands read once, the result written once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.works: list[tuple[int, int]] = []

    def __torch_dispatch__(self, func: Callable, types: object, args: tuple = (),
                           kwargs: dict | None = None) -> object:
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.convolution.default:
            self._note(result, args[0], args[1])
        elif func is torch.ops.aten.convolution_backward.default:
            grad, x, weight = args[:3]
            for asked in result[:2]:  # gradients of the input, of the weight
                if asked is not None:
                    self._note(grad, x, weight)
        return result

    def _note(self, output: Tensor, x: Tensor, weight: Tensor) -> None:
        operations = 2 * output.numel() * weight[0].numel()
        moved = sum(t.numel() * t.element_size() for t in (output, x, weight))
        self.works.append((operations, moved))

    @property
    def operations(self) -> int:
        """Floating-point operations, two a product and sum."""
        return sum(operations for operations, _ in self.works)

    def seconds(self, rates: Rates) -> float:
        """Each convolution as long as its operations or its bytes take, no less."""
        return sum(max(operations / rates.flops, moved / rates.bytes)
                   for operations, moved in self.works)
