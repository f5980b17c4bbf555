"""Norms and activations from configs, with errors that name the value; their start."""

import torch
from mmaction.registry import MODELS
from mmcv.cnn import build_activation_layer, build_norm_layer
from mmengine.model import constant_init, kaiming_init
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

NORMS = 'BN3d, SyncBN, GN, IN3d'
ACTIVATIONS = 'ReLU, ReLU6, LeakyReLU, ELU, GELU, SiLU, Sigmoid, Tanh'


def build_norm(cfg: dict | None, channels: int) -> nn.Module:
    """Build the norm of a config for a number of channels.

    Args:
        cfg: The config. None gives ``nn.Identity``.
        channels: Channels of the input.

    Raises:
        ValueError: The config names no registered norm, or the norm refuses its
            options.
    """
    check_norm(cfg)
    if cfg is None:
        return nn.Identity()
    try:
        return build_norm_layer(dict(cfg), channels)[1]
    except (TypeError, KeyError, AssertionError) as error:
        raise ValueError(
            f'norm_cfg={cfg} does not make a norm of {channels} channels: '
            f'{error or type(error).__name__}.'
        ) from error


def check_norm(cfg: dict | None) -> None:
    """Refuse what :func:`build_norm` refuses, for any number of channels.

    Raises:
        ValueError: The config names no registered norm.
    """
    _check('norm_cfg', cfg, NORMS)


def build_activation(cfg: dict | None) -> nn.Module:
    """Build the activation of a config.

    Args:
        cfg: The config. None gives ``nn.Identity``.

    Raises:
        ValueError: The config names no registered activation.
    """
    _check('act_cfg', cfg, ACTIVATIONS)
    if cfg is None:
        return nn.Identity()
    try:
        return build_activation_layer(dict(cfg))
    except (TypeError, KeyError, AssertionError) as error:
        raise ValueError(
            f'act_cfg={cfg} does not make an activation: '
            f'{error or type(error).__name__}.'
        ) from error


def _check(name: str, cfg: dict | None, known: str) -> None:
    if cfg is None:
        return
    kind = cfg.get('type') if isinstance(cfg, dict) else None
    if not kind or (isinstance(kind, str) and MODELS.get(kind) is None):
        raise ValueError(
            f"{name}={cfg} must be None or a dict with 'type' one of those registered "
            f'with MMAction2, such as {known}.'
        )


def init_convs_and_norms(module: nn.Module) -> None:
    """Initialise all convolutions and norms in a module as the thesis does (4.1.2).

    Convolutions get Kaiming's initialisation (fan out, gain of ReLU) and biases of 0,
    norms weights of 1 and biases of 0. The fan of a grouped convolution is that of one
    group, of which MMEngine's ``kaiming_init`` knows nothing.
    """
    for part in module.modules():
        if isinstance(part, (nn.Conv2d, nn.Conv3d)):
            kaiming_init(part)
            if part.groups > 1:
                with torch.no_grad():
                    part.weight *= part.groups**0.5
        elif isinstance(part, (_NormBase, nn.GroupNorm)):
            constant_init(part, 1)
