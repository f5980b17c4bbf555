"""Tables and figures of the thesis as descriptions: what to train, test and show.

One description serves running, reporting and tests; :mod:`.catalogue` has them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Experiment:
    """One network to train and to test.

    Attributes:
        name: Of its folder.
        config: Below ``configs/``, for full size. None: there is none.
        probe: Below ``configs/``, for the motion probe.
        probe_options: What to change in ``probe``, as ``--cfg-options`` takes it.
        rates: Sub-sampling rates to test at.
        start: The experiment from whose weights the backbone starts.
        videos: Which probe it trains on, one of :data:`.catalogue.PROBES`.
    """

    name: str
    config: str | None
    probe: str
    probe_options: tuple[str, ...] = ()
    rates: tuple[int, ...] = (1,)
    start: str | None = None
    videos: str = 'single'


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
class ClassGains:
    """The accuracy that each class gains from one network to another.

    Attributes:
        without: Name of the experiment without DEM.
        dem: Name of that with DEM.
        metric: ``'video'`` or ``'clip'`` top-1.
        ends: Show so many classes from the top and the bottom, by name. None: a
            histogram of all.
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
    show: Table | ClassGains | LossCurves
    on_probe: str = ''

    @property
    def heading(self) -> str:
        """``'Table 4.1'``, ``'Figure 4.1'``; the name of a study of our own."""
        if self.name.startswith('fig'):
            return f'Figure {self.name[3:]}'
        return (
            f'Table {self.name}' if self.name[0].isdigit() else (self.name.capitalize())
        )

    @property
    def presets(self) -> tuple[str, ...]:
        """Where it can be run: ``'probe'``, and ``'full'`` if it has the configs."""
        full = all(experiment.config for experiment in self.experiments)
        return ('probe', 'full') if full else ('probe',)
