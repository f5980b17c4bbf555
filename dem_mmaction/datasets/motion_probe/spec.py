"""Parameters, classes and speed profiles of a motion probe."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

#: Sets of 8 classes by the name of the set, each with its class names in label order.
CLASS_SETS = {
    'single': (
        'left',
        'right',
        'up',
        'down',
        'turn_left',
        'turn_right',
        'grow',
        'shrink',
    ),
    # Two motions at once, to test or train networks that know the first set.
    'compound': (
        'left_up',
        'left_down',
        'right_up',
        'right_down',
        'grow_turn_left',
        'grow_turn_right',
        'shrink_turn_left',
        'shrink_turn_right',
    ),
}
#: The classes of the default set.
CLASSES = CLASS_SETS['single']
#: Speed profiles; the first is the steady one, the others vary.
PROFILES = (
    'steady',
    'accelerating',
    'decelerating',
    'stop_and_go',
    'sudden_jump',
    'occlusion',
)
SPLITS = ('train', 'val', 'test')
#: Levels of clutter, easiest first.
CLUTTER = ('plain', 'textured_shape', 'textured')

MIN_FRAMES = 16
MIN_SIDE = 32
MAX_SPEED = 0.25

# decord 0.6.0 takes frames of these widths for four channels wide and cannot
# batch them (decord issues 93 and 336).
_UNREADABLE_WIDTHS = (48, 72)


@dataclass(frozen=True)
class ProbeSpec:
    """Parameters of a motion probe.

    Speed is measured in periods per frame. After a period the shape is back where it
    was: a period is the frame's width or height for a translation, a full turn for a
    rotation, and the way from the smallest to the largest size for growth. The two ends
    of the usual sampling set the default range. The slowest video covers 0.19 of a
    period in 16 consecutive frames: 7 pixels of 40, 68 degrees, a size change by 1.23.
    The fastest covers 0.14 of a period between frames 4 apart, 0.23 where a profile is
    at its fastest, and less than 0.39 across a sudden jump. That is under the half
    period at which a direction becomes ambiguous.

    Attributes:
        train: Number of training videos, a multiple of the 8 classes, default 576; 0
            for no such split.
        val: Number of validation videos, a multiple of the 8 classes, default 0.
        test: Number of test videos, a multiple of the 8 classes, default 192.
        frames: Number of frames of a video, at least 16, default 96.
        size: Width and height in pixels, at least 32 each, default (56, 56). The codec
            drops the last column or row of an odd side. Widths 48 and 72 are refused,
            because decord cannot read them.
        seed: Seed of everything that is drawn, at least 0, default 0.
        clutter: ``'plain'``, the default, a bright shape on a dark, near-plain
            background; ``'textured_shape'``, a textured shape on that background; or
            ``'textured'``, a textured shape on a textured background.
        speed: Slowest and fastest mean speed of a video in periods per frame, above 0
            and below 0.25, default (0.0125, 0.035).
        classes: ``'single'``, the default, for one of 8 motions in a video, or
            ``'compound'`` for one of 8 pairs of motions.

    Raises:
        ValueError: A value is not one of those accepted.
    """

    train: int = 576
    val: int = 0
    test: int = 192
    frames: int = 96
    size: tuple[int, int] = (56, 56)
    seed: int = 0
    clutter: str = 'plain'
    speed: tuple[float, float] = (0.0125, 0.035)
    classes: str = 'single'

    def __post_init__(self) -> None:
        for name in SPLITS:
            count = getattr(self, name)
            _require(
                _is_int(count, 0) and count % len(CLASSES) == 0,
                name,
                count,
                f'0 or a multiple of the {len(CLASSES)} classes',
            )
        _require(
            any(getattr(self, name) for name in SPLITS),
            'train, val, test',
            (0, 0, 0),
            'at least one split with videos',
        )
        _require(
            _is_int(self.frames, MIN_FRAMES),
            'frames',
            self.frames,
            f'an integer of at least {MIN_FRAMES}',
        )
        _require(_is_int(self.seed, 0), 'seed', self.seed, 'a non-negative integer')
        _require(
            self.clutter in CLUTTER,
            'clutter',
            self.clutter,
            f'one of {", ".join(CLUTTER)}',
        )
        _require(
            self.classes in CLASS_SETS,
            'classes',
            self.classes,
            f'one of {", ".join(CLASS_SETS)}',
        )

        _require(
            _is_pair(self.size) and all(_is_int(side, MIN_SIDE) for side in self.size),
            'size',
            self.size,
            f'(width, height), integers of at least {MIN_SIDE}',
        )
        _require(
            self.size[0] // 2 * 2 not in _UNREADABLE_WIDTHS,
            'size',
            self.size,
            'another width: decord cannot read this one '
            '(https://github.com/dmlc/decord/issues/336)',
        )
        object.__setattr__(self, 'size', tuple(self.size))

        _require(
            _is_pair(self.speed) and 0 < self.speed[0] <= self.speed[1] < MAX_SPEED,
            'speed',
            self.speed,
            '(slowest, fastest) in periods a frame, '
            f'with 0 < slowest <= fastest < {MAX_SPEED}',
        )
        object.__setattr__(self, 'speed', tuple(self.speed))


@dataclass(frozen=True)
class VideoInfo:
    """Class, profile and speed of one video of a probe.

    Attributes:
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split.
        label: Index of the class in the set of classes.
        name: Name of the class.
        profile: Speed profile, one of ``PROFILES``.
        speed: Mean speed in periods per frame, see ``ProbeSpec``.
    """

    split: str
    index: int
    label: int
    name: str
    profile: str
    speed: float

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
        return (
            f'{self.path} {self.label} profile={self.profile} '
            f'motion={self.motion} speed={self.speed:.4f}'
        )


def video_info(spec: ProbeSpec, split: str, index: int) -> VideoInfo:
    """Describe a video without drawing it.

    Classes take turns, and so do the profiles within a class: every second video is
    steady and the varied profiles share the rest. Any 80 videos in a row are exactly
    balanced.

    Args:
        spec: Parameters of the probe.
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split, at least 0. It may lie beyond the number of videos of
            the split, which only says how many are written.

    Returns:
        Class, profile and speed of the video.

    Raises:
        ValueError: ``split`` or ``index`` is not one of those accepted.
    """
    rng = video_rng(spec, split, index, 'info')
    classes = CLASS_SETS[spec.classes]
    turn, label = divmod(index, len(classes))
    varied = PROFILES[1:]
    profile = varied[turn // 2 % len(varied)] if turn % 2 else 'steady'
    return VideoInfo(
        split, index, label, classes[label], profile, float(rng.uniform(*spec.speed))
    )


def video_rng(
    spec: ProbeSpec, split: str, index: int, purpose: str
) -> np.random.Generator:
    """Make the random generator of one video, whose numbers depend on no other video.

    Args:
        spec: Parameters of the probe.
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split, at least 0.
        purpose: ``'info'`` or ``'pixels'``, two independent streams.

    Returns:
        A generator at its start.

    Raises:
        ValueError: ``split`` or ``index`` is not one of those accepted.
    """
    _require(split in SPLITS, 'split', split, f'one of {", ".join(SPLITS)}')
    _require(_is_int(index, 0), 'index', index, 'a non-negative integer')
    stream = ('info', 'pixels').index(purpose)
    return np.random.default_rng([spec.seed, SPLITS.index(split), index, stream])


def _is_int(value: object, least: int) -> bool:
    return (
        isinstance(value, Integral) and not isinstance(value, bool) and value >= least
    )


def _is_pair(value: object) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2


def _require(fits: bool, name: str, value: object, accepted: str) -> None:
    if not fits:
        raise ValueError(f'{name}={value!r}: expected {accepted}')
