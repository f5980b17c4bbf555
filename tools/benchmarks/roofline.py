"""The least time that the convolutions of a step can take on this device."""

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class Rates:
    """The most operations and bytes a second that a device was seen to do.

    Operations are those of a large matrix product or of a large 3x3 convolution,
    whichever is faster: on some processors the two differ threefold.

    Args:
        device: Device to measure.
        dtype: Type of the operands.
    """

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        self.device, self.dtype = device, dtype
        self.flops = self.bytes = 0.0
        self.measure()

    def measure(self) -> None:
        """Measure once more; the best counts, so that other load matters less."""
        gpu = self.device.type == 'cuda'
        side, clips = (8192, 64) if gpu else (2048, 4)
        a, b = torch.randn(2, side, side, device=self.device).to(self.dtype)
        x, weight = (
            torch.randn(shape, device=self.device).to(
                self.dtype, memory_format=torch.channels_last
            )
            for shape in ((clips, 256, 28, 28), (256, 256, 3, 3))
        )
        source = torch.randn(2**28 if gpu else 2**24, device=self.device)
        target = torch.empty_like(source)
        self.flops = max(
            self.flops,
            2 * side**3 / self._seconds(lambda: torch.mm(a, b)),
            2
            * x.numel()
            * weight[0].numel()
            / self._seconds(lambda: F.conv2d(x, weight, padding=1)),
        )
        self.bytes = max(
            self.bytes,
            2
            * source.numel()
            * source.element_size()
            / self._seconds(lambda: target.copy_(source)),
        )

    def _seconds(self, work: Callable) -> float:
        least = float('inf')
        for _ in range(20):
            start = time.perf_counter()
            work()
            if self.device.type == 'cuda':
                torch.cuda.synchronize()
            least = min(least, time.perf_counter() - start)
        return least

    def __str__(self) -> str:
        return (
            f'at best {self.flops / 1e9:,.0f} GFLOP/s, copies '
            f'{self.bytes / 1e9:,.0f} GB/s'
        )


class Convolutions(TorchDispatchMode):
    """Notes operations and bytes of every convolution, those of gradients included.

    Bytes are the fewest possible: operands are read once, results written once. Batched
    matrix products count, too: the gradients of temporal kernels are such.
    """

    def __init__(self) -> None:
        super().__init__()
        self.works: list[tuple[int, int]] = []

    def __torch_dispatch__(
        self,
        func: Callable,
        types: object,
        args: tuple = (),
        kwargs: dict | None = None,
    ) -> object:
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.convolution.default:
            self._note(result.numel() * args[1][0].numel(), result, *args[:2])
        elif func is torch.ops.aten.convolution_backward.default:
            grad, x, weight = args[:3]
            for asked in result[:2]:  # gradients of the input, of the weight
                if asked is not None:
                    self._note(grad.numel() * weight[0].numel(), grad, x, weight)
        elif func is torch.ops.aten.bmm.default:
            self._note(result.numel() * args[0].shape[2], result, *args)
        return result

    def _note(self, products: int, *tensors: Tensor) -> None:
        moved = sum(t.numel() * t.element_size() for t in tensors)
        self.works.append((2 * products, moved))

    @property
    def operations(self) -> int:
        """Floating-point operations: a product and its addition are two."""
        return sum(operations for operations, _ in self.works)

    def seconds(self, rates: Rates) -> float:
        """Add up the longer of two times of each: for its operations, for its bytes."""
        return sum(
            max(operations / rates.flops, moved / rates.bytes)
            for operations, moved in self.works
        )
