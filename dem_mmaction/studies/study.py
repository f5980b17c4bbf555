"""Tables and figures as descriptions: what to train, to test and to show.

One description serves running, reporting and tests; :mod:`.catalogue` has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dem_mmaction.datasets.motion_probe import ProbeSpec


@dataclass(frozen=True)
class ProbeVideos:
    """Generated videos.

    Attributes:
        name: Name of their folder.
        spec: What they are like.
    """

    name: str
    spec: ProbeSpec


@dataclass(frozen=True)
class OnProbe:
    """An experiment in small: a network of ``configs/probe/`` on generated videos.

    Attributes:
        config: The config, below ``configs/``.
        videos: What it trains and tests on.
        changes: What to merge into the config.
        rate: Sub-sampling rate of the training.
    """

    config: str
    videos: ProbeVideos
    changes: Mapping[str, Any] = field(default_factory=dict)
    rate: int = 1


@dataclass(frozen=True)
class Experiment:
    """One network to train and to test.

    Attributes:
        name: Name of its folder.
        probe: What it is on the motion probe.
        full: Its config at the thesis's size, below ``configs/``. None: there is none.
        rates: Sub-sampling rates to test at.
        start: Name of the experiment from whose weights the backbone starts.
    """

    name: str
    probe: OnProbe
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
class RateCurves:
    """Accuracies of networks over the sub-sampling rate, as a table and a picture.

    Attributes:
        networks: By the name to show, the experiment.
        rates: Rates of the tests.
        columns: By the name to show, the metric of each column of the table.
        panels: By title, the metric of each panel of the picture.
        chance: The accuracy of guessing, in [0, 1].
    """

    networks: Mapping[str, str]
    rates: tuple[int, ...]
    columns: Mapping[str, str]
    panels: Mapping[str, str]
    chance: float


@dataclass(frozen=True)
class ClassGains:
    """The accuracy that each class gains from one network to another.

    Attributes:
        without: Name of the experiment without DEM.
        dem: Name of the experiment with DEM.
        metric: ``'video'`` or ``'clip'`` top-1.
        ends: Number of classes to show from the top and from the bottom, by name.
            None: a histogram of all.
        thesis: What the thesis says of it.
    """

    without: str
    dem: str
    metric: str = 'video'
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
        on_probe: What stands in for what, where it is run on the probe.
    """

    name: str
    title: str
    experiments: tuple[Experiment, ...]
    show: Table | RateCurves | ClassGains | LossCurves
    on_probe: str = ''

    @property
    def heading(self) -> str:
        """``'Table 4.1'``, ``'Figure 4.1'``; the name of a study of our own."""
        if self.name.startswith('fig'):
            return f'Figure {self.name[3:]}'
        return (
            f'Table {self.name}' if self.name[0].isdigit() else (self.name.capitalize())
        )
