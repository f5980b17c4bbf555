"""Lists with several entries of a video, and the spoken words that need them."""

import json
from collections import Counter

import pytest
from mmaction.registry import DATASETS
from preparation_videos import run_prepare, write_video

from dem_mmaction.datasets.preparation.lists import Entry, ListError, checked
from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.report import summary
from dem_mmaction.datasets.preparation.settings import CheckSettings
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.datasets.preparation.sources.words import VOCABULARY

HEAD = 'video,word,kind,start,end,part'
TWO = CheckSettings(workers=2)


def write_words(folder, *rows):
    folder.mkdir(exist_ok=True)
    (folder / 'words.csv').write_text('\n'.join([HEAD, *rows]) + '\n')
    return folder


def write_small(path, frames=75):
    return write_video(path, frames, size=(32, 32))


def sentences(count, test=1, frames=75):
    """Rows of sentences of two words and a letter; the last ones are for the test."""
    for i in range(count):
        part = 'test' if i >= count - test else 'train'
        yield f'{i:02}.mp4,bin,command,{frames / 4},{frames / 2},{part}'
        yield f'{i:02}.mp4,x,letter,{frames / 2},{frames - 20},{part}'
        yield f'{i:02}.mp4,soon,adverb,{frames - 20},{frames - 10},{part}'


def read(folder):
    return SOURCES['words']().read(folder, None)


def test_the_corpus(data):
    lists = read(data / 'grid_s1')
    flat = lists.flat()
    assert {stem: len(entries) for stem, entries in flat.items()} == dict(
        train=3500,
        val=500,
        test=1000,
        train_letters=700,
        val_letters=100,
        test_letters=200,
    )
    letters = lists.own_classes['_letters']
    assert len(lists.classes) == 26 and not set(lists.classes) & set(letters)
    assert ''.join(letters) == 'abcdefghijklmnopqrstuvxyz'
    for classes, split in ((lists.classes, ''), (letters, '_letters')):
        assert list(classes) == sorted(classes)
        for part in ('train', 'test') if split else ('train', 'val', 'test'):
            own = Counter(entry.label for entry in flat[part + split])
            assert sorted(own) == list(range(len(classes)))
    first = flat['train'][0]
    assert (first.name, lists.classes[first.label]) == ('bbaf2n.mp4', 'bin')
    assert first.content == f'{first.label} centre=26.62'  # of 23.75 and 29.5
    assert not lists.repeated


def test_sentences_are_divided_and_not_words(data):
    flat = read(data / 'grid_s1').flat()
    names = {stem: {entry.name for entry in own} for stem, own in flat.items()}
    for split in ('', '_letters'):
        train, val, test = (names[part + split] for part in ('train', 'val', 'test'))
        assert not train & val and not train & test and not val & test
        assert sorted(train | val)[7::8] == sorted(val)
    for part in ('train', 'val', 'test'):
        assert names[part] == names[f'{part}_letters']


def test_the_vocabulary_has_one_place_for_a_word():
    words = [word for words in VOCABULARY.values() for word in words]
    assert len(words) == len(set(words)) == 51


@pytest.mark.parametrize(
    'row, message',
    [
        ('0.mp4,bin,command,9,5,train', 'the end, 5, should be after 9'),
        ('0.mp4,bin,command,5,5,train', 'the end, 5, should be after 5'),
        ('0.mp4,bin,command,x,5,train', "start 'x' should be a number of frames"),
        ('0.mp4,bin,command,0,nan,train', "end 'nan' should be a number of frames"),
        ('0.mp4,bin,command,-1,5,train', "start '-1' should be a number of frames"),
        ('0.mp4,bin,command,0,inf,train', "end 'inf' should be a number of frames"),
        ('0.mp4,bin,command,0,5,val', "part 'val' should be train or test"),
        ('0.mp4,bin,verb,0,5,train', "kind 'verb' should be one of command, colour"),
        ('0.mp4,bin,colour,0,5,train', "'bin' is no colour of the corpus; it has blue"),
        ('0.mp4,w,letter,0,5,train', "'w' is no letter of the corpus"),
        ('0.mp4,,letter,0,5,train', "no value for 'word'"),
        ('00.mp4,bin,command,0,5,test', "'00.mp4' is in test and, by .*:2, in train"),
    ],
)
def test_bad_rows_are_named_with_their_line(row, message, tmp_path):
    rows = [*sentences(9), row]
    folder = write_words(tmp_path, *rows)
    with pytest.raises(ListError, match=f'words.csv:{len(rows) + 1}: .*{message}'):
        read(folder)


def test_a_middle_beyond_the_video_is_named(tmp_path):
    lists = write_words(tmp_path / 'lists', *sentences(9))
    for i in range(9):
        write_small(tmp_path / 'videos' / f'{i:02}.mp4', 50 if i == 4 else 75)
    out, videos = tmp_path / 'out', tmp_path / 'videos'
    with pytest.raises(ListError, match='csv:16: .*60.00, is beyond the 50 frames of'):
        prepare(SOURCES['words'](), out, videos, lists, checks=TWO)
    assert not (out / 'train.txt').exists()


def test_a_video_of_several_entries_is_looked_at_and_copied_once(tmp_path):
    lists, videos = tmp_path / 'lists', tmp_path / 'videos'
    out = tmp_path / 'out'
    write_words(lists, *sentences(11, test=2), '00.mp4,bin,command,18.75,37.5,train')
    for i in range(10):  # the eleventh is missing
        write_small(videos / f'{i:02}.mp4')
    write_small(videos / 'again' / '01.mp4')
    (videos / '02.mp4').write_bytes(b'nothing')
    arguments = '--videos', videos, '--lists', lists, '--out', out, '--workers', 2
    printed = run_prepare('words', *arguments, '--transcode', fails=True)
    assert '1 damaged' in printed and 'train_letters.txt: 8 expected' in printed
    report = json.loads((out / 'report.json').read_text())
    assert report['classes'] == 26 and report['own_classes'] == {'_letters': 25}
    assert report['lists']['train'] | dict(too_short=None) == dict(
        expected=16, found=16, missing=0, damaged=2, usable=14, too_short=None
    )
    assert report['lists']['train_letters']['usable'] == 7
    assert report['lists']['test'] | dict(too_short=None) == dict(
        expected=4, found=2, missing=2, damaged=0, usable=2, too_short=None
    )
    # Of each video once, however many words it has.
    assert list(report['damaged']) == ['02.mp4'] and report['missing'] == ['10.mp4']
    assert {name: len(own) for name, own in report['duplicates'].items()} == {
        '01.mp4': 2
    }
    assert report['unlisted'] == 0
    assert [line.split(':', 2)[1] for line in report['repeated']] == ['35']
    assert len((out / 'checked.jsonl').read_text().splitlines()) == 9
    copies = sorted(path.name for path in out.glob('copies/*.mp4'))
    assert copies == [f'{i:02}.mp4' for i in (0, 1, 3, 4, 5, 6, 7, 8, 9)]
    lines = (out / 'train.txt').read_text().splitlines()
    assert lines[1:3] == [
        'copies/00.mp4 20 centre=60.00',
        'copies/01.mp4 2 centre=28.12',
    ]


def test_a_list_with_fields_is_read_by_the_data_set(tmp_path):
    lists, videos = tmp_path / 'lists', tmp_path / 'video files'
    out = tmp_path / 'out'
    write_words(lists, *sentences(9))
    for i in range(9):
        write_small(videos / f'{i:02}.mp4')
    outcome = prepare(SOURCES['words'](), out, videos, lists, checks=TWO)
    assert summary(outcome)['lists']['val_letters']['usable'] == 1
    dataset = DATASETS.build(
        dict(
            type='VideoListDataset',
            ann_file=str(out / 'val_letters.txt'),
            metainfo=dict(classes=str(out / 'classes_letters.txt')),
            num_classes=25,
            pipeline=[],
        )
    )
    assert dataset.metainfo['classes'][dataset[0]['label']] == 'x'
    assert dataset[0]['centre'] == '46.25'
    assert dataset[0]['filename'] == str(videos / '07.mp4')
    assert len((out / 'classes.txt').read_text().splitlines()) == 26


def test_the_official_lists_alone(data, tmp_path):
    prepare(SOURCES['words'](), tmp_path, lists=data / 'grid_s1')
    assert (tmp_path / 'train.txt').read_text().startswith('bbaf2n.mp4 2 centre=26.62')


def entry(name, part, **fields):
    return Entry(name, 0, (name,), f'{part}:{fields}', fields=fields)


def test_entries_of_a_video_differ_in_their_fields():
    train = [entry('a', 'train', t=1), entry('a', 'train', t=2), entry('b', 'train')]
    read = checked(['x'], {'': dict(train=[*train, train[1], train[2]])})
    assert list(read.flat()['train']) == train
    assert list(read.repeated) == [train[1], train[2]]
    assert sorted(read.by_name()) == ['a', 'b']
    with pytest.raises(ListError, match="'a' is in test and, by train:.*, in train"):
        checked(['x'], {'': dict(train=train, test=[entry('a', 'test', t=3)])})


def test_a_video_of_several_classes_has_no_class_folder():
    x, y = (Entry('a', i, ('a',), 'l:1', fields=dict(t=str(i))) for i in (0, 1))
    other = Entry('b', 1, ('b',), 'l:2')
    read = checked(
        ['x', 'y'],
        {'': dict(train=[x, y, other]), '_own': dict(train=[Entry('c', 0, (), 'l:3')])},
        {'_own': ['z']},
    )
    assert read.class_of() == dict(b='y', c='z')
