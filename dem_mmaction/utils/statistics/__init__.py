"""Intervals of means, of shares and of ratios of shares."""

from .means import Interval, mean_interval, t_interval
from .shares import ratio_interval, share_interval

__all__ = [
    'Interval',
    'mean_interval',
    'ratio_interval',
    'share_interval',
    't_interval',
]
