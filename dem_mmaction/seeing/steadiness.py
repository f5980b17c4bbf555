"""Whether DEM steadies: features of one frame, seen among neighbours of two rates.

The thesis's reason for DEM (chapter 3) is that the temporal convolution sees steadier
dynamics. Two clips around the same frame differ in nothing but the speed at which they
show what happens; features of that frame that are alike in both are steady.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from dem_mmaction.utils.statistics import Interval, mean_interval

from .traces import Trace


def cosine_between(one: Tensor, other: Tensor) -> float:
    """The cosine between the features of the middle frames of two clips.

    Args:
        one: Features of a clip, (C, T, H, W).
        other: Those of another at the same place of the network; same shape.
    """
    middle = one.shape[1] // 2  # strides keep it: frame 8 of 16 is frame 4 of 8
    pair = [own[:, middle].flatten().double() for own in (one, other)]
    return float(torch.nn.functional.cosine_similarity(*pair, dim=0))


@dataclass
class Steadiness:
    """Cosines between the features at the own rate and at others, video by video.

    Attributes:
        rates: The other rates.
        cosines: By name of the unit and rate, a row a video: before DEM, after it.
        without: The same of another network without DEM, a number a video.
    """

    rates: Sequence[float]
    cosines: dict[tuple[str, float], list[tuple[float, float]]] = field(
        default_factory=dict
    )
    without: dict[tuple[str, float], list[float]] = field(default_factory=dict)

    def add(self, traces: Mapping[float, Sequence[Trace]]) -> None:
        """Add a video: its traces by rate, among them rate 1."""
        for rate in self.rates:
            for own, other in zip(traces[1], traces[rate], strict=True):
                pair = (
                    cosine_between(own.before, other.before),
                    cosine_between(own.after, other.after),
                )
                self.cosines.setdefault((own.name, rate), []).append(pair)

    def add_without(self, traces: Mapping[float, Sequence[Trace]]) -> None:
        """Add a video as the network without DEM sees it."""
        for rate in self.rates:
            for own, other in zip(traces[1], traces[rate], strict=True):
                cosine = cosine_between(own.before, other.before)
                self.without.setdefault((own.name, rate), []).append(cosine)

    def gains(self, names: Sequence[str], rate: float) -> Interval | None:
        """Cosine after DEM minus before it, the mean over units, over the videos.

        Args:
            names: The units.
            rate: The other rate.

        Returns:
            The mean with its 95 % interval. None of a single video.
        """
        pairs = np.array([self.cosines[name, rate] for name in names])
        gains = (pairs[..., 1] - pairs[..., 0]).mean(0)  # of each video
        return mean_interval(gains[None]) if len(gains) > 1 else None
