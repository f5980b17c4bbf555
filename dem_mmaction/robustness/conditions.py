"""Conditions: how the frames of a test's clips are chosen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mmaction.registry import TRANSFORMS

from dem_mmaction.utils import find_step

#: Steps of a pipeline that sample frames, and whether these are ``frame_interval``
#: apart. Another such step need only be named here.
SAMPLING_STEPS: dict[str, bool] = dict(
    DenseSampleFrames=True, SampleAround=True, SampleFrames=True, UniformSample=False
)


def find_sampling(pipeline: Sequence[dict]) -> int:
    """Find the step of a pipeline that samples the frames.

    Returns:
        The index of the first of :data:`SAMPLING_STEPS`.

    Raises:
        ValueError: There is none; names the types that there are.
    """
    return find_step(pipeline, *SAMPLING_STEPS)


def frames_taken(sampling: dict) -> int:
    """The number of frames that a network sees together.

    Args:
        sampling: A sampling step's config. With a ``clip_len`` of 1 the network takes
            single frames, and those of all segments count.
    """
    step = TRANSFORMS.build(sampling)
    return step.num_clips if step.clip_len == 1 else step.clip_len


@dataclass(frozen=True)
class Condition:
    """A condition that is made by steps around the decoding.

    Attributes:
        family: What it is, such as ``'box_jumble'``.
        value: Its severity; None for one that has none.
        choose: Steps between the model's own sampling step and the decoding.
        after: Steps right after the decoding. They must not write into frames.
        frames: The number of frames that the network gets; None: as many as ever.
    """

    family: str
    value: Any = None
    choose: tuple[dict, ...] = ()
    after: tuple[dict, ...] = ()
    frames: int | None = None

    @property
    def name(self) -> str:
        """As a command line has it, ``'box_jumble=9'``; in results and tables."""
        if self.value is None:
            return self.family
        value = self.value
        return f'{self.family}={value if isinstance(value, str) else f"{value:g}"}'

    def steps(self, sampling: dict) -> list[dict]:
        """Give the steps that choose the frames; see :meth:`SamplingRate.steps`."""
        return [sampling, *self.choose]


#: The model's own test.
CLEAN = Condition('clean')


@dataclass(frozen=True)
class SamplingRate:
    """Every rate-th frame, so that actions look ``rate`` times as fast.

    Section 4.2.2 of the thesis; its Tables 4.1 and 4.2 test at rates 1, 2 and 4. At a
    rate below 1 frames repeat, and actions look slower; nothing is interpolated.

    Attributes:
        rate: Distance between the frames of a clip, in frames; a whole number is kept
            as an integer.

    Raises:
        ValueError: The rate is not a number above 0.
    """

    family: ClassVar[str] = 'rate'
    after: ClassVar[tuple[dict, ...]] = ()
    frames: ClassVar[None] = None

    rate: int | float

    def __post_init__(self) -> None:
        number = isinstance(self.rate, (int, float))
        if not number or not 0 < self.rate < math.inf:
            raise ValueError(f'rate={self.rate!r} must be a number above 0.')
        if self.rate == int(self.rate):
            object.__setattr__(self, 'rate', int(self.rate))

    @property
    def value(self) -> int | float:
        """The severity, as that of a :class:`Condition`."""
        return self.rate

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
            ValueError: The step has no interval, or moves each frame at random by whole
                frames, and the rate is no whole number.
        """
        kind = sampling['type']
        if not SAMPLING_STEPS[kind] or sampling.get('clip_len') == 1:
            raise ValueError(
                f'rate={self.rate}: the frames of {kind} lie all over the video and '
                'have no interval to change. A speed, a stride or a number of frames '
                'can be tested.'
            )
        if isinstance(self.rate, float) and sampling.get('temporal_jitter'):
            raise ValueError(
                f'rate={self.rate} cannot be with temporal_jitter of {kind}, which '
                'moves frames by whole numbers: set it to False, or test at whole '
                'rates.'
            )
        return [dict(sampling, frame_interval=self.rate)]
