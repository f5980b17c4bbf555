"""Hooks, and the launching of MMAction2's tools."""
from .launch import run_mmaction_tool
from .stop_below_rate import StopBelowRate

__all__ = ['StopBelowRate', 'run_mmaction_tool']
