"""Weights from elsewhere: names that differ, midplanes that do not fit."""
import re

from torch import Tensor, nn

# torchvision's name of a part -> ours, inside one convolution unit. With a (2+1)D unit
# the convolution is a sequence of spatial convolution, BN, ReLU, temporal convolution.
_STEM_2PLUS1D = {'0': 'conv.conv_s', '1': 'conv.bn_s', '3': 'conv.conv_t', '4': 'bn'}
_STEM_3D = {'0': 'conv', '1': 'bn'}
_UNIT = {
    '0.0': 'conv.conv_s', '0.1': 'conv.bn_s', '0.3': 'conv.conv_t', '0': 'conv',
    '1': 'bn'
}


def rename_torchvision(state_dict: dict[str, Tensor], prefix: str = '') -> None:
    """Rename the keys of torchvision's ``r2plus1d_18`` and ``r3d_18``, in place.

    A state dict of another origin stays as it is.

    Args:
        state_dict: Tensors by name.
        prefix: What stands before the names of the backbone, e.g. ``'backbone.'``.
    """
    if f'{prefix}stem.0.weight' not in state_dict:
        return
    stem = _STEM_2PLUS1D if f'{prefix}stem.3.weight' in state_dict else _STEM_3D
    units = re.compile(
        r'(layer\d\.\d+\.(?:conv\d|downsample))\.(\d(?:\.\d)?)\.(\w+)')
    for key in [key for key in state_dict if key.startswith(prefix)]:
        name = key[len(prefix):]
        if name.startswith('stem.'):
            _, part, tensor = name.split('.')
            new = f'conv1.{stem[part]}.{tensor}'
        else:
            match = units.fullmatch(name)
            if match is None:
                continue  # the classifier
            unit, part, tensor = match.groups()
            new = f'{unit}.{_UNIT[part]}.{tensor}'
        state_dict[prefix + new] = state_dict.pop(key)


def check_midplanes(module: nn.Module, state_dict: dict[str, Tensor],
                    prefix: str = '') -> None:
    """Refuse weights of a network with other midplanes.

    MMEngine would log the mismatch and go on with untrained weights.

    Args:
        module: The backbone that is about to load.
        state_dict: Tensors by name.
        prefix: What stands before the names of the backbone.

    Raises:
        ValueError: Names the first unit that does not fit, and both numbers.
    """
    for name, parameter in module.named_parameters():
        loaded = state_dict.get(prefix + name)
        if (name.endswith('conv_s.weight') and loaded is not None
                and loaded.shape[0] != parameter.shape[0]):
            unit = name.removesuffix('.conv_s.weight')
            raise ValueError(
                f"The checkpoint has {loaded.shape[0]} midplanes in '{unit}', the "
                f'network {parameter.shape[0]}. Build the network with the midplanes '
                "and dem_stages of the checkpoint (midplanes='torchvision' for "
                "torchvision's r2plus1d_18, 'unchanged' to add DEM to a network "
                'trained without it).')
