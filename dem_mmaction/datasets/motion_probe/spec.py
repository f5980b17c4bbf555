"""What all kinds of generated videos share: parameters, and a description of each."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Integral
from typing import ClassVar

import numpy as np

SPLITS = ('train', 'val', 'test')

MIN_FRAMES = 16
MIN_SIDE = 32
MAX_SPEED = 0.25

# decord 0.6.0 takes frames of these widths for four channels wide and cannot
# batch them (decord issues 93 and 336).
_UNREADABLE_WIDTHS = (48, 72)


@dataclass(frozen=True)
class VideosSpec(ABC):
    """Parameters that all kinds of generated videos have.

    Speed is measured in periods per frame. What moves by a period is back where it was:
    for a translation a period is the frame's width or height.

    Attributes:
        train: Number of training videos, a multiple of the number of classes; 0 for no
            such split.
        val: Number of validation videos, likewise, default 0.
        test: Number of test videos, likewise.
        frames: Number of frames of a video, at least 16, default 96.
        size: Width and height in pixels, at least 32 each. The codec drops the last
            column or row of an odd side. Widths 48 and 72 are refused, because decord
            cannot read them.
        seed: Seed of everything that is drawn, at least 0, default 0.
        speed: Slowest and fastest mean speed of a video in periods per frame, above 0
            and below 0.25.

    Raises:
        ValueError: A value is not one of those accepted.
    """

    train: int
    val: int
    test: int
    frames: int
    size: tuple[int, int]
    seed: int
    speed: tuple[float, float]

    #: What the videos show, as it is called in the tools.
    kind: ClassVar[str]
    #: Speed profiles; the first is the steady one, the others vary.
    profiles: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in label order."""

    def draw(self, rng: np.random.Generator) -> dict[str, float]:
        """Draw what else a video is described by: fields of :class:`VideoInfo`."""
        return dict(speed=float(rng.uniform(*self.speed)))

    def __post_init__(self) -> None:
        classes = len(self.class_names)
        for name in SPLITS:
            count = getattr(self, name)
            require(
                is_int(count, 0) and count % classes == 0,
                name,
                count,
                f'0 or a multiple of the {classes} classes',
            )
        require(
            any(getattr(self, name) for name in SPLITS),
            'train, val, test',
            (0, 0, 0),
            'at least one split with videos',
        )
        require(
            is_int(self.frames, MIN_FRAMES),
            'frames',
            self.frames,
            f'an integer of at least {MIN_FRAMES}',
        )
        require(is_int(self.seed, 0), 'seed', self.seed, 'a non-negative integer')

        require(
            is_pair(self.size) and all(is_int(side, MIN_SIDE) for side in self.size),
            'size',
            self.size,
            f'(width, height), integers of at least {MIN_SIDE}',
        )
        require(
            self.size[0] // 2 * 2 not in _UNREADABLE_WIDTHS,
            'size',
            self.size,
            'another width: decord cannot read this one '
            '(https://github.com/dmlc/decord/issues/336)',
        )
        object.__setattr__(self, 'size', tuple(self.size))

        require(
            is_pair(self.speed) and 0 < self.speed[0] <= self.speed[1] < MAX_SPEED,
            'speed',
            self.speed,
            '(slowest, fastest) in periods a frame, '
            f'with 0 < slowest <= fastest < {MAX_SPEED}',
        )
        object.__setattr__(self, 'speed', tuple(self.speed))


@dataclass(frozen=True)
class VideoInfo:
    """Class, profile and speed of one generated video.

    Attributes:
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split.
        label: Index of the class in the set of classes.
        name: Name of the class.
        profile: Speed profile, one of those of the kind of video.
        speed: Mean speed in periods per frame, see :class:`VideosSpec`.
        coherence: Of dots, the share that moves together, in (0, 1]; None for shapes.
    """

    split: str
    index: int
    label: int
    name: str
    profile: str
    speed: float
    coherence: float | None = None

    @property
    def motion(self) -> str:
        """``'steady'`` or ``'varied'``."""
        return 'steady' if self.profile == 'steady' else 'varied'

    @property
    def path(self) -> str:
        """Path of the file below the probe's folder."""
        return f'videos/{self.split}/{self.index:05d}.mp4'

    @property
    def annotation(self) -> str:
        """Line of the video in the annotation list."""
        line = (
            f'{self.path} {self.label} profile={self.profile} '
            f'motion={self.motion} speed={self.speed:.4f}'
        )
        if self.coherence is None:
            return line
        return f'{line} coherence={self.coherence:.4f}'


def video_info(spec: VideosSpec, split: str, index: int) -> VideoInfo:
    """Describe a video without drawing it.

    Classes take turns, and so do the profiles within a class: every second video is
    steady and the varied profiles share the rest. Any 80 videos of shapes in a row are
    exactly balanced, and any 48 of dots.

    Args:
        spec: Parameters of the videos.
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split, at least 0. It may lie beyond the number of videos of
            the split, which only says how many are written.

    Returns:
        Class, profile and speed of the video.

    Raises:
        ValueError: ``split`` or ``index`` is not one of those accepted.
    """
    drawn = spec.draw(video_rng(spec, split, index, 'info'))
    classes = spec.class_names
    turn, label = divmod(index, len(classes))
    steady, *varied = spec.profiles
    profile = varied[turn // 2 % len(varied)] if turn % 2 else steady
    return VideoInfo(split, index, label, classes[label], profile, **drawn)


def video_rng(
    spec: VideosSpec, split: str, index: int, purpose: str
) -> np.random.Generator:
    """Make the random generator of one video, whose numbers depend on no other video.

    Args:
        spec: Parameters of the videos.
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split, at least 0.
        purpose: ``'info'`` or ``'pixels'``, two independent streams.

    Returns:
        A generator at its start.

    Raises:
        ValueError: ``split`` or ``index`` is not one of those accepted.
    """
    require(split in SPLITS, 'split', split, f'one of {", ".join(SPLITS)}')
    require(is_int(index, 0), 'index', index, 'a non-negative integer')
    stream = ('info', 'pixels').index(purpose)
    return np.random.default_rng([spec.seed, SPLITS.index(split), index, stream])


def is_int(value: object, least: int) -> bool:
    """Whether a value is an integer of at least ``least``."""
    return (
        isinstance(value, Integral) and not isinstance(value, bool) and value >= least
    )


def is_pair(value: object) -> bool:
    """Whether a value is a tuple or list of two."""
    return isinstance(value, (tuple, list)) and len(value) == 2


def require(fits: bool, name: str, value: object, accepted: str) -> None:
    """Raise a ValueError that names a parameter and what it accepts, unless it fits."""
    if not fits:
        raise ValueError(f'{name}={value!r}: expected {accepted}')
