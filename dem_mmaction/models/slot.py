"""The place between the two convolutions of a (2+1)D unit, and what may stand there."""

import inspect
from collections.abc import Mapping

import torch
from mmaction.registry import MODELS
from torch import nn

from .checks import one_of
from .dem import DEM


class Slot:
    """A kind of module between the spatial and the temporal convolution, with options.

    :class:`DEM` stands there unless the config has another ``type``. Any module that is
    registered with MMAction2's ``MODELS`` may, if it follows this protocol:

    - ``Module(channels, kernel_size=d, norm_cfg=..., **options)`` builds it, with d the
      spatial kernel size of the unit and the norm of the network;
    - it keeps the shape (N, C, T, H, W), for any T of at least 1;
    - ``init_weights()`` initialises all of it, whatever was done to it before;
    - ``weights(channels, kernel_size, options)``, a static or class method, returns the
      exact number of its convolution weights, which never falls as channels are added.
      The midplanes are counted with it.

    It may also have, as static or class methods,

    - ``check_options(options)``, which raises a ``ValueError`` for a wrong value before
      anything is built;
    - ``multiple_of(options)``, a number that its channels must be a multiple of.

    Args:
        cfg: ``type``, a registered name or a class, and the module's options: the
            arguments other than ``channels`` and ``kernel_size``. None is DEM as in the
            thesis.

    Raises:
        ValueError: The type is not registered or does not follow the protocol, it has
            no such option, or it refuses a value.
    """

    def __init__(self, cfg: Mapping | None = None) -> None:
        if not isinstance(cfg, Mapping | None):
            raise ValueError(
                f'dem_cfg={cfg!r} must be None or a dict of options, such as '
                "dict(fusion='concat')."
            )
        self.options = dict(cfg or {})
        self.module = _module(self.options.pop('type', DEM))
        parameters = inspect.signature(self.module).parameters.values()
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            names = [p.name for p in parameters]
            for name in self.options:
                one_of(
                    f'{self.name}: option',
                    name,
                    [n for n in names if n not in ('channels', 'kernel_size')],
                )
        if hasattr(self.module, 'check_options'):
            self.module.check_options(self.options)

    @property
    def name(self) -> str:
        """The name of the module's class."""
        return self.module.__name__

    @property
    def multiple_of(self) -> int:
        """What the module's channels must be a multiple of; 1 if all numbers do."""
        if not hasattr(self.module, 'multiple_of'):
            return 1
        return self.module.multiple_of(self.options)

    def weights(self, channels: int, kernel_size: int) -> int:
        """Return the number of the module's convolution weights.

        Args:
            channels: C, the midplanes of the unit.
            kernel_size: d, the spatial kernel size of the unit.
        """
        return self.module.weights(channels, kernel_size, self.options)

    def build(
        self, channels: int, kernel_size: int, norm_cfg: dict | None
    ) -> nn.Module:
        """Build the module.

        Args:
            channels: C, the midplanes of the unit.
            kernel_size: d, the spatial kernel size of the unit.
            norm_cfg: The norm of the unit, unless the options name another.
        """
        options = {'norm_cfg': norm_cfg, **self.options}
        return self.module(channels, kernel_size=kernel_size, **options)


def _module(kind: str | type) -> type:
    """Find the class of a type and check that it follows the protocol."""
    module = MODELS.get(kind) if kind and isinstance(kind, str) else kind
    if not (inspect.isclass(module) and issubclass(module, nn.Module)):
        raise ValueError(
            f'dem_cfg: type={kind!r} must be a module registered with MMAction2, such '
            "as 'DEM'; custom_imports of the config names the files that register more."
        )
    missing = [
        name
        for name in ('init_weights', 'weights')
        if not callable(getattr(module, name, None))
    ]
    if missing:
        raise ValueError(
            f'dem_cfg: type={kind!r} has no {", ".join(missing)}; a module between the '
            'convolutions follows the protocol of dem_mmaction.models.Slot.'
        )
    return module


def draw_as_ever(slot: Slot) -> None:
    """Draw the random numbers of a DEM of one channel.

    Earlier versions built one to check ``dem_cfg``. Without these draws a seed would
    give other weights than it gave then, and no published training could be repeated.
    """
    if slot.module is not DEM:
        return
    taps = dict(product=(9,), concat=(18,), bilinear=(1, 1, 9))
    sizes = (2, 2, *taps[slot.options.get('fusion', 'product')])
    for draw in (torch.rand, torch.randn):  # nn.Conv3d starts, then Kaiming
        for size in sizes:
            draw(size)
