from collections import Counter

import pytest
from preparation_videos import counts, make_videos, write_csv

from dem_mmaction.datasets.preparation.lists import ListError
from dem_mmaction.datasets.preparation.sources import SOURCES


def test_folder_draws_a_part_of_each_class(tmp_path):
    make_videos(
        tmp_path,
        *(
            f'{name}/{i}.mp4'
            for name, count in (('a', 10), ('b', 2))
            for i in range(count)
        ),
    )
    read = SOURCES['folder'](0.3, seed=1).read(None, tmp_path)
    drawn = {part: Counter(e.label for e in own) for part, own in read.flat().items()}
    assert drawn == dict(train={0: 7, 1: 1}, val={0: 3, 1: 1})
    again, other = (
        SOURCES['folder'](0.3, seed).read(None, tmp_path) for seed in (1, 2)
    )
    assert again == read and other != read
    make_videos(tmp_path, 'c/0.mp4')
    with pytest.raises(ListError, match="'c/0.mp4' is the only video of its class"):
        SOURCES['folder']().read(None, tmp_path)


def fill(folder, **contents):
    """Write files, named ``CLASS_NUMBER``, with contents of one size."""
    for name, content in contents.items():
        label, number = name.split('_')
        (folder / label).mkdir(exist_ok=True)
        (folder / label / f'{number}.mp4').write_text(content)


def test_copies_of_a_video_are_in_one_part_and_reported(tmp_path):
    fill(
        tmp_path,
        **{f'a_{i}': str(i % 4) for i in range(8)},
        **{f'b_{i}': str(i) for i in range(4, 8)},
        **{f'c_{i}': str(i) for i in range(7, 10)},
        **{f'd_{i}': str(i) for i in range(1, 3)},  # as in a
        **{f'd_{i}': chr(i) for i in range(97, 99)},
    )
    for seed in range(8):
        read = SOURCES['folder'](0.5, seed).read(None, tmp_path)
        part_of = {e.name: part for part, own in read.flat().items() for e in own}
        said = sorted(sorted(e.name for e in own) for own in read.identical)
        assert said == [
            ['a/0.mp4', 'a/4.mp4'],
            ['a/1.mp4', 'a/5.mp4', 'd/1.mp4'],
            ['a/2.mp4', 'a/6.mp4', 'd/2.mp4'],
            ['a/3.mp4', 'a/7.mp4'],
            ['b/7.mp4', 'c/7.mp4'],
        ]
        for own in said:
            parts = {part_of[name] for name in own}
            assert len(parts) == 1
            assert parts == {'train'} or len({name[0] for name in own}) == 1
        drawn = Counter(name[0] for name, part in part_of.items() if part == 'val')
        assert drawn == dict(a=2, b=2, c=1, d=1)


def test_a_class_of_one_content_is_drawn_from_all_the_same(tmp_path):
    fill(tmp_path, a_0='same', a_1='same', b_0='one', b_1='two')
    read = SOURCES['folder']().read(None, tmp_path)
    assert counts(read) == dict(train=2, val=2)
    assert [[own.name for own in same] for same in read.identical] == [
        ['a/0.mp4', 'a/1.mp4']
    ]


def test_folder_with_a_split(tmp_path):
    make_videos(
        tmp_path, 'train/a/0.mp4', 'train/b/0.mp4', 'val/b/1.mp4', 'train/x.txt'
    )
    read = SOURCES['folder']().read(None, tmp_path)
    assert {
        part: [(e.name, e.label) for e in own] for part, own in read.flat().items()
    } == dict(
        train=[('train/a/0.mp4', 0), ('train/b/0.mp4', 1)], val=[('val/b/1.mp4', 1)]
    )
    fill(tmp_path / 'train', a_5='same')
    fill(tmp_path / 'val', a_6='same')
    ((own, other),) = SOURCES['folder']().read(None, tmp_path).identical
    assert (own.name, other.name) == ('train/a/5.mp4', 'val/a/6.mp4')
    make_videos(tmp_path, '2.mp4')
    with pytest.raises(ListError, match='2.mp4: videos should lie in CLASS/'):
        SOURCES['folder']().read(None, tmp_path)


def test_folders_without_videos_are_named(tmp_path):
    with pytest.raises(ListError, match=r'has no videos \(.3gp, .avi'):
        SOURCES['folder']().read(None, tmp_path)
    make_videos(tmp_path, 'a/0.mp4', 'a/1.mp4')
    (tmp_path / 'b').mkdir()
    with pytest.raises(ListError, match='nothing is in b; delete the folder or put'):
        SOURCES['folder']().read(None, tmp_path)
    make_videos(tmp_path, 'b/note.txt')
    assert SOURCES['folder']().read(None, tmp_path).classes == ('a',)


def test_folder_from_a_csv(tmp_path):
    path = write_csv(
        tmp_path / 'mine.csv',
        ('path', 'label', 'split'),
        ('x 1.mp4', 'run', 'train'),
        ('y.mp4', 'jump, high', 'train'),
        ('z.mp4', 'run', 'test'),
    )
    read = SOURCES['folder']().read(path, None)
    assert read.classes == ('jump, high', 'run')
    assert counts(read) == dict(train=2, val=1)


@pytest.mark.parametrize(
    'rows, message',
    [
        ([('path', 'name'), ('x.mp4', 'a')], "mine.csv:1: no column 'label'"),
        ([('path', 'label'), ('x.mp4', '')], "mine.csv:2: no value for 'label'"),
        (
            [('path', 'label'), ('x.mp4', 'a', 'b')],
            'mine.csv:2: 3 values for 2 columns',
        ),
        (
            [('path', 'label', 'split'), ('x.mp4', 'a', 'dev')],
            "mine.csv:2: split 'dev'",
        ),
        ([('path', 'label', 'split'), ('x.mp4', 'a', 'train')], 'one part alone'),
        (
            [
                ('path', 'label', 'split'),
                ('x.mp4', 'a', 'train'),
                ('x.mp4', 'a', 'val'),
            ],
            "mine.csv:3: 'x.mp4' is in val and, by .*mine.csv:2, in train",
        ),
    ],
)
def test_bad_csv_files_are_named_with_their_line(rows, message, tmp_path):
    with pytest.raises(ListError, match=message):
        SOURCES['folder']().read(write_csv(tmp_path / 'mine.csv', *rows), None)
