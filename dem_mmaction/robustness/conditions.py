"""Conditions: how the frames of a test's clips are chosen."""

from dataclasses import dataclass

#: Steps that choose the frames of a clip by a ``frame_interval``.
SAMPLING_STEPS = ('SampleFrames',)


@dataclass(frozen=True)
class SamplingRate:
    """Every rate-th frame, so that actions look ``rate`` times as fast.

    Section 4.2.2 of the thesis; its Tables 4.1 and 4.2 test at rates 1, 2 and 4.

    Attributes:
        rate: Distance between the frames of a clip, in frames.

    Raises:
        ValueError: The rate is not an integer from 1 on.
    """

    rate: int

    def __post_init__(self) -> None:
        if not isinstance(self.rate, int) or self.rate < 1:
            raise ValueError(f'rate={self.rate!r} must be an integer from 1 on.')

    @property
    def name(self) -> str:
        """Stands before the metrics of the condition and in names of files."""
        return f'sr{self.rate}'

    def steps(self, sampling: dict) -> list[dict]:
        """Give the steps that choose the frames.

        Args:
            sampling: The ``SampleFrames`` step of the model's own test pipeline.
        """
        return [dict(sampling, frame_interval=self.rate)]
