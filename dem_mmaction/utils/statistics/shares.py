"""Intervals of shares of items, and of ratios of them."""

import numpy as np
from scipy.special import ndtri

from .means import Interval


def share_interval(hits: np.ndarray, confidence: float = 0.95) -> Interval:
    """The share of items that have something, with Wilson's interval.

    It lies in [0, 1] and has a length at shares of 0 and 1, too (Wilson, "Probable
    Inference, the Law of Succession, and Statistical Inference", JASA 1927).

    Args:
        hits: Whether each item has it, (I,).
        confidence: Share of such intervals that hold the true share.

    Raises:
        ValueError: There is no item.
    """
    hits = np.asarray(hits, bool)
    if not hits.size:
        raise ValueError('There is no item to count a share of.')
    share, z = float(hits.mean()), float(ndtri((1 + confidence) / 2))
    extra = z * z / hits.size
    middle = (share + extra / 2) / (1 + extra)
    half = z * np.sqrt(share * (1 - share) / hits.size + extra / hits.size / 4)
    half = float(half / (1 + extra))
    # Rounding must not put the share itself outside.
    return Interval(share, min(middle - half, share), max(middle + half, share))


def ratio_interval(
    hits: np.ndarray, reference: np.ndarray, confidence: float = 0.95, draws: int = 1000
) -> Interval | None:
    """The mean of shares over another share of the same items, by the bootstrap.

    Items are drawn with replacement, each with all that was measured on it, so that the
    ratio is a paired one. The interval is between percentiles of the drawn ratios
    (Efron, 1979); the random numbers are the same in each call. Draws in which the
    reference has no hit are left out.

    Args:
        hits: Whether each item has something under each of k conditions, (k, I).
        reference: The same under the reference, (I,).
        confidence: Share of such intervals that hold the true ratio.
        draws: Number of drawn samples.

    Returns:
        The interval; None where the reference has no hit.
    """
    reference = np.asarray(reference, float)
    mean = np.atleast_2d(np.asarray(hits, float)).mean(axis=0)
    if not reference.any():
        return None
    generator = np.random.default_rng(0)
    ratios = []
    for _ in range(draws):  # one by one: memory does not grow with the draws
        drawn = generator.integers(len(reference), size=len(reference))
        if own := reference[drawn].sum():
            ratios.append(mean[drawn].sum() / own)
    low, high = np.quantile(ratios, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(mean.sum() / reference.sum()), float(low), float(high))
