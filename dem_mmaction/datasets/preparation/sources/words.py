"""Spoken words of the GRID corpus (Cooke et al., JASA 2006), cut out by their times."""

import math
from pathlib import Path, PurePosixPath

from ..check import VideoFacts
from ..lists import DatasetLists, Entry, ListError, checked, find_list, read_csv
from .base import Source, register

#: The words of a sentence of the corpus in the order in which they are spoken.
VOCABULARY = dict(
    command=('bin', 'lay', 'place', 'set'),
    colour=('blue', 'green', 'red', 'white'),
    preposition=('at', 'by', 'in', 'with'),
    letter=tuple('abcdefghijklmnopqrstuvxyz'),  # without the w, whose name is long
    digit=(
        *('zero', 'one', 'two', 'three', 'four'),
        *('five', 'six', 'seven', 'eight', 'nine'),
    ),
    adverb=('again', 'now', 'please', 'soon'),
)
#: Split of the letters; the other words are in the split without a name.
LETTERS = '_letters'
#: One sentence of so many of the official training part is for validation.
VAL_EVERY = 8


@register('words')
class Words(Source):
    """Reads ``words.csv``: an entry for each word, six in the video of a sentence.

    Columns: ``video``, ``word``, ``kind`` (as in :data:`VOCABULARY`), ``start`` and
    ``end`` of the word in frames since the start of the video, and ``part``, ``train``
    or ``test``. The field ``centre`` of an entry is the mean of start and end.

    There are two splits with classes of their own, in alphabetical order: the 26 words
    that are no letters, and the 25 letters. Test is the official part. The official
    training part is divided by sentence, not by word, and alike in both splits: of its
    sentences in sorted order every 8th (the 8th, the 16th ...) is for validation.
    """

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        path = find_list(lists, 'words.csv')
        rows = list(read_csv(path, 'video', 'word', 'kind', 'start', 'end', 'part'))
        classes = {
            '': sorted(
                word
                for kind, words in VOCABULARY.items()
                for word in words
                if kind != 'letter'
            ),
            LETTERS: sorted(VOCABULARY['letter']),
        }
        labels = {
            split: {word: label for label, word in enumerate(words)}
            for split, words in classes.items()
        }
        sentences = sorted({row['video'] for _, row in rows if row['part'] == 'train'})
        val = set(sentences[VAL_EVERY - 1 :: VAL_EVERY])
        splits = {split: dict(train=[], val=[], test=[]) for split in classes}
        for where, row in rows:
            split = LETTERS if row['kind'] == 'letter' else ''
            part = row['part']
            if part not in ('train', 'test'):
                raise ListError(f"{where}: part '{part}' should be train or test.")
            if part == 'train' and row['video'] in val:
                part = 'val'
            splits[split][part].append(self._entry(row, labels[split], where))
        return checked(classes[''], splits, {LETTERS: classes[LETTERS]})

    @staticmethod
    def _entry(row: dict[str, str], labels: dict[str, int], where: str) -> Entry:
        word, kind = row['word'], row['kind']
        if kind not in VOCABULARY:
            raise ListError(
                f"{where}: kind '{kind}' should be one of {', '.join(VOCABULARY)}."
            )
        if word not in VOCABULARY[kind]:
            raise ListError(
                f"{where}: '{word}' is no {kind} of the corpus; it has "
                f'{", ".join(VOCABULARY[kind])}.'
            )
        start, end = (_frames(row, column, where) for column in ('start', 'end'))
        if end <= start:
            raise ListError(f'{where}: the end, {end:g}, should be after {start:g}.')
        return Entry(
            row['video'],
            labels[word],
            (PurePosixPath(row['video']).stem.lower(),),
            where,
            fields=dict(centre=f'{(start + end) / 2:.2f}'),
        )

    def check(self, entry: Entry, facts: VideoFacts) -> None:
        """See :meth:`Source.check`: the middle of a word must be in its video."""
        if float(entry.fields['centre']) > facts.frames:
            raise ListError(
                f'{entry.where}: the middle of the word, frame '
                f'{entry.fields["centre"]}, is beyond the {facts.frames} frames of '
                f"'{entry.name}'."
            )


def _frames(row: dict[str, str], column: str, where: str) -> float:
    """A time in frames."""
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ListError(
            f"{where}: {column} '{row[column]}' should be a number of frames from 0 on."
        )
    return value
