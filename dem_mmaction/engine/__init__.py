"""Hooks, and the launching of MMAction2's tools."""

from .launch import mmaction_tools, run_mmaction_tool
from .non_finite_loss_hook import NonFiniteLossHook
from .paired_start_hook import PairedStartHook
from .reseed_epoch_hook import ReseedEpochHook
from .run_curves import draw_runs, run_curves
from .stop_below_lr_hook import StopBelowLRHook

__all__ = [
    'NonFiniteLossHook',
    'PairedStartHook',
    'ReseedEpochHook',
    'StopBelowLRHook',
    'draw_runs',
    'mmaction_tools',
    'run_curves',
    'run_mmaction_tool',
]
