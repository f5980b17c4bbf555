"""Weights from elsewhere: rename those of torchvision, refuse those that do not fit."""

import re

from torch import Tensor, nn

# torchvision's name of a part -> ours, inside one convolution unit. With a (2+1)D unit
# the convolution is a sequence of spatial convolution, BN, ReLU, temporal convolution.
_STEM_2PLUS1D = {'0': 'conv.conv_s', '1': 'conv.bn_s', '3': 'conv.conv_t', '4': 'bn'}
_STEM_3D = {'0': 'conv', '1': 'bn'}
_UNIT = {
    '0.0': 'conv.conv_s',
    '0.1': 'conv.bn_s',
    '0.3': 'conv.conv_t',
    '0': 'conv',
    '1': 'bn',
}


def rename_torchvision(state_dict: dict[str, Tensor], prefix: str = '') -> None:
    """Rename the keys of torchvision's ``r2plus1d_18`` and ``r3d_18``, in place.

    A state dict of another origin stays as it is.

    Args:
        state_dict: Tensors by name. It is changed.
        prefix: Beginning of the backbone's names, such as ``'backbone.'``.
    """
    if f'{prefix}stem.0.weight' not in state_dict:
        return
    stem = _STEM_2PLUS1D if f'{prefix}stem.3.weight' in state_dict else _STEM_3D
    units = re.compile(r'(layer\d\.\d+\.(?:conv\d|downsample))\.(\d(?:\.\d)?)\.(\w+)')
    for key in [key for key in state_dict if key.startswith(prefix)]:
        name = key[len(prefix) :]
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


def check_weights(
    module: nn.Module, state_dict: dict[str, Tensor], prefix: str = ''
) -> None:
    """Refuse weights of another network.

    MMEngine would log a mismatch and go on with untrained weights. Weights that are
    missing stay allowed: that is how DEM goes into a network trained without it.

    Args:
        module: The backbone that is about to load.
        state_dict: Tensors by name.
        prefix: Beginning of the backbone's names, such as ``'backbone.'``.

    Raises:
        ValueError: Names the first weight that does not fit, and both shapes.
    """
    for name, parameter in module.named_parameters():
        loaded = state_dict.get(prefix + name)
        if loaded is None or loaded.shape == parameter.shape:
            continue
        if name.endswith('conv_s.weight') and loaded.shape[1:] == parameter.shape[1:]:
            unit = name.removesuffix('.conv_s.weight')
            raise ValueError(
                f"The checkpoint has {loaded.shape[0]} midplanes in '{unit}', the "
                f'network {parameter.shape[0]}. Build the network with the midplanes '
                "and dem_stages of the checkpoint (midplanes='torchvision' for "
                "torchvision's r2plus1d_18, 'unchanged' to add DEM to a network "
                'trained without it).'
            )
        raise ValueError(
            f"The checkpoint has '{name}' of shape {tuple(loaded.shape)}, the network "
            f'of {tuple(parameter.shape)}: it is of another network.'
        )
    is_2plus1d = any('.conv_s.' in name for name, _ in module.named_parameters())
    other = 'conv1.conv.weight' if is_2plus1d else 'conv1.conv.conv_s.weight'
    if prefix + other in state_dict:
        kinds = ('3D', '(2+1)D') if is_2plus1d else ('(2+1)D', '3D')
        raise ValueError(
            f'The checkpoint is of a network with {kinds[0]} units, this one has '
            f"{kinds[1]} units: set unit='{'3d' if is_2plus1d else '2plus1d'}'."
        )
