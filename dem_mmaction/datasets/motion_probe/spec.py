"""What a motion probe holds: its parameters, classes and speed profiles."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

#: Sets of classes by name; class names in label order, 8 in each.
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
    # Two motions at once: other classes, for networks trained on the first set.
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

    Speed is counted in periods a frame. The period is what brings the shape
    back to where it was: the frame's width or height for a translation, a full
    turn for a rotation, the way from the smallest to the largest size for
    growth. The default range is set by the two ends of the usual sampling. The
    slowest video covers 0.19 of a period in 16 consecutive frames: 7 pixels of
    40, 68 degrees, a size change by 1.23. The fastest covers 0.14 of a period
    between frames 4 apart, 0.23 where a profile is at its fastest, and less
    than 0.39 across a sudden jump: under the half period at which a direction
    becomes ambiguous.

    Args:
        train (int): Number of training videos, a multiple of the 8 classes,
            or 0 for no such split. Defaults to 576.
        val (int): The same for validation. Defaults to 0.
        test (int): The same for testing. Defaults to 192.
        frames (int): Frames a video, at least 16. Defaults to 96.
        size (tuple[int, int]): Width and height in pixels, at least 32 each.
            The codec drops the last column or row of an odd side. Widths 48
            and 72 are refused, because decord cannot read them. Defaults to
            (56, 56).
        seed (int): Seed of everything that is drawn. Defaults to 0.
        clutter (str): ``'plain'``, a bright shape on a dark, near-plain
            background; ``'textured_shape'``, a textured shape on that
            background; or ``'textured'``, a textured shape on a textured
            background. Defaults to ``'plain'``.
        speed (tuple[float, float]): Slowest and fastest mean speed of a video
            in periods a frame, above 0 and below 0.25. Defaults to
            (0.0125, 0.035).
        classes (str): ``'single'``, one of 8 motions a video, or
            ``'compound'``, one of 8 pairs of them. Defaults to ``'single'``.

    Raises:
        ValueError: If a value is not one of those accepted.
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
    """What is known of one video of a probe.

    Args:
        split (str): ``'train'``, ``'val'`` or ``'test'``.
        index (int): Its place in the split.
        label (int): Its class, an index into the set of classes.
        name (str): Name of the class.
        profile (str): Its speed profile, one of ``PROFILES``.
        speed (float): Its mean speed in periods a frame, see ``ProbeSpec``.
    """

    split: str
    index: int
    label: int
    name: str
    profile: str
    speed: float

    @property
    def motion(self) -> str:
        """str: ``'steady'`` or ``'varied'``."""
        return 'steady' if self.profile == 'steady' else 'varied'

    @property
    def path(self) -> str:
        """str: Path of the file below the probe's folder."""
        return f'videos/{self.split}/{self.index:05d}.mp4'

    @property
    def annotation(self) -> str:
        """str: The video's line of the annotation list."""
        return (
            f'{self.path} {self.label} profile={self.profile} '
            f'motion={self.motion} speed={self.speed:.4f}'
        )


def video_info(spec: ProbeSpec, split: str, index: int) -> VideoInfo:
    """Describe a video without drawing it.

    Classes take turns, and so do the profiles within a class: every second
    video is steady and the varied profiles share the rest. Any 80 videos in a
    row are exactly balanced.

    Args:
        spec (ProbeSpec): Parameters of the probe.
        split (str): ``'train'``, ``'val'`` or ``'test'``.
        index (int): Place in the split. It may lie beyond the split's count,
            which only says how many videos are written.

    Returns:
        VideoInfo: The video's class, profile and speed.

    Raises:
        ValueError: If ``split`` or ``index`` is not one of those accepted.
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
    """Random numbers of one video, whoever draws them and in whatever order.

    Args:
        spec (ProbeSpec): Parameters of the probe.
        split (str): ``'train'``, ``'val'`` or ``'test'``.
        index (int): Place in the split.
        purpose (str): ``'info'`` or ``'pixels'``, two independent streams.

    Returns:
        np.random.Generator: A generator at its start.

    Raises:
        ValueError: If ``split`` or ``index`` is not one of those accepted.
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
