"""Loops, hooks, and the launching of MMAction2's tools."""

from .launch import run_mmaction_tool
from .reseed_epoch import ReseedEpoch
from .stop_below_rate import StopBelowRate

__all__ = ['ReseedEpoch', 'StopBelowRate', 'run_mmaction_tool']
