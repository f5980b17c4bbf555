"""Conditions: how the frames of a test's clips are chosen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dem_mmaction.utils import find_step

#: Steps of a pipeline that sample clips of frames ``frame_interval`` apart, and what
#: the interval must be. Another such step need only be named here.
SAMPLING_STEPS: dict[str, type] = dict(
    DenseSampleFrames=int, SampleAround=float, SampleFrames=int
)


def find_sampling(pipeline: Sequence[dict]) -> int:
    """Find the step of a pipeline that samples the frames.

    Returns:
        The index of the first of :data:`SAMPLING_STEPS`.

    Raises:
        ValueError: There is none; names the types that there are.
    """
    return find_step(pipeline, *SAMPLING_STEPS)


@dataclass(frozen=True)
class SamplingRate:
    """Every rate-th frame, so that actions look ``rate`` times as fast.

    Section 4.2.2 of the thesis; its Tables 4.1 and 4.2 test at rates 1, 2 and 4. At a
    rate below 1 frames repeat, and actions look slower.

    Attributes:
        rate: Distance between the frames of a clip, in frames; a whole number is kept
            as an integer.

    Raises:
        ValueError: The rate is not a number above 0.
    """

    rate: int | float

    def __post_init__(self) -> None:
        number = isinstance(self.rate, (int, float))
        if not number or not 0 < self.rate < math.inf:
            raise ValueError(f'rate={self.rate!r} must be a number above 0.')
        if self.rate == int(self.rate):
            object.__setattr__(self, 'rate', int(self.rate))

    @property
    def name(self) -> str:
        """Stands before the metrics of the condition and in names of files."""
        return f'sr{self.rate}'

    def steps(self, sampling: dict) -> list[dict]:
        """Give the steps that choose the frames.

        Args:
            sampling: The step of the model's own test pipeline that samples frames, one
                of :data:`SAMPLING_STEPS`.

        Raises:
            ValueError: The step takes whole intervals alone, and the rate is none.
        """
        kind = sampling['type']
        if isinstance(self.rate, float) and SAMPLING_STEPS[kind] is int:
            fractions = [name for name, own in SAMPLING_STEPS.items() if own is float]
            raise ValueError(
                f'rate={self.rate}: {kind} takes whole intervals alone. Test at whole '
                f'rates, or sample with {" or ".join(fractions)}.'
            )
        return [dict(sampling, frame_interval=self.rate)]
