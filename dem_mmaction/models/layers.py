"""Norms and activations from configs, with errors that name the value."""

from mmaction.registry import MODELS
from mmcv.cnn import build_activation_layer, build_norm_layer
from torch import nn

NORMS = 'BN3d, SyncBN, GN, IN3d'
ACTIVATIONS = 'ReLU, ReLU6, LeakyReLU, ELU, GELU, SiLU, Sigmoid, Tanh'


def build_norm(cfg: dict | None, channels: int) -> nn.Module:
    """The norm of a config for a number of channels; None gives ``nn.Identity``.

    Raises:
        ValueError: The config names no registered norm.
    """
    if cfg is None:
        return nn.Identity()
    _check('norm_cfg', cfg, NORMS)
    return build_norm_layer(dict(cfg), channels)[1]


def build_activation(cfg: dict | None) -> nn.Module:
    """The activation of a config; None gives ``nn.Identity``.

    Raises:
        ValueError: The config names no registered activation.
    """
    if cfg is None:
        return nn.Identity()
    _check('act_cfg', cfg, ACTIVATIONS)
    return build_activation_layer(dict(cfg))


def _check(name: str, cfg: dict, known: str) -> None:
    kind = cfg.get('type') if isinstance(cfg, dict) else None
    if kind is None or (isinstance(kind, str) and MODELS.get(kind) is None):
        raise ValueError(
            f"{name}={cfg} must be None or a dict with 'type' one of those registered "
            f'with MMAction2, such as {known}.'
        )
