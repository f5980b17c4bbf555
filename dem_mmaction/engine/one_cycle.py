"""The one-cycle schedule for several learning rates."""

from typing import Any

from mmaction.registry import PARAM_SCHEDULERS
from mmengine.optim import BaseOptimWrapper, OneCycleLR
from torch.optim import Optimizer


@PARAM_SCHEDULERS.register_module()
class ProportionalOneCycleLR(OneCycleLR):
    """MMEngine's ``OneCycleLR``, whose peak is in proportion to the rate of a group.

    ``OneCycleLR`` leads every group of parameters to the same ``eta_max`` and so undoes
    ``lr_mult`` of ``paramwise_cfg``, and ``--auto-scale-lr``. Here the peak of a group
    whose rate is m times that of the optimizer is m times ``eta_max``. Where all rates
    are alike, both are the same schedule.

    Args:
        optimizer: The optimizer, or a wrapper of it, with its learning rates.
        *args: As in ``OneCycleLR``.
        eta_max: Peak at the learning rate of the optimizer.
        **kwargs: As in ``OneCycleLR``.

    Raises:
        ValueError: ``eta_max``, or the learning rate of the optimizer, is not positive.
    """

    def __init__(
        self,
        optimizer: Optimizer | BaseOptimWrapper,
        *args: Any,
        eta_max: float,
        **kwargs: Any,
    ) -> None:
        rate = optimizer.defaults['lr']
        for name, value in (('eta_max', eta_max), ("the optimizer's lr", rate)):
            if not value > 0:
                raise ValueError(
                    f'ProportionalOneCycleLR: {name}={value} must be above 0.'
                )
        peaks = [eta_max * group['lr'] / rate for group in optimizer.param_groups]
        super().__init__(optimizer, *args, eta_max=peaks, **kwargs)
