"""Hooks, and the launching of MMAction2's tools."""

from .launch import mmaction_tools, run_mmaction_tool
from .paired_start_hook import PairedStartHook
from .reseed_epoch_hook import ReseedEpochHook
from .stop_below_lr_hook import StopBelowLRHook

__all__ = [
    'PairedStartHook',
    'ReseedEpochHook',
    'StopBelowLRHook',
    'mmaction_tools',
    'run_mmaction_tool',
]
