"""Parameters, classes and speed profiles of the shapes of the motion probe."""

from dataclasses import dataclass
from typing import ClassVar

from .spec import VideosSpec, require

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
#: Levels of clutter, easiest first.
CLUTTER = ('plain', 'textured_shape', 'textured')


@dataclass(frozen=True)
class ProbeSpec(VideosSpec):
    """Parameters of a motion probe: a shape that moves, turns or changes its size.

    A period of the speed is the frame's width or height for a translation, a full turn
    for a rotation, and the way from the smallest to the largest size for growth. The
    two ends of the usual sampling set the default range. The slowest video covers 0.19
    of a period in 16 consecutive frames: 7 pixels of 40, 68 degrees, a size change by
    1.23. The fastest covers 0.14 of a period between frames 4 apart, 0.23 where a
    profile is at its fastest, and less than 0.39 across a sudden jump. That is under
    the half period at which a direction becomes ambiguous.

    Attributes:
        train: Number of training videos, a multiple of the 8 classes, default 576; 0
            for no such split.
        val: Number of validation videos, a multiple of the 8 classes, default 0.
        test: Number of test videos, a multiple of the 8 classes, default 384.
        frames: Number of frames of a video, at least 16, default 96.
        size: Width and height in pixels, see :class:`VideosSpec`, default (56, 56).
        seed: Seed of everything that is drawn, at least 0, default 0.
        speed: Slowest and fastest mean speed of a video in periods per frame, above 0
            and below 0.25, default (0.0125, 0.035).
        clutter: ``'plain'``, the default, a bright shape on a dark, near-plain
            background; ``'textured_shape'``, a textured shape on that background; or
            ``'textured'``, a textured shape on a textured background.
        classes: ``'single'``, the default, for one of 8 motions in a video, or
            ``'compound'`` for one of 8 pairs of motions.

    Raises:
        ValueError: A value is not one of those accepted.
    """

    train: int = 576
    val: int = 0
    test: int = 384
    frames: int = 96
    size: tuple[int, int] = (56, 56)
    seed: int = 0
    speed: tuple[float, float] = (0.0125, 0.035)
    clutter: str = 'plain'
    classes: str = 'single'

    kind: ClassVar[str] = 'shapes'
    profiles: ClassVar[tuple[str, ...]] = PROFILES

    def __post_init__(self) -> None:
        for name, known in (('clutter', CLUTTER), ('classes', CLASS_SETS)):
            value = getattr(self, name)
            require(value in known, name, value, f'one of {", ".join(known)}')
        super().__post_init__()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in label order."""
        return CLASS_SETS[self.classes]
