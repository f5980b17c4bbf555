"""Making the copies of a data set, each once as long as nothing changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from ..processes import Failure, run_in_processes
from .check import DamagedVideo, VideoFacts
from .lists import Entry
from .originals import long_enough
from .record import Record, stamp
from .settings import CheckSettings, CopySettings
from .transcode import transcode


@dataclass(frozen=True)
class Job:
    """A copy to make.

    Attributes:
        source: The original.
        folder: Folder of all copies.
        target: Path of the copy below the folder.
        settings: What the copy is like.
        frames: Number of frames of the original.
        segment: Start and end in seconds of what is kept; None: everything.
    """

    source: Path
    folder: Path
    target: str
    settings: CopySettings
    frames: int
    segment: tuple[float, float] | None

    @property
    def path(self) -> Path:
        """Path of the copy."""
        return self.folder / self.target

    @property
    def stamps(self) -> list[str | None]:
        """Two notes: one changes with original and settings, one with the copy."""
        origin = f'{stamp(self.source)} {self.settings} {self.segment}'
        return [origin, stamp(self.path)]

    def make(self) -> VideoFacts:
        """Write the copy."""
        return transcode(
            self.source,
            self.path,
            self.settings,
            self.segment,
            None if self.segment else self.frames,
        )


def copy_jobs(
    entries: Sequence[Entry],
    originals: Mapping[str, Path],
    facts: Mapping[str, VideoFacts],
    class_of: Mapping[str, str],
    folder: Path,
    settings: CopySettings,
) -> dict[str, Job]:
    """Plan the copy of each entry.

    Args:
        entries: Entries whose originals can be used.
        originals: Original of each, by the name of the entry.
        facts: Facts about each original, by the name of the entry.
        class_of: Class of each entry that has one, by the name of the entry.
        folder: Folder of all copies.
        settings: What copies are like.

    Returns:
        The jobs by the name of the entry.
    """
    targets = _targets(entries, class_of)
    return {
        entry.name: Job(
            originals[entry.name],
            folder,
            targets[entry.name],
            settings,
            facts[entry.name].frames,
            segment_of(entry, originals[entry.name], facts[entry.name], settings),
        )
        for entry in entries
    }


def make_copies(
    jobs: Mapping[str, Job], record: Record, settings: CheckSettings
) -> dict[str, VideoFacts | str]:
    """Make copies in processes, unless the record knows them as they are.

    Args:
        jobs: The copies by the name of the entry.
        record: Facts of earlier calls; new ones are added.
        settings: Number of processes, their time limit, smallest number of frames.

    Returns:
        Facts about each copy, or the reason why there is none, by the name of the
        entry.
    """
    todo = {
        job: name
        for name, job in jobs.items()
        if record.known.get(job.target, [])[:2] != job.stamps
    }
    work = run_in_processes(
        Job.make, todo, settings.processes, settings.copy_limit, DamagedVideo
    )
    failed = {}
    try:
        for job, result in tqdm(work, 'copy', len(todo), unit='video'):
            if isinstance(result, Failure):
                failed[todo[job]] = result.reason
            else:
                record.add(job.target, [*job.stamps, asdict(result)])
    finally:
        for folder in {job.folder for job in todo}:
            for part in folder.rglob('*.part.mp4'):  # of processes that were killed
                part.unlink()
    return {
        name: failed[name]
        if name in failed
        else long_enough(record.known[job.target][2], settings.min_frames)
        for name, job in jobs.items()
    }


def segment_of(
    entry: Entry, path: Path, facts: VideoFacts, settings: CopySettings
) -> tuple[float, float] | None:
    """Start and end in seconds to cut a video to; None: it stays whole.

    A name that ends in the seconds of its cut says that it has been cut.
    """
    if (
        not settings.trim
        or entry.segment is None
        or re.search(r'_\d{6}_\d{6}$', path.stem)
    ):
        return None
    start, end = entry.segment
    return (start, end) if facts.seconds > max(start, end - start + 1) else None


def _targets(entries: Sequence[Entry], class_of: Mapping[str, str]) -> dict[str, str]:
    """A path for each copy, without blanks, in a folder of its class if it has one."""
    targets, taken = {}, set()
    for entry in entries:
        stem = '_'.join(PurePosixPath(entry.name).stem.split())
        # A file name has 255 bytes at most, with what is added to it.
        stem = stem.encode('utf-8', 'replace')[:200].decode('utf-8', 'ignore')
        if stem.endswith('.part'):  # the name of a copy that is being written
            stem += '_'
        place = '_'.join(class_of.get(entry.name, '').replace('/', ' ').split())
        target, number = str(PurePosixPath(place, f'{stem}.mp4')), 1
        while target in taken:
            number += 1
            target = str(PurePosixPath(place, f'{stem}-{number}.mp4'))
        taken.add(target)
        targets[entry.name] = target
    return targets
