"""Another backbone in a config of MMAction2, and what has to change with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmaction.registry import MODELS
from mmengine.config import Config

from .hosts import HOSTS

#: The configs of the backbones, by their names.
BACKBONES: dict[str, dict[str, Any]] = {
    name: host.config(dem)
    for host in HOSTS.values()
    for name, dem in ((host.name, False), (host.with_dem, True))
}
# What any head of MMAction2 takes, and this one.
_HEAD = 'I3DHead'
_KEPT_OF_HEADS = (
    'num_classes',
    'dropout_ratio',
    'average_clips',
    'label_smooth_eps',
    'loss_cls',
    'multi_class',
    'topk',
)


@dataclass(frozen=True)
class Swap:
    """A config with another backbone.

    Attributes:
        base: The config that it starts from, as ``_base_`` names it.
        changes: What the new config sets.
        reasons: Why, a line for each thing that changes.
    """

    base: str
    changes: dict[str, Any]
    reasons: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The config as a Python file."""
        changes = Config(self.changes).pretty_text
        return f'_base_ = {self.base!r}\n{changes}'


def backbone_cfg(name: str, **options: Any) -> dict[str, Any]:
    """The config of a backbone by its name.

    Args:
        name: One of ``BACKBONES``, such as ``'r2p1d_dem_18'``.
        **options: Further arguments of the backbone.

    Raises:
        ValueError: There is no such backbone; names those there are.
    """
    if name not in BACKBONES:
        raise ValueError(f"No backbone '{name}'; there are {', '.join(BACKBONES)}.")
    return {**BACKBONES[name], **options}


def read_base(base: str) -> Config:
    """Read a config of a file, or of an installed package as ``'mmaction::...'``.

    Raises:
        FileNotFoundError: There is none.
    """
    if '::' in base:
        return Config.fromstring(f'_base_ = {base!r}\n', '.py')
    if not Path(base).is_file():
        raise FileNotFoundError(f"No config '{base}'.")
    return Config.fromfile(base)


def swap_backbone(base: str, backbone: Mapping[str, Any]) -> Swap:
    """Give a config of a 3D recognizer another backbone, and what that needs.

    Args:
        base: The config: a file, or ``'mmaction::...'``.
        backbone: The config of the backbone, see :func:`backbone_cfg`.

    Returns:
        The new config, which inherits the rest: data, schedule, evaluation.

    Raises:
        FileNotFoundError: There is no such config.
        ValueError: Its model is none that could have this backbone; says why.
    """
    config = read_base(base)
    model = config.get('model')
    if not model or 'backbone' not in model or 'cls_head' not in model:
        raise ValueError(f"'{base}' has no model with a backbone and a cls_head.")
    if model.type != 'Recognizer3D':
        raise ValueError(
            f"'{base}' is of a {model.type}: its backbone does not get clips of one "
            'kind of frames, (N, C, T, H, W), which those of this package need. Take '
            'a config of a Recognizer3D.'
        )
    reasons = []
    own = dict(backbone)
    channels = model.backbone.get('in_channels', 3)
    if channels != own.get('in_channels', 3):
        own['in_channels'] = channels
        reasons.append(f'in_channels={channels}: as many as its clips have.')
    changes = dict(
        custom_imports=_imports(config),
        model=dict(
            backbone=dict(_delete_=True, **own),
            **_neck(model, reasons),
            **_head(model, _features(own), reasons),
        ),
        **_weights(config, reasons),
        **_optimizer(config, reasons),
    )
    return Swap(base, changes, reasons)


def _features(backbone: Mapping[str, Any]) -> int:
    """Channels that a backbone of this package returns."""
    return MODELS.get(backbone['type']).features(backbone.get('base_channels', 64))


def _imports(config: Config) -> dict[str, Any]:
    before = config.get('custom_imports') or {}
    imports = [own for own in before.get('imports', []) if own != 'dem_mmaction']
    return dict(before, imports=[*imports, 'dem_mmaction'])


def _neck(model: Config, reasons: list[str]) -> dict[str, Any]:
    if not model.get('neck'):
        return {}
    reasons.append(
        f'neck=None: {model.neck.type} takes features of several stages of '
        f'{model.backbone.type}.'
    )
    return dict(neck=None)


def _head(model: Config, channels: int, reasons: list[str]) -> dict[str, Any]:
    head = model.cls_head
    if head.type not in (_HEAD, 'ClipVideoHead'):
        kept = {key: head[key] for key in _KEPT_OF_HEADS if key in head}
        reasons.append(
            f'cls_head is {_HEAD}: {head.type} takes what {model.backbone.type} '
            'returns, and not one feature map.'
        )
        return dict(
            cls_head=dict(_delete_=True, type=_HEAD, in_channels=channels, **kept)
        )
    changes = {}
    if head.in_channels != channels:
        changes['in_channels'] = channels
        reasons.append(f'in_channels={channels} of the head: what it gets.')
    if head.get('spatial_type', 'avg') != 'avg':
        changes['spatial_type'] = 'avg'
        reasons.append(
            "spatial_type='avg': the backbone returns a feature map, which "
            f'{model.backbone.type} does not.'
        )
    return dict(cls_head=changes) if changes else {}


def _weights(config: Config, reasons: list[str]) -> dict[str, Any]:
    if not config.get('load_from'):
        return {}
    reasons.append(f'load_from=None: it names weights of {config.model.backbone.type}.')
    return dict(load_from=None)


def _optimizer(config: Config, reasons: list[str]) -> dict[str, Any]:
    wrapper = config.get('optim_wrapper') or {}
    constructor = wrapper.get('constructor')
    if constructor in (None, 'DefaultOptimWrapperConstructor'):
        return {}
    kept = {
        key: value
        for key, value in wrapper.items()
        if key not in ('constructor', 'paramwise_cfg')
    }
    reasons.append(
        f'optim_wrapper without {constructor}: it sets learning rates by the layers of '
        f'{config.model.backbone.type}.'
    )
    return dict(optim_wrapper=dict(_delete_=True, **kept))
