"""The conditions that there are, by name, and suites of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mmaction.registry import TRANSFORMS

from dem_mmaction.datasets.transforms import SPEED_PROFILES

from .conditions import CLEAN, Condition, SamplingRate, find_sampling, frames_taken


@dataclass(frozen=True)
class Family:
    """Conditions that differ by a severity alone.

    Attributes:
        name: What a condition is called before its ``=``.
        title: What happens, in a few words.
        axis: What the severity is, with its unit; empty where there is none.
        values: The severities of the suites, mildest first.
        steps: By a severity, the steps that choose frames; see :class:`Condition`.
        after: By a severity, the steps after the decoding.
        parse: Makes a severity of its text.
        maps: Whether ``over`` and ``seed`` are arguments of the steps.
        grid: Whether it is in the suite ``all`` alone, for its size.
    """

    name: str
    title: str
    axis: str = ''
    values: Sequence[Any] = ()
    steps: Callable[[Any], list[dict]] = lambda value: []
    after: Callable[[Any], list[dict]] = lambda value: []
    parse: Callable[[str], Any] = float
    maps: bool = True
    grid: bool = False

    def condition(self, value: Any, over: str = 'clip', seed: int = 0) -> Condition:
        """Make one of its conditions.

        Args:
            value: The severity.
            over: See :class:`..datasets.transforms.TimeMap`.
            seed: The same.

        Raises:
            ValueError: The severity is outside its range.
        """
        choose = self.steps(value)
        if self.maps:
            choose = [dict(step, over=over, seed=seed) for step in choose]
        after = self.after(value)
        for step in (*choose, *after):
            TRANSFORMS.build(dict(step))  # a wrong severity is said at once
        frames = value if self.name == 'frames' else None
        return Condition(self.name, value, tuple(choose), tuple(after), frames)


def _one(kind: str, argument: str) -> Callable[[Any], list[dict]]:
    """A single step whose severity is one of its arguments."""
    return lambda value: [{'type': kind, argument: value}]


def _alone(kind: str, **arguments) -> Callable[[Any], list[dict]]:
    """A single step without a severity."""
    return lambda value: [dict(type=kind, **arguments)]


def _window(text: str) -> str:
    coverage, stride = text.split('x')
    return f'{float(coverage):g}x{int(stride)}'


def _cover(text: str) -> list[dict]:
    coverage, stride = text.split('x')
    return [dict(type='CoverWindow', coverage=float(coverage), stride=int(stride))]


_COVERAGES, _STRIDES = (1, 0.75, 0.5, 0.25, 0.1), (2, 4, 8, 16)

#: The families, by name. Rates are :class:`SamplingRate`, as they replace the interval
#: of the model's own sampling step.
FAMILIES: dict[str, Family] = {
    own.name: own
    for own in (
        Family(
            'rate',
            'every r-th frame',
            'sub-sampling rate r',
            (0.5, 2, 4, 8, 16),  # times the model's own
        ),
        Family(
            'coverage',
            'frames from a part of the video',
            'part of the video',
            _COVERAGES,
            _one('CoverWindow', 'coverage'),
            maps=False,
        ),
        Family(
            'stride',
            'frames from all of the video, at every s-th frame of it',
            'stride s [frames]',
            _STRIDES,
            lambda value: [dict(type='CoverWindow', coverage=1, stride=value)],
            parse=int,
            maps=False,
        ),
        Family(
            'window',
            'every s-th frame of a part c of the video',
            'c x s',
            [f'{c:g}x{s}' for c in _COVERAGES[1:] for s in _STRIDES],
            _cover,
            parse=_window,
            maps=False,
            grid=True,
        ),
        Family(
            'frames',
            'another number of frames in the same time',
            'frames',
            (20, 16, 12, 8, 4, 2),
            _one('TakeFrames', 'number'),
            parse=int,
            maps=False,
        ),
        Family(
            'speed',
            'constant speed',
            'speed a',
            (0.75, 0.5, 0.2, 1.5, 2, 3),
            _one('ConstantSpeed', 'speed'),
        ),
        Family(
            'profile',
            'speed that varies within the clip',
            'profile',
            SPEED_PROFILES[1:],
            _one('VaryingSpeed', 'profile'),
            parse=str,
        ),
        Family(
            'freeze',
            'few frames, each held until the next',
            'share of frames kept',
            (0.4, 0.2, 0.1, 0.05, 0),
            _one('FreezeFrames', 'kept'),
        ),
        Family(
            'jumble',
            'frames shuffled inside n segments',
            'segments n',
            (8, 4, 2, 1),
            _one('JumbleFrames', 'segments'),
            parse=int,
        ),
        Family(
            'box_jumble',
            'order of n segments shuffled',
            'segments n',
            (4, 9, 16, 25, 36),
            _one('BoxJumbleFrames', 'segments'),
            parse=int,
        ),
        Family('reverse', 'backwards', steps=_alone('ReverseFrames')),
        Family(
            'drop',
            'frames lost, the nearest one repeated',
            'share of frames lost',
            (0.1, 0.25, 0.5, 0.75),
            _one('DropFrames', 'lost'),
        ),
        Family(
            'blur',
            'mean of neighbouring frames',
            'frames in the mean',
            (3, 5, 7, 9, 11),
            _one('TakeNeighbours', 'width'),
            _one('MeanOfNeighbours', 'width'),
            parse=int,
            maps=False,
        ),
        Family(
            'one_frame',
            'one frame repeated (a control)',
            steps=_alone('RemoveOrder', control='one_frame'),
        ),
        Family(
            'shuffled',
            'frames in random order (a control)',
            steps=_alone('RemoveOrder', control='shuffled'),
        ),
    )
}

#: Sets of conditions that belong together.
SUITES = ('rates', 'temporal', 'all')


def condition_named(
    name: str, over: str = 'clip', seed: int = 0
) -> Condition | SamplingRate:
    """Make the condition of a name such as ``'box_jumble=9'`` or ``'reverse'``.

    Args:
        name: Family and severity; ``'clean'`` is the model's own test, ``'sr2'``
            another name for ``'rate=2'``.
        over: See :class:`..datasets.transforms.TimeMap`.
        seed: The same.

    Raises:
        ValueError: There is no such family or severity; names those that there are.
    """
    if name == CLEAN.name:
        return CLEAN
    family, _, text = name.partition('=')
    if family.startswith('sr') and not text:
        family, text = 'rate', family.removeprefix('sr')
    if family not in FAMILIES:
        raise ValueError(
            f"There is no condition '{name}'. There are {', '.join(FAMILIES)}."
        )
    own = FAMILIES[family]
    if bool(text) != bool(own.values):
        example = f'{family}={own.values[-1]}' if own.values else family
        raise ValueError(f"The condition '{name}' is written as '{example}'.")
    try:
        if family == 'rate':
            return SamplingRate(float(text))
        return own.condition(own.parse(text) if text else None, over, seed)
    except ValueError as error:
        values = ', '.join(map(str, own.values))
        raise ValueError(
            f"The condition '{name}' has no such severity: {error} The suites have "
            f'{values}.'
        ) from error


def named_conditions(
    names: Sequence[str], over: str = 'clip', seed: int = 0
) -> tuple[list[Condition | SamplingRate], dict[str, str]]:
    """Make conditions of names, and leave out those that there are not.

    Returns:
        The conditions, and by the name of each other one, why it is none.
    """
    found, refused = [], {}
    for name in names:
        try:
            found.append(condition_named(name, over, seed))
        except ValueError as error:
            refused[name] = str(error)
    return found, refused


def suite(
    name: str, pipeline: Sequence[dict], over: str = 'clip', seed: int = 0
) -> list[Condition | SamplingRate]:
    """The conditions of a suite for a model.

    Args:
        name: ``'rates'``, ``'temporal'``, all others but for the grid of coverage and
            stride, or ``'all'``.
        pipeline: Its test pipeline, for its own rate and number of frames.
        over: See :class:`..datasets.transforms.TimeMap`.
        seed: The same.

    Returns:
        The clean condition, then those that differ from it.

    Raises:
        ValueError: There is no such suite, or no step samples frames.
    """
    if name not in SUITES:
        raise ValueError(f'suite={name!r} must be one of {", ".join(SUITES)}.')
    sampling = pipeline[find_sampling(pipeline)]
    own_rate, own_frames = sampling.get('frame_interval') or 1, frames_taken(sampling)
    found: list[Condition | SamplingRate] = [CLEAN]
    if name != 'temporal':
        found += [SamplingRate(own_rate * own) for own in FAMILIES['rate'].values]
    if name == 'rates':
        return found
    for family in list(FAMILIES.values())[1:]:
        if family.grid and name != 'all':
            continue
        for value in family.values or (None,):
            if family.name != 'frames' or value != own_frames:
                found.append(family.condition(value, over, seed))
    return found
