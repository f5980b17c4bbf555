"""The networks that the benchmarks compare, each with a classifier, and their works."""

import importlib.util
from functools import partial

import torch
from mmaction.registry import MODELS
from references import kept_for_backward, reference_dem
from torch import Tensor, nn

from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.models.midplanes import STAGES

WITHOUT, EVERYWHERE = 'R(2+1)D-18', 'DEM everywhere'
PLAIN, PEER, TORCHVISION = 'straightforward DEM', 'MMAction2', 'torchvision'
NETWORKS = (
    WITHOUT,
    *(f'DEM in {stage}' for stage in STAGES),
    EVERYWHERE,
    PLAIN,
    PEER,
    TORCHVISION,
)


def build(name: str) -> nn.Module:
    """Build a network of ``NETWORKS`` with 400 classes.

    ``straightforward DEM`` is DEM everywhere, computed step by step as equation 3.2 and
    Figure 3.2 have it, on contiguous memory. ``MMAction2`` is its ``ResNet2Plus1d`` of
    depth 18 without the second spatial stride of 2 before conv2_x, which R(2+1)D does
    not have.

    Returns:
        The network, from (N, 3, T, H, W) to (N, 400).
    """
    torch.manual_seed(0)
    if name == TORCHVISION:
        from torchvision.models.video import r2plus1d_18

        return r2plus1d_18()
    if name == PEER:
        backbone = MODELS.build(
            dict(
                type='ResNet2Plus1d',
                depth=18,
                pretrained=None,
                pretrained2d=False,
                norm_eval=False,
                conv_cfg=dict(type='Conv2plus1d'),
                norm_cfg=dict(type='BN3d', eps=1e-3),
                conv1_kernel=(3, 7, 7),
                conv1_stride_t=1,
                pool1_stride_t=1,
                pool1_stride_s=1,
                inflate=(1, 1, 1, 1),
                spatial_strides=(1, 2, 2, 2),
                temporal_strides=(1, 2, 2, 2),
                zero_init_residual=False,
            )
        )
    elif name == PLAIN:
        backbone = R2Plus1DDEM(channels_last=False)
        for dem in backbone.dems():
            dem.forward = partial(reference_dem, dem)
    else:
        stages = {WITHOUT: [], EVERYWHERE: None}
        backbone = R2Plus1DDEM(
            dem_stages=stages[name] if name in stages else [name.split()[-1]]
        )
    backbone.init_weights()
    return classified(backbone)


def classified(backbone: nn.Module, channels: int = 512) -> nn.Module:
    """A backbone of so many features with a classifier: from clips to (N, 400)."""
    return nn.Sequential(
        backbone, nn.AdaptiveAvgPool3d(1), nn.Flatten(), nn.Linear(channels, 400)
    )


def available() -> list[str]:
    """Return the names of the networks that can be built here."""
    has_torchvision = importlib.util.find_spec('torchvision') is not None
    return [name for name in NETWORKS if name != TORCHVISION or has_torchvision]


class TrainStep:
    """A forward and a backward pass and a step of SGD, on random clips.

    Args:
        net: The network.
        clips: Clips on the device of the network, (N, 3, T, H, W).
        amp: Whether to use fp16 where it is safe, and a loss scale.
    """

    def __init__(self, net: nn.Module, clips: Tensor, amp: bool) -> None:
        self.net, self.clips, self.amp = net, clips, amp
        self.labels = torch.arange(len(clips), device=clips.device) % 400
        self.optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9)
        self.scaler = torch.amp.GradScaler(clips.device.type, enabled=amp)

    def __call__(self) -> None:
        """Do one step."""
        self.net.train()
        with torch.autocast(self.clips.device.type, torch.float16, self.amp):
            loss = nn.functional.cross_entropy(self.net(self.clips), self.labels)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)

    def memory(self) -> int:
        """Return the bytes that a step takes.

        On a GPU this is the peak beyond weights and optimizer; on a CPU it is what
        autograd keeps for the backward pass.
        """
        if not self.clips.is_cuda:
            return kept_for_backward(
                lambda: self.net.train()(self.clips), but=self.net.parameters()
            )
        self()  # the optimizer has its state now
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        self()
        return torch.cuda.max_memory_allocated() - before


class Inference:
    """The scores of random clips.

    Args:
        net: The network, fused if it can be.
        clips: Clips on the device of the network, (N, 3, T, H, W).
        amp: Whether to use fp16 where it is safe, and a loss scale.
    """

    def __init__(self, net: nn.Module, clips: Tensor, amp: bool) -> None:
        self.net, self.clips, self.amp = net, clips, amp

    @torch.no_grad()
    def __call__(self) -> None:
        """Score the clips."""
        self.net.eval()
        with torch.autocast(self.clips.device.type, torch.float16, self.amp):
            self.net(self.clips)
