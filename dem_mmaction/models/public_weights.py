"""Public weights of other packages, as checkpoints for configs of this one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from .checkpoints import CLASSIFIERS, adapt_names, as_linear

# What a recognizer calls its backbone and the classifier of its head.
_BACKBONE, _CLASSIFIER = 'backbone.', 'cls_head.fc_cls.'


@dataclass(frozen=True)
class PublicNetwork:
    """A network whose weights are public.

    Attributes:
        name: What its weights are called.
        fits: Whether a state dict is of this network.
        backbone: The config of a backbone that takes its weights.
        dem: Arguments that put DEM into that backbone, where it starts as the identity.
        input: Mean and deviation of the pixels that it was trained on.
        features: Channels that the classifier takes.
        remark: What is not as in the original, if anything.
    """

    name: str
    fits: Callable[[Mapping[str, Tensor]], bool]
    backbone: dict[str, Any]
    dem: dict[str, Any] = field(default_factory=dict)
    input: dict[str, Any] = field(default_factory=dict)
    features: int = 512
    remark: str = ''


def _depth_of_kernel(name: str, depth: int) -> Callable[[Mapping[str, Tensor]], bool]:
    def fits(weights: Mapping[str, Tensor]) -> bool:
        return name in weights and weights[name].shape[2] == depth

    return fits


# torchvision divides pixels by 255 first.
_KINETICS_OF_TORCHVISION = dict(
    mean=[110.2, 100.64, 95.997], std=[58.148, 56.47, 55.332]
)
_KINETICS_OF_MMACTION2 = dict(
    mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]
)

NETWORKS = (
    PublicNetwork(
        "torchvision's r2plus1d_18",
        lambda weights: 'stem.3.weight' in weights,
        dict(type='R2Plus1DDEM', depth=18, midplanes='torchvision', dem_stages=[]),
        dict(dem_stages=['conv2_x']),
        _KINETICS_OF_TORCHVISION,
    ),
    PublicNetwork(
        "torchvision's r3d_18",
        _depth_of_kernel('layer2.0.conv1.0.weight', 3),
        dict(type='R2Plus1DDEM', depth=18, unit='3d'),
        input=_KINETICS_OF_TORCHVISION,
    ),
    PublicNetwork(
        "torchvision's mc3_18",
        _depth_of_kernel('layer2.0.conv1.0.weight', 1),
        dict(type='R2Plus1DDEM', depth=18, unit='3d'),
        input=_KINETICS_OF_TORCHVISION,
        remark=(
            'Its spatial convolutions become 3D ones that see one frame until they are '
            'trained further. Those of this package have strides in time: their '
            'features are those of mc3_18 at every eighth frame.'
        ),
    ),
    PublicNetwork(
        "torchvision's s3d",
        lambda weights: 'features.0.0.0.weight' in weights,
        dict(type='S3DDEM', dem_stages=[]),
        dict(dem_stages=['conv2_x'], midplanes='unchanged'),
        _KINETICS_OF_TORCHVISION,
        features=1024,
        remark=(
            'It averages the scores of windows of 2x7x7 of its last map, the head here '
            'those of the whole map: the same for clips of 16x224x224.'
        ),
    ),
    PublicNetwork(
        "MMAction2's R(2+1)D-34",
        lambda weights: f'{_BACKBONE}layer2.0.downsample.conv.conv_s.weight' in weights,
        dict(
            type='ResNet3d',
            depth=34,
            pretrained=None,
            pretrained2d=False,
            norm_eval=False,
            norm_cfg=dict(type='BN3d', eps=1e-3),
            conv_cfg=dict(type='DEMConv', dem=False),
            conv1_kernel=(3, 7, 7),
            conv1_stride_t=1,
            pool1_stride_t=1,
            with_pool2=False,
            inflate=(1, 1, 1, 1),
            spatial_strides=(1, 2, 2, 2),
            temporal_strides=(1, 2, 2, 2),
            zero_init_residual=False,
        ),
        dict(conv_cfg=dict(type='DEMConv')),
        _KINETICS_OF_MMACTION2,
        remark=(
            "MMAction2's ResNet3d with DEMConv is the same network; R2Plus1DDEM has no "
            'pooling and other shortcuts.'
        ),
    ),
)


def find_network(weights: Mapping[str, Tensor]) -> PublicNetwork:
    """Tell which network weights are of.

    Args:
        weights: Tensors by name.

    Raises:
        ValueError: None of ``NETWORKS``; names what there is.
    """
    for network in NETWORKS:
        if network.fits(weights):
            return network
    first = ', '.join(f"'{name}'" for name in list(weights)[:3]) or 'nothing'
    raise ValueError(
        f'These are the weights of none of {", ".join(own.name for own in NETWORKS)}: '
        f'they have {first}.'
    )


def convert(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Name public weights as a recognizer of this package does.

    Args:
        weights: Tensors by name, of one of ``NETWORKS``.

    Returns:
        The weights of the backbone, and of the classifier where there is one.

    Raises:
        ValueError: See :func:`find_network`.
    """
    find_network(weights)
    converted = dict(weights)
    adapt_names(converted, _BACKBONE)
    for name in ('weight', 'bias'):
        for theirs in CLASSIFIERS:
            if theirs + name in converted:
                tensor = converted.pop(theirs + name)
                converted[_CLASSIFIER + name] = as_linear(tensor)
    for name, tensor in converted.items():
        if tensor.ndim == 5 and _is_flat(name, tensor):
            converted[name] = nn.functional.pad(tensor, (0, 0, 0, 0, 1, 1))
    return converted


def _is_flat(name: str, tensor: Tensor) -> bool:
    """Whether a kernel of mc3_18 has no extent in time where r3d_18 has one."""
    return name.endswith('.conv.weight') and tensor.shape[2:] == (1, 3, 3)
