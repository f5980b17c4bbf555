"""Tables and figures as descriptions: what to train, to test and to show.

One description serves running, reporting and tests; :mod:`.catalogue` has them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class RatesOfInstrument:
    """Stands for the whole sub-sampling rates at which an instrument is tested.

    Attributes:
        highest: For the highest of them alone.
    """

    highest: bool = False

    def of(self, rates: Sequence[float]) -> list[int] | int:
        """What it stands for, at an instrument with these rates."""
        whole = [int(rate) for rate in rates if rate >= 1]
        return max(whole) if self.highest else whole


@dataclass(frozen=True)
class Small:
    """An experiment in small, on any of the :mod:`.instruments`.

    Attributes:
        backbone: Arguments of the backbone, other than those of the instrument's
            network, which has DEM everywhere.
        rate: Sub-sampling rate of the training.
        changes: What else to merge into the instrument's config. In it and in
            ``sampling``, a value may be :class:`RatesOfInstrument`.
        transfer: Train on the instrument's other classes instead of its own.
        sampling: What stands in the place of the training's sampling step, where it is
            another: its type and arguments, without those of the clip's length and
            place, which stay.
        host: The network that carries DEM, one of :data:`.instruments.HOSTS`. Empty:
            that of the preset.
    """

    backbone: Mapping[str, Any] = field(default_factory=dict)
    rate: int = 1
    changes: Mapping[str, Any] = field(default_factory=dict)
    transfer: bool = False
    sampling: Mapping[str, Any] = field(default_factory=dict)
    host: str = ''


@dataclass(frozen=True)
class Experiment:
    """One network to train and to test.

    Attributes:
        name: Name of its folder.
        small: What it is in small. None: it is not run so.
        full: Its config at the thesis's size, below ``configs/``. None: there is none.
        rates: Sub-sampling rates to test at, at the thesis's size.
        start: Name of the experiment from whose weights the backbone starts.
    """

    name: str
    small: Small | None = None
    full: str | None = None
    rates: tuple[int, ...] = (1,)
    start: str | None = None


@dataclass(frozen=True)
class Cell:
    """A number of a table.

    Attributes:
        experiments: What it is measured on; with several, their mean.
        rate: Sub-sampling rate of the test.
        metric: Its name in the results.
        thesis: The thesis's number in percent. None: it has none.
        minus_rate: Show the difference to the same metric at this rate.
    """

    experiments: tuple[str, ...]
    rate: int
    metric: str
    thesis: float | None = None
    minus_rate: int | None = None


@dataclass(frozen=True)
class Table:
    """Numbers in rows.

    Attributes:
        labels: Names of the columns that say what a row is.
        columns: Names of the columns of cells.
        rows: Labels and cells of every row.
    """

    labels: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Row:
    """A network of a comparison.

    Attributes:
        labels: What the row is called.
        experiment: Name of the experiment.
        baseline: Name of the one that it is compared with. None: it is one itself.
    """

    labels: tuple[str, ...]
    experiment: str
    baseline: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Networks beside the ones that they are compared with, seed by seed.

    Attributes:
        labels: Names of the columns that say what a row is.
        rows: The networks.
        metric: The accuracy that is compared. Intervals of ``'video/top1'`` are over
            seeds and videos, those of others over seeds alone.
    """

    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    metric: str = 'video/top1'


@dataclass(frozen=True)
class Claim:
    """Something said of a network that measurements can confirm or refute.

    Attributes:
        text: What is said.
        experiment: Name of the experiment that it is said of.
        baseline: Name of the one that it is compared with.
        at_other_rates: It is said of what is lost at other rates than that of the
            training, each on its own, and not of the accuracy at that rate.
    """

    text: str
    experiment: str
    baseline: str
    at_other_rates: bool = False


@dataclass(frozen=True)
class Claims:
    """Claims, each with its difference and whether that bears it out.

    Attributes:
        claims: What is said.
    """

    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class RateCurves:
    """Accuracies of networks over the sub-sampling rate, as a table and a picture.

    Attributes:
        networks: By the name to show, the experiment.
        columns: By the name to show, the metric of each column of the table.
        panels: By title, the metric of each panel of the picture.
        chance: The accuracy of guessing, in [0, 1].
    """

    networks: Mapping[str, str]
    columns: Mapping[str, str]
    panels: Mapping[str, str]
    chance: float


@dataclass(frozen=True)
class ClassGains:
    """The top-1 that each class gains from one network to another.

    Attributes:
        without: Name of the experiment without DEM.
        dem: Name of the experiment with DEM.
        ends: Number of classes to show from the top and from the bottom, by name.
            None: a histogram of all.
        thesis: What the thesis says of it.
    """

    without: str
    dem: str
    ends: int | None = None
    thesis: str = ''


@dataclass(frozen=True)
class LossCurves:
    """Training and validation loss over the epochs.

    Attributes:
        panels: Title of each and, by the name to show, its experiments.
        thesis: What the thesis says of it.
    """

    panels: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    thesis: str = ''


@dataclass(frozen=True)
class Study:
    """A table or a figure.

    Attributes:
        name: Its number in the thesis, ``fig`` before that of a figure.
        title: What it shows.
        experiments: The networks behind it; one that another starts from comes first.
        show: What is made of their results.
        full: What is made of them at the thesis's size, where that differs: a table of
            the thesis, whose numbers stand beside the measured ones.
        instruments: The instruments that it is made for. Empty: all of them, and full
            size where its experiments have that.
    """

    name: str
    title: str
    experiments: tuple[Experiment, ...]
    show: Comparison | Claims | RateCurves | ClassGains | LossCurves
    full: Table | None = None
    instruments: tuple[str, ...] = ()

    def only(self, names: Sequence[str]) -> 'Study':
        """The study with some of its experiments, and those that they start from.

        Raises:
            ValueError: It has no experiment of a name; names those it has.
        """
        known = {own.name: own for own in self.experiments}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(
                f"Study '{self.name}' has no experiment '{unknown[0]}'; it has "
                f'{", ".join(known)}.'
            )
        wanted = {*names, *(known[name].start for name in names)}
        return replace(
            self,
            experiments=tuple(own for own in self.experiments if own.name in wanted),
        )

    @property
    def heading(self) -> str:
        """``'Table 4.1'``, ``'Figure 4.1'``; the name of a study of our own."""
        if self.name.startswith('fig'):
            return f'Figure {self.name[3:]}'
        if self.name[0].isdigit():
            return f'Table {self.name}'
        return self.name.capitalize()
