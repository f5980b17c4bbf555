"""From videos on disk and official lists to annotation lists that can be trusted."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from ...utils import locked
from .check import VideoFacts
from .copies import copy_jobs, make_copies
from .files import MARK, find_files, match
from .lists import DatasetLists, ListError
from .originals import check_files
from .outcome import Outcome, write_lists
from .record import Record
from .report import write_report
from .settings import CheckSettings, CopySettings
from .sources import Source

#: Folder of the copies, below the folder of the lists.
COPIES = 'copies'


def prepare(
    source: Source,
    out: Path,
    videos: Path | None = None,
    lists: Path | None = None,
    copies: CopySettings | None = None,
    checks: CheckSettings = CheckSettings(),  # noqa: B008  it cannot be changed
) -> Outcome:
    """Find, check and list the videos of a data set, and copy them if asked.

    Writes the report to ``out``, then ``STEM.txt`` for each list and ``classes.txt``,
    and keeps there what it has found out, so that a call that was cut off goes on.

    Args:
        source: The data set.
        out: Folder to write to.
        videos: Folder of the videos. None: list what the official lists have.
        lists: Folder of the official lists.
        copies: What copies to write to ``out/copies`` and to list. None: no copies.
        checks: How videos are checked.

    Returns:
        What became of each video.

    Raises:
        ListError: An official list or a folder cannot be read, a list says what a video
            does not hold, or ``videos`` are the copies themselves.
        FolderInUseError: Another call is writing to ``out``.
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
    with locked(out):
        if videos is None:
            _refuse_checked(out)
            paths = {
                name: Path(name)
                for name, entry in data.by_name().items()
                if entry.label >= 0
            }
            outcome = Outcome(data, paths=paths, checked=False)
        else:
            outcome = _look(source, data, out, Path(videos), copies, checks)
        write_report(source.name, outcome, out)
        write_lists(outcome, out)
    return outcome


def _look(
    source: Source,
    data: DatasetLists,
    out: Path,
    videos: Path,
    copies: CopySettings | None,
    checks: CheckSettings,
) -> Outcome:
    """Find, check and copy."""
    files = find_files(videos)
    entries = data.by_name()
    found = match(entries.values(), files.paths, videos, source.keys)
    with Record(out / 'checked.jsonl') as record:
        facts = check_files(found.paths, record, checks)
    usable = _usable(found.paths, facts)
    for entry in chain.from_iterable(data.flat().values()):
        if entry.name in usable:
            source.check(entry, facts[entry.name])
    if copies is not None:
        folder = out / COPIES
        folder.mkdir(exist_ok=True)
        (folder / MARK).touch()
        wanted = [entry for name, entry in entries.items() if name in usable]
        jobs = copy_jobs(wanted, usable, facts, data.class_of(), folder, copies)
        with Record(out / 'copied.jsonl') as record:
            facts |= make_copies(jobs, record, checks)
        usable = _usable({name: job.path for name, job in jobs.items()}, facts)
    return Outcome(data, files, found, facts, usable)


def _usable(
    paths: Mapping[str, Path], facts: Mapping[str, VideoFacts | str]
) -> dict[str, Path]:
    """The files with facts rather than a reason against them."""
    return {
        name: path
        for name, path in paths.items()
        if isinstance(facts[name], VideoFacts)
    }


def _refuse_checked(out: Path) -> None:
    """Lists that nobody has checked must not replace those that have been."""
    report = out / 'report.json'
    # Whatever the file holds, it is not one of a call like this.
    if report.is_file() and '"checked": false' not in report.read_text():
        raise ListError(f'{out} has lists of checked videos: give another --out.')
