"""Intervals of means and of paired differences, over seeds and over test items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its interval.

    Attributes:
        mean: The mean.
        low: Lower end.
        high: Upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of the interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def mean_interval(values: np.ndarray, confidence: float = 0.95) -> Interval:
    """The mean of a quantity that was measured for every seed on every item.

    Seeds and items are both samples: another seed would train another network, and
    other people would have been filmed. With ``v[s, i]`` the sum of an effect of the
    seed, an effect of the item and a rest, the variance of the mean is estimated by

        ``var(means of seeds) / S + var(means of items) / I - var(rest) / (S I)``,

    the usual estimate of a crossed design with random effects (the last term corrects
    for the rest, which both others count), but at least the larger of the first two
    terms. The interval is Student's, with Satterthwaite's degrees of freedom: the
    square of that variance over the sum of the squares of its terms, each divided by
    its own degrees of freedom. Where seeds differ much more than items, two or three of
    them are too few for it: in simulations it held the truth 90 times of 100.

    Give differences of two networks with the same seed on the same item for a paired
    interval. With one seed the interval is over the items alone.

    Args:
        values: One row a seed, one column an item, (S, I), such as 1 where a network
            alone is right, -1 where the other alone is, and 0 elsewhere.
        confidence: Share of such intervals that hold the true mean.

    Raises:
        ValueError: There are fewer than 2 items or no seed, or the confidence is not
            between 0 and 1.
    """
    values = np.asarray(values, float)
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2:
        raise ValueError(
            f'values of shape {values.shape} must be (seeds, items), at least (1, 2).'
        )
    if not 0 < confidence < 1:
        raise ValueError(f'confidence={confidence} must be between 0 and 1.')
    seeds, items = values.shape
    mean = float(values.mean())
    of_seeds, of_items = values.mean(axis=1), values.mean(axis=0)
    parts = [of_items.var(ddof=1) / items]
    freedoms = [items - 1]
    variance = parts[0]
    if seeds > 1:
        both = (seeds - 1) * (items - 1)
        residuals = values - of_seeds[:, None] - of_items + mean
        rest = (residuals**2).sum() / both / (seeds * items)
        parts += [of_seeds.var(ddof=1) / seeds, rest]
        freedoms += [seeds - 1, both]
        variance = max(parts[0] + parts[1] - rest, *parts[:2])
    if variance == 0:
        return Interval(mean, mean, mean)
    # Shares, because the squares of parts may underflow.
    freedom = 1 / sum(
        (part / variance) ** 2 / own for part, own in zip(parts, freedoms, strict=True)
    )
    half = float(student.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance))
    return Interval(mean, mean - half, mean + half)


def t_interval(values: Sequence[float], confidence: float = 0.95) -> Interval | None:
    """Student's interval of a mean.

    Args:
        values: The sample.
        confidence: Share of such intervals that hold the true mean.

    Returns:
        The interval; None with fewer than 2 values.
    """
    if len(values) < 2:
        return None
    mean, half = float(np.mean(values)), float(np.std(values, ddof=1))
    half *= float(student.ppf((1 + confidence) / 2, len(values) - 1))
    half /= np.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)
