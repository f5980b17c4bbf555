"""Networks with the layers and the names of torchvision's, of a few channels."""

import torch
from torch import nn

NORM = dict(eps=1e-3)


def conv(channels, out, kernel, stride=(1, 1, 1), **norm):
    """A convolution padded by half of its kernel, a norm and a ReLU."""
    padding = tuple(k // 2 for k in kernel)
    own = nn.Conv3d(channels, out, kernel, stride, padding, bias=False)
    return nn.Sequential(own, nn.BatchNorm3d(out, **norm), nn.ReLU())


def separable(channels, out, k, stride=1):
    return nn.Sequential(
        conv(channels, out, (1, k, k), (1, stride, stride), **NORM),
        conv(out, out, (k, 1, 1), (stride, 1, 1), **NORM),
    )


class Mixed(nn.Module):
    """An Inception block of ``s3d``."""

    def __init__(self, channels, first, mid, out, mid2, out2, last):
        super().__init__()
        one = (1, 1, 1)
        self.branch0 = conv(channels, first, one, **NORM)
        for i, (a, b) in enumerate(((mid, out), (mid2, out2))):
            branch = nn.Sequential(conv(channels, a, one, **NORM), separable(a, b, 3))
            self.add_module(f'branch{i + 1}', branch)
        self.branch3 = nn.Sequential(
            nn.MaxPool3d(3, 1, 1), conv(channels, last, one, **NORM)
        )

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.children()], 1)


class S3D(nn.Module):
    """``s3d`` with a fraction of its channels."""

    def __init__(self, part=4, classes=7):
        super().__init__()

        def mixed(*widths):
            return Mixed(*(width // part for width in widths))

        spatial = nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1))
        c = 64 // part
        self.features = nn.Sequential(
            separable(3, c, 7, 2),
            spatial,
            conv(c, c, (1, 1, 1), **NORM),
            separable(c, 3 * c, 3),
            spatial,
            mixed(192, 64, 96, 128, 16, 32, 32),
            mixed(256, 128, 128, 192, 32, 96, 64),
            nn.MaxPool3d(3, 2, 1),
            mixed(480, 192, 96, 208, 16, 48, 64),
            mixed(512, 160, 112, 224, 24, 64, 64),
            mixed(512, 128, 128, 256, 24, 64, 64),
            mixed(512, 112, 144, 288, 32, 64, 64),
            mixed(528, 256, 160, 320, 32, 128, 128),
            nn.MaxPool3d(2, 2),
            mixed(832, 256, 160, 320, 32, 128, 128),
            mixed(832, 384, 192, 384, 48, 128, 128),
        )
        self.avgpool = nn.AvgPool3d((2, 7, 7), 1)
        self.classifier = nn.Sequential(
            nn.Dropout(0.2), nn.Conv3d(16 * c, classes, 1, bias=True)
        )

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x))).mean((2, 3, 4))


def unit(channels, out, mid, stride=1):
    """A (2+1)D unit of ``r2plus1d_18``."""
    return nn.Sequential(
        *conv(channels, mid, (1, 3, 3), (1, stride, stride)),
        nn.Conv3d(mid, out, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False),
    )


class Block(nn.Module):
    """A residual block of ``r2plus1d_18``."""

    def __init__(self, channels, out, stride):
        super().__init__()
        mid = 27 * channels * out // (9 * channels + 3 * out)
        self.conv1 = nn.Sequential(
            unit(channels, out, mid, stride), nn.BatchNorm3d(out), nn.ReLU()
        )
        self.conv2 = nn.Sequential(unit(out, out, mid), nn.BatchNorm3d(out))
        self.downsample = None
        if stride > 1:
            own = nn.Conv3d(channels, out, 1, stride, bias=False)
            self.downsample = nn.Sequential(own, nn.BatchNorm3d(out))

    def forward(self, x):
        rest = x if self.downsample is None else self.downsample(x)
        return (self.conv2(self.conv1(x)) + rest).relu()


class R2Plus1D(nn.Module):
    """``r2plus1d_18`` with 8 base channels instead of 64, without its classifier."""

    def __init__(self, base=8):
        super().__init__()
        mid = 45 * base // 64
        self.stem = nn.Sequential(
            *conv(3, mid, (1, 7, 7), (1, 2, 2)), *conv(mid, base, (3, 1, 1))
        )
        channels = base
        for k in range(4):
            out = base * 2**k
            blocks = Block(channels, out, 2 if k else 1), Block(out, out, 1)
            self.add_module(f'layer{k + 1}', nn.Sequential(*blocks))
            channels = out

    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x
