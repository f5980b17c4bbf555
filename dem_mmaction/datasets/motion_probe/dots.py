"""Parameters, classes and speed profiles of the dots of the motion probe."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .spec import VideosSpec, is_int, is_pair, require

#: The two directions that the dots of a class drift in, in turn, by the name of the
#: class in label order: a horizontal and a vertical one in every class, so that the
#: axes alone say nothing.
CYCLES = {
    'left_up': ('left', 'up'),
    'left_down': ('left', 'down'),
    'right_up': ('right', 'up'),
    'right_down': ('right', 'down'),
}
#: Speed profiles; the first is the steady one, the others vary.
DOT_PROFILES = ('steady', 'changing', 'surging', 'stop_and_go', 'sudden_jump')


@dataclass(frozen=True)
class DotsSpec(VideosSpec):
    """Parameters of random-dot videos, whose class is the directions of their drift.

    A field of dots after Newsome and Pare (A selective impairment of motion perception
    following lesions of the middle temporal visual area, J. Neurosci. 1988). Some dots
    drift together, and noise dots are somewhere else in every frame. After some frames,
    a *stretch*, all dots are drawn anew and drift at a right angle to the drift before,
    then again as at first, and so on. The two directions are the class.

    The dots of a stretch are independent of those of another, and a stretch that is
    played backwards looks like a drift in the opposite direction. So frames without
    their order tell the axis of every stretch, horizontal or vertical, but not the
    direction along it, and the axes take turns in all classes: no set of frames without
    their order says anything about the class. The order does, up to the noise. The
    fewer dots drift together, the harder a video is.

    Attributes:
        train: Number of training videos, a multiple of the 4 classes, default 1200; 0
            for no such split.
        val: Number of validation videos, a multiple of the 4 classes, default 0.
        test: Number of test videos, a multiple of the 4 classes, default 384.
        frames: Number of frames of a video, at least 16, default 96.
        size: Width and height in pixels, see :class:`VideosSpec`, default (32, 32).
        seed: Seed of everything that is drawn, at least 0, default 0.
        speed: Slowest and fastest mean speed of a video in periods per frame, above 0
            and below 0.25, default (0.0125, 0.035). A period is the frame's width for a
            horizontal drift and its height for a vertical one.
        coherence: Smallest and largest share of dots that drift together, in (0, 1],
            default (0.02, 0.5). Each video has its own, uniform in between: the large
            ones are learned first, the small ones limit the accuracy.
        dwell: Smallest and largest number of frames of a stretch, at least 2, default
            (5, 9). Each stretch has its own.
        dots: Number of dots, at least 1, default 32.
        redraw: Probability that a drifting dot is drawn anew from one frame to the
            next, in [0, 1), default 0.05.

    Raises:
        ValueError: A value is not one of those accepted.
    """

    train: int = 1200
    val: int = 0
    test: int = 384
    frames: int = 96
    size: tuple[int, int] = (32, 32)
    seed: int = 0
    speed: tuple[float, float] = (0.0125, 0.035)
    coherence: tuple[float, float] = (0.02, 0.5)
    dwell: tuple[int, int] = (5, 9)
    dots: int = 32
    redraw: float = 0.05

    kind: ClassVar[str] = 'dots'
    profiles: ClassVar[tuple[str, ...]] = DOT_PROFILES

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            is_pair(self.coherence) and 0 < self.coherence[0] <= self.coherence[1] <= 1,
            'coherence',
            self.coherence,
            '(smallest, largest) share of dots, with 0 < smallest <= largest <= 1',
        )
        object.__setattr__(self, 'coherence', tuple(self.coherence))
        require(
            is_pair(self.dwell)
            and all(is_int(frames, 2) for frames in self.dwell)
            and self.dwell[0] <= self.dwell[1],
            'dwell',
            self.dwell,
            '(shortest, longest) in frames, with 2 <= shortest <= longest',
        )
        object.__setattr__(self, 'dwell', tuple(self.dwell))
        require(is_int(self.dots, 1), 'dots', self.dots, 'an integer of at least 1')
        require(0 <= self.redraw < 1, 'redraw', self.redraw, 'a probability below 1')

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in label order."""
        return tuple(CYCLES)

    def draw(self, rng: np.random.Generator) -> dict[str, float]:
        """Draw speed and coherence of a video."""
        drawn = super().draw(rng)
        return dict(drawn, coherence=float(rng.uniform(*self.coherence)))
