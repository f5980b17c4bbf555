"""Launching MMAction2's tools."""
from .launch import run_mmaction_tool

__all__ = ['run_mmaction_tool']
