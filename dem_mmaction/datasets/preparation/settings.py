"""How videos are checked and what copies are like."""

from dataclasses import dataclass

from ..processes import num_cores


@dataclass(frozen=True)
class CheckSettings:
    """How videos are checked, and with how many processes.

    Attributes:
        every_frame: Whether the training decoder decodes all frames of an original
            instead of three, default False.
        min_frames: Smallest number of frames of a usable video, default 2.
        workers: Number of processes that check or copy at a time; by default None, one
            a core.
        limit: Seconds that the check of a file may take, default 60; a copy may take
            ten times as long.

    Raises:
        ValueError: A value is too small; names the option of the command line.
    """

    every_frame: bool = False
    min_frames: int = 2
    workers: int | None = None
    limit: float = 60.0

    def __post_init__(self) -> None:
        _at_least(1, workers=self.workers, min_frames=self.min_frames)
        _at_least(0.001, limit=self.limit)

    @property
    def processes(self) -> int:
        """Number of processes."""
        return num_cores() if self.workers is None else self.workers

    @property
    def copy_limit(self) -> float:
        """Seconds that a copy may take."""
        return 10 * self.limit


@dataclass(frozen=True)
class CopySettings:
    """What copies are like.

    Attributes:
        short_side: Length of the short side in pixels; a smaller video keeps its size.
            The default, 154, is the height of the largest size of the thesis's jitter,
            171x128 times 1.2.
        key_frames: Distance between key frames in frames, default 16. Reading a clip
            decodes up to so many frames more; decord seeks at every key frame between
            the frames that it is asked for, so that a short distance is slow at a high
            sub-sampling rate.
        quality: CRF of x264, 0 to 51, default 20; lower is better.
        trim: Whether videos longer than their annotated segment are cut to it, default
            False.

    Raises:
        ValueError: A value is outside its range; names the option of the command line.
    """

    short_side: int = 154
    key_frames: int = 16
    quality: int = 20
    trim: bool = False

    def __post_init__(self) -> None:
        _at_least(32, short_side=self.short_side)
        _at_least(1, key_frames=self.key_frames)
        if not 0 <= self.quality <= 51:
            raise ValueError(f'--quality {self.quality} must be 0 to 51.')


def _at_least(least: float, **values: float | None) -> None:
    for name, value in values.items():
        if value is not None and value < least:
            option = name.replace('_', '-')
            raise ValueError(f'--{option} {value} must be {least} or more.')
