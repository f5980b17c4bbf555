"""Hooks, a schedule, and the launching of MMAction2's tools."""

from .bad_videos_hook import BadVideosHook, TooManyBadVideosError
from .launch import mmaction_tools, run_mmaction_tool
from .make_up_validation_hook import MakeUpValidationHook
from .non_finite_loss_hook import NonFiniteLossHook
from .one_cycle import ProportionalOneCycleLR
from .paired_start_hook import PairedStartHook
from .reseed_epoch_hook import ReseedEpochHook
from .run_curves import draw_runs, run_curves
from .save_on_signal_hook import TRY_AGAIN, SaveOnSignalHook
from .stop_below_lr_hook import StopBelowLRHook

__all__ = [
    'TRY_AGAIN',
    'BadVideosHook',
    'MakeUpValidationHook',
    'NonFiniteLossHook',
    'PairedStartHook',
    'ProportionalOneCycleLR',
    'ReseedEpochHook',
    'SaveOnSignalHook',
    'StopBelowLRHook',
    'draw_runs',
    'TooManyBadVideosError',
    'mmaction_tools',
    'run_curves',
    'run_mmaction_tool',
]
