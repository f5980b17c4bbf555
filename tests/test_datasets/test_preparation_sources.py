"""The official lists of each data set."""

import csv
import json
import shutil
from collections import Counter
from pathlib import PurePath

import pytest

from dem_mmaction.datasets.preparation.lists import ListError
from dem_mmaction.datasets.preparation.sources import SOURCES


def label_map(data, name):
    return (data / 'lists' / 'label_maps' / name).read_text().splitlines()


def counts(read):
    return {stem: len(entries) for stem, entries in read.flat().items()}


def test_ucf101_has_the_official_counts(data):
    read = SOURCES['ucf101']().read(data / 'lists' / 'ucf101', None)
    assert counts(read) == dict(
        train_split1=9537,
        test_split1=3783,
        train_split2=9586,
        test_split2=3734,
        train_split3=9624,
        test_split3=3696,
    )
    assert list(read.classes) == label_map(data, 'ucf101_label_map.txt')
    entry = read.flat()['test_split1'][-1]
    assert entry.name == 'YoYo/v_YoYo_g07_c04.avi' and entry.label == 100
    assert not read.repeated


@pytest.fixture
def official_hmdb51(data, tmp_path):
    """The release's one file a class and split, made of the flattened lists."""
    folder = tmp_path / 'hmdb51'
    folder.mkdir()
    for split in (1, 2, 3):
        for part, use in (('train', 1), ('test', 2)):
            path = data / 'lists' / 'hmdb51' / f'hmdb51_split{split}_{part}.txt'
            for line in path.read_text().splitlines():
                name, video = line.split()[0].split('/')
                with open(folder / f'{name}_test_split{split}.txt', 'a') as file:
                    file.write(f'{video} {use} \n')
        with open(folder / f'wave_test_split{split}.txt', 'a') as file:
            file.write('unused_wave_0.avi 0 \n')
    return folder


def test_hmdb51_has_the_official_counts_in_both_forms(data, official_hmdb51):
    source = SOURCES['hmdb51']()
    flat = source.read(data / 'lists' / 'hmdb51', None)
    assert set(counts(flat).values()) == {3570, 1530}
    assert list(flat.classes) == label_map(data, 'hmdb51_label_map.txt')
    official = source.read(official_hmdb51, None)
    assert official.classes == flat.classes
    for stem, entries in flat.flat().items():
        assert {(e.name, e.label) for e in entries} == {
            (e.name, e.label) for e in official.flat()[stem]
        }


def test_minikinetics_has_the_official_counts(data):
    read = SOURCES['minikinetics']().read(data / 'lists' / 'mini_kinetics200', None)
    assert counts(read) == dict(train=80000, val=5000)
    k400 = label_map(data, 'kinetics_label_map_k400.txt')
    assert list(read.classes) == [name for name in k400 if name in set(read.classes)]
    assert len(read.classes) == 200
    for part, videos in (('train', 400), ('val', 25)):
        assert set(Counter(e.label for e in read.flat()[part]).values()) == {videos}
    names = [{e.name for e in read.flat()[part]} for part in ('train', 'val')]
    assert not names[0] & names[1]
    assert read.flat()['val'][0].segment is not None


def test_minikinetics_takes_labels_from_class_folders(tmp_path):
    (tmp_path / 'lists').mkdir()
    for part, name in (('train', 'aaaaaaaaaaa'), ('val', 'bbbbbbbbbb-')):
        (tmp_path / 'lists' / f'{part}_ytid_list.txt').write_text(f'{name}\n')
        folder = tmp_path / 'videos' / part / 'air_drumming'
        folder.mkdir(parents=True)
        (folder / f'{name}_000010_000020.mp4').write_text('')
    read = SOURCES['minikinetics']().read(tmp_path / 'lists', tmp_path / 'videos')
    assert read.classes == ('air drumming',)
    with pytest.raises(ListError, match='none of the ids has a label'):
        SOURCES['minikinetics']().read(tmp_path / 'lists', None)
    # An id whose video is missing is a missing video, not an error.
    append(tmp_path / 'lists' / 'train_ytid_list.txt', 'ccccccccccc')
    read = SOURCES['minikinetics']().read(tmp_path / 'lists', tmp_path / 'videos')
    assert [(e.name, e.label) for e in read.flat()['train']] == [
        ('aaaaaaaaaaa', 0),
        ('ccccccccccc', -1),
    ]
    # The test list of Kinetics has no labels; two lists that disagree are told.
    write_csv(tmp_path / 'lists' / 'test.csv', ('youtube_id', 'split'), ('x', 'test'))
    head = 'label', 'youtube_id', 'time_start', 'time_end'
    for i, label in enumerate(('yoga', 'zumba')):
        write_csv(tmp_path / 'lists' / f'{i}.csv', head, (label, 'ccccccccccc', 0, 9))
    with pytest.raises(ListError, match="1.csv:2: 'ccccccccccc' is 'zumba' here and"):
        SOURCES['minikinetics']().read(tmp_path / 'lists', tmp_path / 'videos')


def test_kinetics400(data, tmp_path):
    for part in ('train', 'val'):
        shutil.copyfile(
            data / 'lists' / 'mini_kinetics200' / f'{part}_k200.csv',
            tmp_path / f'{part}.csv',
        )
    read = SOURCES['kinetics400']().read(tmp_path, None)
    assert counts(read) == dict(train=80000, val=5000)
    source = SOURCES['kinetics400']()
    entry = read.flat()['val'][0]
    assert entry.name == '0wR5jVB-WPk' and entry.segment == (417, 427)
    for path, key in (
        ('val/0wR5jVB-WPk.mp4', 'val/0wR5jVB-WPk'),
        ('kinetics_val/abseiling/0wR5jVB-WPk_000417_000427.mp4', 'val/0wR5jVB-WPk'),
        ('0wR5jVB-WPk.mkv', '/0wR5jVB-WPk'),
    ):
        assert source.keys(PurePath(path)) == (key,) and key in entry.keys
    assert source.keys(PurePath('train/0wR5jVB-WPk.mp4'))[0] not in entry.keys
    assert source.keys(PurePath('val/holiday.mp4')) == ()


def write_sthv2(folder, train, val, labels):
    for name, data in (('train', train), ('validation', val), ('labels', labels)):
        (folder / f'something-something-v2-{name}.json').write_text(json.dumps(data))


def test_sthv2_in_the_order_of_its_labels(data, tmp_path):
    names = label_map(data, 'sthv2_label_map.txt')
    labels = {name: str(i) for i, name in reversed(list(enumerate(names)))}
    template = names[3].replace('something', '[something]')
    write_sthv2(
        tmp_path,
        [dict(id='7', template=template)],
        [dict(id='8', template=names[0])],
        labels,
    )
    read = SOURCES['sthv2']().read(tmp_path, None)
    assert list(read.classes) == names and len(names) == 174
    assert [(e.name, e.label) for e in read.flat()['train']] == [('7', 3)]
    write_sthv2(
        tmp_path,
        [dict(id='7', template='Eating [something]')],
        [dict(id='8', template=names[0])],
        labels,
    )
    with pytest.raises(ListError, match="train.json: entry 0: class 'Eating someth"):
        SOURCES['sthv2']().read(tmp_path, None)
    (tmp_path / 'something-something-v2-train.json').write_text('[\n{,}]')
    with pytest.raises(ListError, match='v2-train.json:2: '):
        SOURCES['sthv2']().read(tmp_path, None)


def make_videos(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text('')


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


def write_csv(path, *rows):
    with open(path, 'w', newline='') as file:
        csv.writer(file).writerows(rows)
    return path


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


def copied(data, name, tmp_path):
    return shutil.copytree(
        data / 'lists' / name, tmp_path / name, copy_function=shutil.copyfile
    )


def append(path, text):
    path.write_text(path.read_text().rstrip('\n') + '\n' + text + '\n')


@pytest.mark.parametrize(
    'name, file, line, message',
    [
        (
            'ucf101',
            'testlist01.txt',
            'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi',
            'testlist01.txt:3784: .* is in test and, by .*trainlist01.txt:1, in train',
        ),
        (
            'ucf101',
            'trainlist02.txt',
            'Flying/v_Flying_g01_c01.avi 102',
            "trainlist02.txt:9587: class 'Flying' is not one of the 101 of "
            '.*classInd.txt',
        ),
        (
            'ucf101',
            'trainlist01.txt',
            'Archery/v_Archery_g99_c01.avi 7',
            "trainlist01.txt:9538: 'Archery' has number 7 here and 3 in",
        ),
        (
            'ucf101',
            'testlist03.txt',
            'what is this',
            "testlist03.txt:3697: 'what is this'",
        ),
        (
            'ucf101',
            'classInd.txt',
            '7 Flying',
            "classInd.txt:102: '7 Flying' should be '102",
        ),
        (
            'hmdb51',
            'hmdb51_split2_test.txt',
            'smile/x.avi laugh 3',
            "hmdb51_split2_test.txt:1531: 'smile/x.avi laugh 3' should be",
        ),
        (
            'mini_kinetics200',
            'val_ytid_list.txt',
            'short',
            "val_ytid_list.txt:5001: 'short' is no YouTube id",
        ),
        (
            'mini_kinetics200',
            'val_ytid_list.txt',
            'kIRmvrmc2nM',
            "val_ytid_list.txt:5001: 'kIRmvrmc2nM' is in val and, by .*:1, in train",
        ),
    ],
)
def test_bad_official_lists_are_named_with_their_line(
    name, file, line, message, data, tmp_path
):
    folder = copied(data, name, tmp_path)
    append(folder / file, line)
    source = SOURCES[name.replace('mini_kinetics200', 'minikinetics')]()
    with pytest.raises(ListError, match=message):
        source.read(folder, None)


@pytest.mark.parametrize(
    'name', ['ucf101', 'hmdb51', 'minikinetics', 'kinetics400', 'sthv2', 'words']
)
def test_missing_lists_are_named(name, tmp_path):
    for folder in (tmp_path, tmp_path / 'absent', None):
        with pytest.raises(ListError, match=f'{folder}.* (is not a folder|has no)'):
            SOURCES[name]().read(folder, None)


def test_a_video_listed_twice_counts_once(data, tmp_path):
    folder = copied(data, 'ucf101', tmp_path)
    append(folder / 'trainlist01.txt', 'ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1')
    read = SOURCES['ucf101']().read(folder, None)
    assert counts(read)['train_split1'] == 9537
    assert [e.where.rsplit('/', 1)[1] for e in read.repeated] == [
        'trainlist01.txt:9538'
    ]


def test_binary_and_empty_lists_are_named(data, tmp_path):
    folder = copied(data, 'ucf101', tmp_path)
    (folder / 'trainlist01.txt').write_bytes(b'\x00\xff\xfe')
    with pytest.raises(ListError, match='trainlist01.txt is not a text file'):
        SOURCES['ucf101']().read(folder, None)
    (folder / 'trainlist01.txt').write_text('\n')
    with pytest.raises(ListError, match='trainlist01.txt is empty'):
        SOURCES['ucf101']().read(folder, None)
