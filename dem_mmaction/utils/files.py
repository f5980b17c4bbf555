"""Files that are there whole or not at all, and folders that know their contents."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.fileio import list_from_file


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, renamed to ``path`` at the end.

    Readers see the old file or the new one, never half of it. After an exception the
    old file stays and what was written aside is deleted; only a kill leaves it behind.

    Args:
        path: The file to write. Its folder is made where there is none.

    Yields:
        ``NAME.part.SUFFIX`` in the same folder; the suffix stays, because some writers
        choose their format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f'{path.stem}.part{path.suffix}')
    try:
        yield aside
        aside.replace(path)
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)  # a full disk refuses a write without its name
        raise
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file by way of :func:`written_aside`."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding='utf-8')


def read_names(path: str | Path) -> list[str]:
    """The names in a text file, one a line; blank lines are nothing.

    Args:
        path: The file, or its address as MMEngine's backends take it.
    """
    lines = list_from_file(str(path), encoding='utf-8-sig')
    return [line.strip() for line in lines if line.strip()]


def distinct_stems(paths: Sequence[str]) -> list[str]:
    """Names of paths without folder and suffix; those of equal names get a number."""
    found: list[str] = []
    for path in paths:
        stem = name = Path(path).stem
        number = 1
        while name in found:
            number += 1
            name = f'{stem}_{number}'
        found.append(name)
    return found


def claim_folder(
    record: Path, settings: Mapping[str, Any], defaults: Mapping[str, Any] = {}
) -> None:
    """Note what the contents of a folder are made with, or refuse other contents.

    Args:
        record: A JSON file in the folder, written where there is none.
        settings: What the contents depend on, as JSON can hold it.
        defaults: Settings that older records lack, with the value that they stood for.

    Raises:
        ValueError: The record is damaged, or has other settings; names each of them.
    """
    record = Path(record)
    if not record.is_file():
        write_text(record, json.dumps(settings, indent=1) + '\n')
        return
    try:
        found = {**defaults, **json.loads(record.read_text(encoding='utf-8'))}
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'{record} does not hold settings ({error}): delete {record.parent} or '
            'choose another folder.'
        ) from error
    refuse_other_settings(record.parent, found, settings)


def refuse_other_settings(
    made: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    """Refuse a file or folder that was made with other settings than are wanted.

    Args:
        made: The file or folder.
        found: Its settings, read from JSON.
        wanted: The settings wanted, as JSON can hold them.

    Raises:
        ValueError: Some differ; names each of them.
    """
    wanted = json.loads(json.dumps(wanted))  # tuples become lists, as in what was read
    differing = [
        f'{key}={found.get(key)!r}, not {wanted.get(key)!r}'
        for key in {**wanted, **found}
        if found.get(key) != wanted.get(key)
    ]
    if differing:
        raise ValueError(
            f'{made} was made with {"; ".join(differing)}: choose another folder, or '
            'delete this one.'
        )


def in_a_line(error: OSError) -> str:
    """What the system refused, with its file, as a line for a user of a tool."""
    if error.strerror is None:  # it has words of its own
        return str(error)
    where = f'{error.filename}: ' if error.filename else ''
    return f'{where}{error.strerror}. Once that is mended, the same command goes on.'
