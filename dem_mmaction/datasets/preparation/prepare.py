"""From videos on disk and official lists to annotation lists that can be trusted."""

import fcntl
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from ..processes import Failure, num_cores, run_in_processes
from .check import DamagedVideo, VideoFacts, check_video
from .files import MARK, find_files, match
from .lists import DatasetLists, Entry, ListError
from .outcome import Outcome, write_lists
from .record import Record
from .report import write_report
from .sources import Source
from .transcode import CopySettings, part_of, transcode

#: Where copies go, below the folder of the lists.
COPIES = 'copies'
_PATIENCE = 5  # seconds


def prepare(
    source: Source,
    out: Path,
    videos: Path | None = None,
    lists: Path | None = None,
    copies: CopySettings | None = None,
    every_frame: bool = False,
    min_frames: int = 2,
    workers: int | None = None,
    limit: float = 60.0,
) -> Outcome:
    """Find, check and list the videos of a data set, and copy them if asked.

    Writes the report to ``out``, then ``STEM.txt`` for each list and ``classes.txt``,
    and keeps there what it has found out, so that a call that was cut off goes on.

    Args:
        source: The data set.
        out: Where to write.
        videos: Where the videos are. None: list what the official lists have.
        lists: Where the official lists are.
        copies: Write copies like this to ``out/copies``, and list those.
        every_frame: Decode every frame of the originals.
        min_frames: What a usable video has at least.
        workers: Processes at a time; by default as many as cores.
        limit: Seconds for the check of a file; ten times that for a copy.

    Raises:
        ListError: An official list or a folder cannot be read, ``videos`` are the
            copies themselves, or another call is writing to ``out``.
        OSError: Something cannot be written.
    """
    out = Path(out)
    if videos is not None and Path(videos).resolve().is_relative_to(
        (out / COPIES).resolve()
    ):
        raise ListError(
            f'--videos {videos} are the copies of --out {out}: give the originals.'
        )
    data = source.read(lists, videos)
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        if videos is None:
            _refuse_checked(out)
            paths = {
                entry.name: Path(entry.name)
                for entry in _unique(data)
                if entry.label >= 0
            }
            outcome = Outcome(data, paths=paths, checked=False)
        else:
            outcome = _look(
                source,
                data,
                out,
                Path(videos),
                copies,
                every_frame,
                min_frames,
                workers or num_cores(),
                limit,
            )
        write_report(source.name, outcome, out)
        write_lists(outcome, out)
    return outcome


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold a folder against a second call.

    Raises:
        ListError: Another call holds it; one that was killed lets go in a moment.
    """
    with open(out / '.lock', 'w') as lock:
        for patience in range(_PATIENCE, -1, -1):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not patience:
                    raise ListError(f'Another call is writing to {out}.') from None
                time.sleep(1)
        yield


def _look(
    source: Source,
    data: DatasetLists,
    out: Path,
    videos: Path,
    copies: CopySettings | None,
    every_frame: bool,
    min_frames: int,
    workers: int,
    limit: float,
) -> Outcome:
    """Find, check and copy."""
    files = find_files(videos)
    entries = _unique(data)
    found = match(entries, files.paths, videos, source.keys)
    with Record(out / 'checked.jsonl') as record:
        facts = _check(found.paths, record, every_frame, min_frames, workers, limit)
    usable = {
        name: found.paths[name]
        for name, fact in facts.items()
        if isinstance(fact, VideoFacts)
    }
    if copies is not None:
        folder = out / COPIES
        folder.mkdir(exist_ok=True)
        (folder / MARK).touch()
        entries = [entry for entry in entries if entry.name in usable]
        targets = _targets(entries, data.classes)
        jobs = {
            entry.name: _Job(
                usable[entry.name],
                folder,
                targets[entry.name],
                copies,
                facts[entry.name].frames,
                segment_of(entry, usable[entry.name], facts[entry.name], copies),
            )
            for entry in entries
        }
        with Record(out / 'copied.jsonl') as record:
            facts |= _copy(jobs, record, min_frames, workers, 10 * limit)
        usable = {
            name: job.path
            for name, job in jobs.items()
            if isinstance(facts[name], VideoFacts)
        }
    return Outcome(data, files, found, facts, usable)


def _refuse_checked(out: Path) -> None:
    """Lists that nobody has checked must not replace those that have been."""
    report = out / 'report.json'
    # Whatever the file holds, it is not one of a call like this.
    if report.is_file() and '"checked": false' not in report.read_text():
        raise ListError(f'{out} has lists of checked videos: give another --out.')


def _unique(data: DatasetLists) -> list[Entry]:
    """The entries of all lists, each once: the splits share their videos."""
    return list(
        {
            entry.name: entry for entries in data.flat().values() for entry in entries
        }.values()
    )


def _stamp(path: Path) -> str | None:
    """Changes when the file does; files that are one on disk have the same."""
    try:
        status = path.stat()
    except OSError:
        return None
    return ' '.join(
        map(str, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    )


def _check(
    paths: Mapping[str, Path],
    record: Record,
    every_frame: bool,
    min_frames: int,
    workers: int,
    limit: float,
) -> dict[str, VideoFacts | str]:
    """The facts about each file, those on record and new ones."""
    stamps = {name: _stamp(path) for name, path in paths.items()}
    keys = {
        name: f'{stamp or paths[name]}{" every frame" if every_frame else ""}'
        for name, stamp in stamps.items()
    }
    todo = {
        keys[name]: path
        for name, path in paths.items()
        if keys[name] not in record.known or stamps[name] is None
    }
    by_path = {path: key for key, path in todo.items()}
    work = run_in_processes(
        partial(check_video, every_frame=every_frame),
        by_path,
        workers,
        limit,
        DamagedVideo,
    )
    failed = {}
    for path, result in tqdm(work, 'check', len(by_path), unit='video'):
        if isinstance(result, Failure):  # not recorded: it may pass, as a busy disk
            failed[by_path[path]] = result.reason
        else:
            record.add(by_path[path], asdict(result))
    return {
        name: failed[key]
        if key in failed
        else _long_enough(record.known[key], min_frames)
        for name, key in keys.items()
    }


def _long_enough(known: dict, min_frames: int) -> VideoFacts | str:
    """Facts on record, or that they speak of too few frames."""
    facts = VideoFacts(**known)
    if facts.frames < min_frames:
        plural = '' if facts.frames == 1 else 's'
        return f'only {facts.frames} frame{plural}, fewer than {min_frames}'
    return facts


@dataclass(frozen=True)
class _Job:
    """A copy to make."""

    source: Path
    folder: Path
    target: str
    settings: CopySettings
    frames: int
    segment: tuple[float, float] | None

    @property
    def path(self) -> Path:
        return self.folder / self.target

    @property
    def stamps(self) -> list[str | None]:
        """Change when the original or the settings do, and when the copy does."""
        origin = f'{_stamp(self.source)} {self.settings} {self.segment}'
        return [origin, _stamp(self.path)]

    def make(self) -> VideoFacts:
        """Write the copy."""
        return transcode(
            self.source,
            self.path,
            self.settings,
            self.segment,
            None if self.segment else self.frames,
        )


def segment_of(
    entry: Entry, path: Path, facts: VideoFacts, copies: CopySettings
) -> tuple[float, float] | None:
    """The segment to keep, of a video that has more than that.

    A name that ends in the seconds of its cut says that it has been cut.
    """
    if (
        not copies.trim
        or entry.segment is None
        or re.search(r'_\d{6}_\d{6}$', path.stem)
    ):
        return None
    start, end = entry.segment
    return (start, end) if facts.seconds > max(start, end - start + 1) else None


def _targets(entries: Sequence[Entry], classes: Sequence[str]) -> dict[str, str]:
    """A path for each copy, without blanks, in a folder of its class."""
    targets, taken = {}, set()
    for entry in entries:
        stem = '_'.join(PurePosixPath(entry.name).stem.split())
        # A file name has 255 bytes at most, with what is added to it.
        stem = stem.encode('utf-8', 'replace')[:200].decode('utf-8', 'ignore')
        place = '_'.join(classes[entry.label].replace('/', ' ').split())
        target, number = f'{place}/{stem}.mp4', 1
        while target in taken:
            number += 1
            target = f'{place}/{stem}-{number}.mp4'
        taken.add(target)
        targets[entry.name] = target
    return targets


def _copy(
    jobs: Mapping[str, _Job],
    record: Record,
    min_frames: int,
    workers: int,
    limit: float,
) -> dict[str, VideoFacts | str]:
    """Make the copies that are not there yet; the facts about all."""
    todo = {
        job: name
        for name, job in jobs.items()
        if record.known.get(job.target, [])[:2] != job.stamps
    }
    work = run_in_processes(_Job.make, todo, workers, limit, DamagedVideo)
    failed = {}
    for job, result in tqdm(work, 'copy', len(todo), unit='video'):
        if isinstance(result, Failure):
            failed[todo[job]] = result.reason
            part_of(job.path).unlink(missing_ok=True)  # of a process that was killed
        else:
            record.add(job.target, [*job.stamps, asdict(result)])
    return {
        name: failed[name]
        if name in failed
        else _long_enough(record.known[job.target][2], min_frames)
        for name, job in jobs.items()
    }
