"""The data sets on which small networks are studied."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dem_mmaction.datasets.motion_probe import DotsSpec, ProbeSpec, VideosSpec
from dem_mmaction.models.stages import STAGES

#: The host of the thesis, which every instrument has.
R2P1D = 'r2p1d'
#: Hosts of DEM, by the beginning of their configs' names, and the stages of each in
#: which DEM has a place.
HOSTS: dict[str, tuple[str, ...]] = {
    R2P1D: STAGES,
    'r3d': STAGES[1:],
    'p3d': STAGES[1:4],
    's3d': STAGES,
}


@dataclass(frozen=True)
class Instrument:
    """A data set that small networks learn in minutes on a CPU.

    Its configs, below ``configs/``, hold the network with DEM everywhere and the
    schedule that trains it to the end. Their lists are named ``PART.txt``, or
    ``PART_FOLD.txt`` where there are folds, such as ``test_eli.txt``.

    Attributes:
        name: What the command line calls it.
        text: What it is, for a reader of its numbers.
        config: Its config.
        rates: Sub-sampling rates of the test.
        transfer: The config of other classes that its networks are fine-tuned to.
            None: there are none.
        folds: The divisions into training and test, each of which makes networks of its
            own; a result is of the videos of all. ``('',)`` for one division.
        hosts: The hosts that it has configs of: instead of ``r2p1d``, their names begin
            with the host's.
        learned_before: By hosts that hardly learn here from random weights, the name
            of the instrument on which they are trained first.
        videos: What to generate, by the name of the folder that its lists lie in.
            Empty: real videos, that ``tools/data/prepare.py`` has prepared.
    """

    name: str
    text: str
    config: str
    rates: tuple[float, ...]
    transfer: str | None = None
    folds: tuple[str, ...] = ('',)
    hosts: tuple[str, ...] = (R2P1D,)
    learned_before: Mapping[str, str] = field(default_factory=dict)
    videos: Mapping[str, VideosSpec] = field(default_factory=dict)

    def config_of(self, host: str) -> str:
        """The config of a host.

        Raises:
            ValueError: There is none; names the hosts that there are.
        """
        if host not in self.hosts:
            raise ValueError(
                f"No host '{host}' on {self.name}; there are {', '.join(self.hosts)}."
            )
        return self.config.replace(R2P1D, host)


_LEVEL_1 = ProbeSpec(train=1152, val=192, test=384, frames=96, size=(32, 32))

INSTRUMENTS: dict[str, Instrument] = {
    instrument.name: instrument
    for instrument in (
        Instrument(
            'probe',
            'Generated videos of one moving shape, 8 classes of motion (level 1).',
            'probe/r2p1d_dem_probe.py',
            rates=(1, 2, 4),
            hosts=tuple(HOSTS),
            videos=dict(motion_probe=_LEVEL_1),
        ),
        Instrument(
            'dots',
            'Generated fields of dots, 4 classes of common drift (level 2).',
            'probe/r2p1d_dem_dots.py',
            rates=(1, 2, 4),
            transfer='probe/r2p1d_dem_probe.py',
            videos=dict(
                dots_probe=DotsSpec(train=1200, val=384, test=768),
                motion_probe=_LEVEL_1,
            ),
        ),
        Instrument(
            'words',
            'Spoken words of one speaker (GRID corpus): 26 words.',
            'words/r2p1d_dem_words.py',
            rates=(0.5, 1, 2, 3),
            transfer='words/r2p1d_dem_letters.py',
            hosts=tuple(HOSTS),
            learned_before=dict(s3d='probe'),
        ),
        Instrument(
            'weizmann',
            'The Weizmann actions: 10 classes, one person left out at a time.',
            'weizmann/r2p1d_dem_weizmann.py',
            rates=(1, 2, 4),
            folds=(
                'daria',
                'denis',
                'eli',
                'ido',
                'ira',
                'lena',
                'lyova',
                'moshe',
                'shahar',
            ),
        ),
    )
}
