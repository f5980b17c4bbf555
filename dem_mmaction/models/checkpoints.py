"""Weights from elsewhere: their names are adapted, those that do not fit refused.

MMEngine loads by name and only logs what is missing. A checkpoint of which nothing fits
would count as loaded, and a test would print the accuracy of an untrained network.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from itertools import chain

from mmengine.logging import print_log
from torch import Tensor, nn

# What a recognizer calls its backbone.
_BACKBONE = 'backbone.'
# The first names of a backbone: ours, MMAction2's, torchvision's of ResNets and S3D.
_FIRST_NAMES = ('conv1.', 'stem.', 'features.')

#: What torchvision calls a classifier, in ResNets and in S3D.
CLASSIFIERS = ('fc.', 'classifier.1.')

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


# torchvision's ``s3d`` is one sequence of layers, in which poolings count: their place
# in it and ours.
_S3D_LAYERS = {0: 'conv1', 2: 'layer1.0', 3: 'layer1.1'} | {
    place: f'layer{layer}.{block}'
    for layer, places in ((2, (5, 6)), (3, (8, 9, 10, 11, 12)), (4, (14, 15)))
    for block, place in enumerate(places)
}
# A separable convolution is a sequence of two convolutions with their norms.
_S3D_UNIT = {
    '0.0': 'conv.conv_s',
    '0.1': 'conv.bn_s',
    '1.0': 'conv.conv_t',
    '1.1': 'bn',
    '0': 'conv',
    '1': 'bn',
}
_S3D_NAME = re.compile(
    r'features\.(\d+)\.(branch0\.|branch[12]\.[01]\.|branch3\.1\.)?'
    r'(\d(?:\.\d)?)\.(\w+)'
)


def rename_torchvision(state_dict: dict[str, Tensor], prefix: str = '') -> None:
    """Rename the keys of torchvision's ResNets and ``s3d``, in place.

    A state dict of another origin stays as it is.

    Args:
        state_dict: Tensors by name. It is changed.
        prefix: Beginning of the backbone's names, such as ``'backbone.'``.
    """
    if f'{prefix}features.0.0.0.weight' in state_dict:
        _rename_s3d(state_dict, prefix)
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


def as_linear(tensor: Tensor) -> Tensor:
    """The weight or bias of a classifier, which in S3D is a 1x1x1 convolution."""
    return tensor.flatten(1) if tensor.ndim == 5 else tensor


def _rename_s3d(state_dict: dict[str, Tensor], prefix: str) -> None:
    for key in [key for key in state_dict if key.startswith(f'{prefix}features.')]:
        match = _S3D_NAME.fullmatch(key[len(prefix) :])
        if match is None or int(match[1]) not in _S3D_LAYERS:
            continue  # check_weights names what is left over
        place, branch, part, tensor = match.groups()
        new = f'{_S3D_LAYERS[int(place)]}.{branch or ""}{_S3D_UNIT[part]}.{tensor}'
        state_dict[prefix + new] = state_dict.pop(key)


def adapt_names(state_dict: dict[str, Tensor], prefix: str) -> None:
    """Give the tensors of a backbone the names that it has in this model, in place.

    Those of a backbone by itself get the prefix, those of a whole recognizer lose it,
    and those of torchvision become ours.

    Args:
        state_dict: All tensors of the checkpoint by name. It is changed.
        prefix: Beginning of the backbone's names in the model that loads; ``''`` for
            the backbone by itself.
    """
    found = [own for own in (prefix, '', _BACKBONE) if _has_backbone(state_dict, own)]
    if found and found[0] != prefix:
        other = found[0]
        for key in [key for key in state_dict if key.startswith(other)]:
            if _is_of_backbone(key[len(other) :]):
                state_dict[prefix + key[len(other) :]] = state_dict.pop(key)
    rename_torchvision(state_dict, prefix)


def _has_backbone(state_dict: Iterable[str], prefix: str) -> bool:
    starts = tuple(prefix + name for name in _FIRST_NAMES)
    return any(key.startswith(starts) for key in state_dict)


def _is_of_backbone(name: str) -> bool:
    return name.startswith((*_FIRST_NAMES, 'layer'))


def check_weights(
    module: nn.Module, state_dict: Mapping[str, Tensor], prefix: str = ''
) -> None:
    """Refuse weights of another network.

    Weights that are missing stay allowed, if there are any: that is how DEM goes into a
    network trained without it.

    Args:
        module: The backbone that is about to load.
        state_dict: Tensors by name.
        prefix: Beginning of the backbone's names, such as ``'backbone.'``.

    Raises:
        ValueError: Names the first setting or weight that does not fit, and both sizes.
    """
    for key, value in state_dict.items():
        own = key.startswith(prefix) and _is_of_backbone(key[len(prefix) :])
        if own and not isinstance(value, Tensor):
            raise ValueError(
                f"The checkpoint has a {type(value).__name__} as '{key}', which must "
                'be a tensor: it is damaged, or no checkpoint of weights.'
            )
    _check_unit(module, state_dict, prefix)
    _check_sizes(module, state_dict, prefix)
    for name, parameter in chain(module.named_parameters(), module.named_buffers()):
        loaded = state_dict.get(prefix + name)
        if loaded is None or loaded.shape == parameter.shape:
            continue
        raise ValueError(
            f"The checkpoint has '{name}' of shape {tuple(loaded.shape)}, the network "
            f'of {tuple(parameter.shape)}: {_why(name, loaded, parameter)}'
        )


def _why(name: str, loaded: Tensor, own: Tensor) -> str:
    """What a difference of two shapes tells, and the setting that would fit."""
    same = loaded.ndim == own.ndim and loaded.shape[2:] == own.shape[2:]
    if not same or name.startswith('conv1.conv.weight'):
        return 'it is of another network.'
    return (
        'it has other channels inside its units. Build the network with the midplanes '
        "and dem_stages of the checkpoint (midplanes='unchanged' to add DEM to a "
        "network trained without it, 'torchvision' for torchvision's r2plus1d_18)."
    )


def _check_unit(
    module: nn.Module, state_dict: Mapping[str, Tensor], prefix: str
) -> None:
    if not hasattr(module, 'unit'):
        return
    is_2plus1d = module.unit == '2plus1d'
    other = 'conv1.conv.weight' if is_2plus1d else 'conv1.conv.conv_s.weight'
    if prefix + other in state_dict:
        kinds = ('3D', '(2+1)D') if is_2plus1d else ('(2+1)D', '3D')
        raise ValueError(
            f'The checkpoint is of a network with {kinds[0]} units, this one has '
            f"{kinds[1]} units: set unit='{'3d' if is_2plus1d else '2plus1d'}'."
        )


def _check_sizes(
    module: nn.Module, state_dict: Mapping[str, Tensor], prefix: str
) -> None:
    """Name the setting of the whole network that differs, before any single weight."""
    own = dict(module.named_parameters())
    theirs = {
        key[len(prefix) :]: tensor
        for key, tensor in state_dict.items()
        if key.startswith(prefix)
    }
    settings = {}
    first = 'conv1.bn.weight'
    if first in own and first in theirs:
        settings['base_channels'] = len(own[first]), len(theirs[first])
    depths = getattr(module, 'depths', {})
    if _blocks(theirs) in depths:
        settings['depth'] = depths.get(_blocks(own)), depths[_blocks(theirs)]
    for name, (here, there) in settings.items():
        if here != there:
            raise ValueError(
                f'The checkpoint is of a network of {name}={there}, this one has '
                f'{name}={here}: set it to that of the checkpoint.'
            )


def _blocks(names: Iterable[str]) -> int:
    """The number of blocks of a backbone, by the names of its weights."""
    blocks = (re.match(r'layer\d\.\d+\.', name) for name in names)
    return len({block.group() for block in blocks if block})


def check_loaded(
    module: nn.Module, state_dict: Mapping[str, Tensor], prefix: str
) -> None:
    """Refuse a checkpoint of which nothing fits; say so in a line if not all does.

    Args:
        module: The backbone that is about to load.
        state_dict: All tensors of the checkpoint by name.
        prefix: Beginning of the backbone's names in the model that loads.

    Raises:
        ValueError: It has no weight of the backbone; names what it has.
    """
    names = [name for name, _ in module.named_parameters()]
    missing = [name for name in names if prefix + name not in state_dict]
    if len(missing) == len(names):
        found = ', '.join(f"'{key}'" for key in list(state_dict)[:3])
        raise ValueError(
            f'The checkpoint has none of the {len(names)} weights of this network, '
            f"such as '{prefix}{names[0]}'. It has "
            f'{f"{len(state_dict)} others, such as {found}" if found else "no weights"}'
            f': give a checkpoint of {type(module).__name__}, or one of the same '
            'network from MMAction2 or torchvision.'
        )
    if missing:
        dem = sum('.dem.' in name for name in missing)
        kinds = f'{dem} of them of DEM' if dem else 'none of them of DEM'
        if dem == len(missing):
            kinds = 'all of them of DEM, which starts as the identity'
        others = [name for name in missing if '.dem.' not in name]
        if others:
            kinds += f", such as '{others[0]}'"
        print_log(
            f'The checkpoint has {len(names) - len(missing)} of the {len(names)} '
            f'weights of the backbone. {len(missing)} keep their initial values, '
            f'{kinds}.',
            logger='current',
            level=logging.WARNING if others else logging.INFO,
        )
