import os

import pytest
from mmaction.registry import DATASETS


def build(ann_file, **kwargs):
    return DATASETS.build(
        dict(type='VideoListDataset', ann_file=str(ann_file), pipeline=[], **kwargs)
    )


@pytest.fixture
def write(tmp_path):

    def write_list(text, name='train.txt'):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_list


def test_paths_are_relative_to_the_list(write, tmp_path, monkeypatch):
    ann_file = write('a/1.mp4 0\n\nb/2.mp4 1\n')
    expected = [str(tmp_path / 'a/1.mp4'), str(tmp_path / 'b/2.mp4')]
    for dataset in (build(ann_file), build('train.txt', data_root=str(tmp_path))):
        assert [dataset[i]['filename'] for i in range(len(dataset))] == expected
    monkeypatch.chdir(tmp_path)
    assert build('train.txt')[0]['filename'] == expected[0]


def test_paths_can_be_relative_to_another_folder(write):
    dataset = build(write('1.mp4 0'), data_prefix=dict(video='/videos'))
    assert dataset[0]['filename'] == os.path.join('/videos', '1.mp4')


def test_fields_and_delimiter(write):
    sample = build(write('1.mp4 2 profile=steady speed=0.5'))[0]
    assert (sample['label'], sample['profile'], sample['speed']) == (2, 'steady', '0.5')
    assert build(write('the cat.mp4,2'), delimiter=',')[0]['filename'].endswith(
        'the cat.mp4'
    )


def test_paths_may_have_blanks(write):
    samples = build(write('air drumming/a  b=c.mp4 2\nthe cat 3.mp4 1 motion=a=b\n'))
    assert samples[0]['filename'].endswith('/air drumming/a  b=c.mp4')
    assert samples[1]['filename'].endswith('/the cat 3.mp4')
    assert (samples[0]['label'], samples[1]['label']) == (2, 1)
    assert samples[1]['motion'] == 'a=b' and 'motion' not in samples[0]


@pytest.mark.parametrize(
    'text, message',
    [
        ('', 'train.txt.* is empty'),
        ('\n \n', 'train.txt.* is empty'),
        ('1.mp4 0\n2.mp4 4\n', 'train.txt, line 2: label 4 must be 0 to 3'),
        ('1.mp4 -1', 'line 1: label -1'),
        ('1.mp4 x', "line 1: the label 'x' is not a number"),
        ('1.mp4', "line 1: '1.mp4' is not of the form"),
        ('the cat.mp4', "line 1: the label 'cat.mp4' is not a number"),
        ('the cat.mp4 key=1', "line 1: the label 'cat.mp4' is not a number"),
        ('key=1', "line 1: 'key=1' is not of the form"),
    ],
)
def test_bad_lists_are_named(write, text, message):
    with pytest.raises(ValueError, match=message):
        build(write(text), num_classes=4)


def test_missing_list_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no_such.txt'. Set ann_file"):
        build(tmp_path / 'no_such.txt')
