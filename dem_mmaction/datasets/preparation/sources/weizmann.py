"""Weizmann actions (Blank et al., ICCV 2005; Gorelick et al., TPAMI 2007)."""

from pathlib import Path

from ..files import find_files
from ..lists import DatasetLists, Entry, ListError, checked
from .base import Source, register

#: The actions in label order.
CLASSES = (
    *('bend', 'jack', 'jump', 'pjump', 'run'),
    *('side', 'skip', 'walk', 'wave1', 'wave2'),
)
#: The people who perform them.
PEOPLE = (
    *('daria', 'denis', 'eli', 'ido', 'ira'),
    *('lena', 'lyova', 'moshe', 'shahar'),
)


@register('weizmann')
class Weizmann(Source):
    """Finds ``PERSON_CLASS.avi`` wherever it lies; there are no lists.

    Ten classes by nine people, a video each; a person who does an action twice, as lena
    runs in the original release, has ``lena_run1.avi`` and ``lena_run2.avi``. A file
    may lie in a folder named after its class.

    There is a split for each person, named ``_PERSON``: its test part is that person,
    its validation the next one in sorted order (daria after shahar), and the other
    seven are for training.
    """

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`; ``lists`` is not used."""
        found: dict[tuple[str, str], dict[str, Path]] = {}
        for path in find_files(videos).paths if videos is not None else ():
            person, action = _parsed(path, videos)
            # Of files with the same name the preparation takes the first.
            found.setdefault((person, action), {}).setdefault(path.stem.lower(), path)
        entries = {person: [] for person in PEOPLE}
        for person in PEOPLE:
            for label, action in enumerate(CLASSES):
                missing = {f'{person}_{action}': 'the Weizmann actions'}
                for stem, path in found.get((person, action), missing).items():
                    name = f'{action}/{stem}.avi'
                    entries[person].append(Entry(name, label, (stem,), str(path)))
        splits = {}
        for place, person in enumerate(PEOPLE):
            following = PEOPLE[(place + 1) % len(PEOPLE)]
            splits[f'_{person}'] = dict(
                train=[
                    entry
                    for own in PEOPLE
                    if own not in (person, following)
                    for entry in entries[own]
                ],
                val=entries[following],
                test=entries[person],
            )
        return checked(CLASSES, splits)


def _parsed(path: Path, videos: Path) -> tuple[str, str]:
    """Person and class of a file."""
    person, _, action = path.stem.lower().partition('_')
    if action not in CLASSES and action[-1:].isdigit():
        action = action[:-1]
    if person not in PEOPLE or action not in CLASSES:
        raise ListError(
            f"{path}: '{path.name}' should be PERSON_CLASS.avi, with a person of "
            f'{", ".join(PEOPLE)} and a class of {", ".join(CLASSES)}. Take other '
            f'videos out of {videos}.'
        )
    folder = path.parent.name.lower()
    if path.parent != videos and folder in CLASSES and folder != action:
        raise ListError(
            f"{path}: a video of '{action}' lies in the folder of '{folder}'."
        )
    return person, action
