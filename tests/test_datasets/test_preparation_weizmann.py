from collections import Counter

import pytest
from preparation_videos import write_video

from dem_mmaction.datasets.preparation.lists import ListError
from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.report import summary
from dem_mmaction.datasets.preparation.settings import CheckSettings
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.datasets.preparation.sources.weizmann import CLASSES, PEOPLE


def read(videos=None):
    return SOURCES['weizmann']().read(None, videos)


def person(entry):
    return entry.name.split('/')[1].split('_')[0]


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_each_person_is_left_out_once(data):
    lists = read(data / 'weizmann')
    assert lists.classes == CLASSES == tuple(sorted(CLASSES))
    assert sorted(lists.splits) == [f'_{name}' for name in PEOPLE]
    following = dict(zip(PEOPLE, PEOPLE[1:] + PEOPLE[:1], strict=True))
    for split, parts in lists.splits.items():
        people = {part: {person(entry) for entry in own} for part, own in parts.items()}
        assert people['test'] == {split[1:]}
        assert people['val'] == {following[split[1:]]}
        assert people['train'] == set(PEOPLE) - people['test'] - people['val']
        for part, count in (('train', 7), ('val', 1), ('test', 1)):
            labels = Counter(entry.label for entry in parts[part])
            assert labels == {label: count for label in range(10)}
        for entry in parts['test']:
            assert entry.name == f'{CLASSES[entry.label]}/{entry.keys[0]}.avi'


def test_without_videos_there_are_ninety(tmp_path):
    lists = read()
    assert len(lists.by_name()) == 90
    prepare(SOURCES['weizmann'](), tmp_path)
    assert (tmp_path / 'test_eli.txt').read_text().startswith('bend/eli_bend.avi 0\n')


def test_files_lie_in_folders_or_not_and_may_be_numbered(tmp_path):
    make(tmp_path, 'lena_run1.avi', 'x/lena_run2.avi', 'wave1/Ido_wave1.AVI')
    names = {entry.name for entry in read(tmp_path).flat()['test_lena']}
    assert {'run/lena_run1.avi', 'run/lena_run2.avi', 'walk/lena_walk.avi'} <= names
    assert 'run/lena_run.avi' not in names and len(names) == 11
    ido = {entry.name: entry.label for entry in read(tmp_path).flat()['test_ido']}
    assert ido['wave1/ido_wave1.avi'] == CLASSES.index('wave1') and len(ido) == 10


@pytest.mark.parametrize(
    'name, message',
    [
        ('bob_run.avi', "'bob_run.avi' should be PERSON_CLASS.avi, with a person"),
        ('eli_fly.avi', "'eli_fly.avi' should be .* a class of bend"),
        ('eli.avi', "'eli.avi' should be"),
        ('eli_wave3.avi', "'eli_wave3.avi' should be"),
        ('eli_run12.avi', "'eli_run12.avi' should be"),
        ('walk/eli_run.avi', "a video of 'run' lies in the folder of 'walk'"),
    ],
)
def test_unexpected_names_are_told(name, message, tmp_path):
    make(tmp_path, 'eli_bend.avi', name)
    with pytest.raises(ListError, match=f'{name}: {message}'):
        read(tmp_path)


def test_missing_and_double_videos_are_in_the_report(tmp_path):
    videos = tmp_path / 'videos'
    for name in PEOPLE:
        path = videos / 'run' / f'{name}_run.avi'
        write_video(path, 20, codec='mpeg4', size=(32, 32))
    write_video(videos / 'again' / 'eli_run.avi', 20, codec='mpeg4', size=(32, 32))
    outcome = prepare(
        SOURCES['weizmann'](), tmp_path / 'out', videos, checks=CheckSettings(workers=2)
    )
    known = summary(outcome)
    assert len(known['missing']) == 81 and 'bend/eli_bend.avi' in known['missing']
    assert list(known['duplicates']) == ['run/eli_run.avi']
    assert known['lists']['train_eli']['usable'] == 7
    assert (tmp_path / 'out' / 'test_eli.txt').read_text().endswith('eli_run.avi 4\n')
