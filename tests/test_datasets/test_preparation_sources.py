"""The official lists of each data set."""

import json
import shutil
from collections import Counter
from pathlib import PurePath

import pytest
from preparation_videos import counts, write_csv

from dem_mmaction.datasets.preparation.lists import ListError
from dem_mmaction.datasets.preparation.sources import SOURCES


def label_map(data, name):
    return (data / 'lists' / 'label_maps' / name).read_text().splitlines()


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
