"""What MMEngine's trainings have logged."""

import json
from collections.abc import Iterator
from pathlib import Path


def logged_scalars(folder: Path) -> Iterator[dict[str, float]]:
    """The entries of a work dir's logs, of all its runs in the order of time.

    Entries of training iterations have the ``epoch``, those of validations none; both
    have the ``step``, which is the epoch for a validation.
    """
    for path in sorted(Path(folder).glob('*/vis_data/scalars.json')):
        for line in path.read_text(encoding='utf-8').splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # the line is being written
            if 'step' in entry:
                yield entry
