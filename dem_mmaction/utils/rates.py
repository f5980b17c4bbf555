"""Sub-sampling rates: every rate-th frame of a video, a frame interval."""

from collections.abc import Sequence


def check_rates(rates: Sequence[int]) -> tuple[int, ...]:
    """Refuse what are no sub-sampling rates.

    Args:
        rates: Distances between the frames of a clip, in frames.

    Returns:
        The same as a tuple.

    Raises:
        ValueError: There are none, one is given twice, or one is not an integer from 1
            on.
    """
    rates = tuple(rates)
    if (
        not rates
        or len(set(rates)) < len(rates)
        or not all(isinstance(rate, int) and rate >= 1 for rate in rates)
    ):
        raise ValueError(f'rates={list(rates)} must be different integers from 1 on.')
    return rates


def nearest_rate(rates: Sequence[int], rate: float) -> int:
    """The rate that is the fewest times as fast or as slow as another.

    Args:
        rates: The rates to choose from, from 1 on.
        rate: Any rate above 0.

    Returns:
        One of ``rates``; of two equally near ones, the lower one.

    Raises:
        ValueError: ``rate`` is not above 0.
    """
    if not rate > 0:
        raise ValueError(f'rate={rate} must be above 0.')
    return min(rates, key=lambda own: (max(own / rate, rate / own), own))
