"""From videos on disk and official lists to annotation lists that can be trusted."""
import errno
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from ..processes import Failure, num_cores, run_in_processes
from .check import DamagedVideo, VideoFacts, check_video
from .files import Files, Found, find_files, match
from .lists import DatasetLists, Entry, ListError
from .record import Record
from .sources import Source
from .transcode import CopySettings, transcode


@dataclass(frozen=True)
class Outcome:
    """What became of a data set.

    Attributes:
        lists: What it says it has.
        files: What the folder has.
        found: The files of the entries.
        facts: Of each entry's file, usable or not (a reason), by name; of the copies,
            where there are some.
        paths: What the lists point to, of each usable entry.
        checked: Whether files were looked at.
    """
    lists: DatasetLists
    files: Files = Files((), ())
    found: Found = field(default_factory=lambda: Found({}, {}))
    facts: Mapping[str, VideoFacts | str] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)
    checked: bool = True

    @property
    def damaged(self) -> dict[str, str]:
        """The reasons against files, by the entry's name."""
        return {name: fact for name, fact in self.facts.items()
                if isinstance(fact, str)}


def prepare(source: Source,
            out: Path,
            videos: Path | None = None,
            lists: Path | None = None,
            copies: CopySettings | None = None,
            every_frame: bool = False,
            min_frames: int = 2,
            workers: int | None = None,
            limit: float = 60.) -> Outcome:
    """Find, check and list the videos of a data set, and copy them if asked.

    Writes ``STEM.txt`` for each list and ``classes.txt`` to ``out``, all at the end and
    each at once, and keeps there what it has found out, so that a call that was cut off
    goes on.

    Args:
        source: The data set.
        out: Where to write.
        videos: Where the videos are. None: list what the official lists have.
        lists: Where the official lists are.
        copies: Write copies like this to ``out/videos``, and list those.
        every_frame: Decode every frame of the originals.
        min_frames: What a usable video has at least.
        workers: Processes at a time; by default as many as cores.
        limit: Seconds for the check of a file; ten times that for a copy.

    Raises:
        ListError: An official list or a folder cannot be read.
        OSError: Something cannot be written.
    """
    out = Path(out)
    data = source.read(lists, videos)
    if videos is None:
        _refuse_checked(out)
        entries = _unique(data)
        paths = {entry.name: Path(entry.name) for entry in entries}
        outcome = Outcome(data, paths=paths, checked=False)
        write_lists(outcome, out)
        return outcome

    workers = workers or num_cores()
    files = find_files(videos)
    entries = _unique(data)
    found = match(entries, files.paths, videos, source.keys)
    with Record(out / 'checked.jsonl') as record:
        facts = _check(found.paths, record, every_frame, min_frames, workers, limit)
    usable = {name: found.paths[name] for name, fact in facts.items()
              if isinstance(fact, VideoFacts)}
    if copies is not None:
        targets = _targets(entries, data.classes, out / 'videos')
        jobs = {
            entry.name: _Job(usable[entry.name], targets[entry.name], copies,
                             _segment(entry, facts[entry.name], copies))
            for entry in entries if entry.name in usable}
        with Record(out / 'copied.jsonl') as record:
            facts |= _copy(jobs, record, min_frames, workers, 10 * limit)
        usable = {name: targets[name] for name in usable
                  if isinstance(facts[name], VideoFacts)}
    outcome = Outcome(data, files, found, facts, usable)
    write_lists(outcome, out)
    return outcome


def _refuse_checked(out: Path) -> None:
    """Lists that nobody has checked must not replace those that have been."""
    report = out / 'report.json'
    if report.is_file() and json.loads(report.read_text(encoding='utf-8'))['checked']:
        raise ListError(f'{out} has lists of checked videos: give another --out.')


def _unique(data: DatasetLists) -> list[Entry]:
    """The entries of all lists, each once: the splits share their videos."""
    return list({entry.name: entry for entries in data.flat().values()
                 for entry in entries}.values())


def _stamp(path: Path) -> str | None:
    """Changes when the file does; files that are one on disk have the same."""
    try:
        status = path.stat()
    except OSError:
        return None
    return ' '.join(map(str, (
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)))


def _check(paths: Mapping[str, Path], record: Record, every_frame: bool,
           min_frames: int, workers: int, limit: float) -> dict[str, VideoFacts | str]:
    """The facts about each file, those on record and new ones."""
    stamps = {name: _stamp(path) for name, path in paths.items()}
    keys = {name: f'{stamp or paths[name]}{" every frame" if every_frame else ""}'
            for name, stamp in stamps.items()}
    todo = {keys[name]: path for name, path in paths.items()
            if keys[name] not in record.known or stamps[name] is None}
    by_path = {path: key for key, path in todo.items()}
    work = run_in_processes(
        partial(check_video, every_frame=every_frame), by_path, workers, limit,
        DamagedVideo)
    fresh = {}
    for path, result in tqdm(work, 'check', len(by_path), unit='video'):
        key = by_path[path]
        fresh[key] = _as_json(result)
        if not isinstance(result, Failure) or 'longer than' not in result.reason:
            record.add(key, fresh[key])  # a busy machine may be why it took so long
    return {name: _usable(fresh.get(key, record.known.get(key)), min_frames)
            for name, key in keys.items()}


def _as_json(result: VideoFacts | Failure) -> dict | str:
    return result.reason if isinstance(result, Failure) else asdict(result)


def _usable(known: dict | str, min_frames: int) -> VideoFacts | str:
    if isinstance(known, str):
        return known
    facts = VideoFacts(**known)
    if facts.frames < min_frames:
        plural = '' if facts.frames == 1 else 's'
        return f'only {facts.frames} frame{plural}, fewer than {min_frames}'
    return facts


@dataclass(frozen=True)
class _Job:
    """A copy to make."""
    source: Path
    target: Path
    settings: CopySettings
    segment: tuple[float, float] | None

    @property
    def key(self) -> str:
        """Changes when the original or the settings do."""
        return f'{_stamp(self.source)} {self.target} {self.settings} {self.segment}'


def _segment(entry: Entry, facts: VideoFacts | str,
             copies: CopySettings) -> tuple[float, float] | None:
    """The segment to keep, of a video that is longer than that."""
    if not copies.trim or entry.segment is None:
        return None
    start, end = entry.segment
    return (start, end) if facts.seconds > end - start + 1 else None


def _targets(entries: Sequence[Entry], classes: Sequence[str],
             folder: Path) -> dict[str, Path]:
    """A file for each copy, without blanks, in a folder of its class."""
    targets, taken = {}, set()
    for entry in entries:
        stem = '_'.join(PurePosixPath(entry.name).stem.split())
        place = folder / '_'.join(classes[entry.label].replace('/', ' ').split())
        target, number = place / f'{stem}.mp4', 1
        while target in taken:
            number += 1
            target = place / f'{stem}-{number}.mp4'
        taken.add(target)
        targets[entry.name] = target
    return targets


def _copy(jobs: Mapping[str, _Job], record: Record, min_frames: int, workers: int,
          limit: float) -> dict[str, VideoFacts | str]:
    """Make the copies that are not there yet; the facts about all."""
    keys = {name: job.key for name, job in jobs.items()}
    todo = {job: name for name, job in jobs.items()
            if keys[name] not in record.known or not job.target.is_file()}
    bar = tqdm(run_in_processes(_make, todo, workers, limit, DamagedVideo), 'copy',
               len(todo), unit='video')
    fresh = {}
    for job, result in bar:
        key = keys[todo[job]]
        fresh[key] = _as_json(result)
        if not isinstance(result, Failure):
            record.add(key, fresh[key])
    return {name: _usable(fresh.get(key, record.known.get(key)), min_frames)
            for name, key in keys.items()}


def _make(job: _Job) -> VideoFacts:
    """Write a copy and check it as any video."""
    frames = transcode(job.source, job.target, job.settings, job.segment)
    facts = check_video(job.target)
    if facts.frames != frames:
        raise DamagedVideo(f'the copy has {facts.frames} frames instead of {frames}')
    return facts


def list_lines(outcome: Outcome, entries: Sequence[Entry],
               out: Path) -> Iterator[str]:
    """``path label`` of each usable entry, the path relative to ``out`` if below it."""
    for entry in entries:
        if entry.name in outcome.paths:
            path = outcome.paths[entry.name]
            if outcome.checked:
                path = path.absolute()
                if path.is_relative_to(out.absolute()):
                    path = path.relative_to(out.absolute())
            yield f'{path} {entry.label}\n'


def write_lists(outcome: Outcome, out: Path) -> None:
    """Write the lists and ``classes.txt``: all of them or none.

    Raises:
        ListError: A list would be empty.
        OSError: One cannot be written; what was there before stays.
    """
    texts = {f'{stem}.txt': ''.join(list_lines(outcome, entries, out))
             for stem, entries in outcome.lists.flat().items()}
    empty = [name for name, text in texts.items() if not text]
    if empty:
        raise ListError(f'No usable video for {", ".join(empty)}; nothing is written.')
    texts['classes.txt'] = ''.join(f'{name}\n' for name in outcome.lists.classes)
    write_all(out, texts)


def write_all(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files aside, then rename them, so that none is half written.

    Raises:
        OSError: One cannot be written, with its name; those that were there stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asides = []
    try:
        for name, text in texts.items():
            asides.append(folder / f'{name}.part')
            asides[-1].write_text(text, encoding='utf-8')
    except OSError as error:
        raise OSError(
            error.errno or errno.EIO, error.strerror, str(asides[-1])) from error
    else:
        for aside in asides:
            aside.replace(aside.with_suffix(''))
    finally:
        for aside in asides:
            aside.unlink(missing_ok=True)
