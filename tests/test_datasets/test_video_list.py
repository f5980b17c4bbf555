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
        ('1.mp4 1_0', "line 1: the label '1_0' is not a number"),
        ('1.mp4 ٣', "line 1: the label '٣' is not a number"),
        ('1.mp4 label=3', "line 1: the label 'label=3' is not a number"),
        ('1.mp4 3 label=3', "line 1: a field cannot be called 'label'"),
        ('1.mp4 3 filename=x', "line 1: a field cannot be called 'filename'"),
        ('1.mp4 3 a=1 a=2', "line 1: a field cannot be called 'a'"),
        ('1.mp4 3 =x', "line 1: a field cannot be called ''"),
        ('a.mp4 0\n1\x1b.mp4 3', 'line 2: there is the control character'),
    ],
)
def test_bad_lists_are_named(write, text, message):
    with pytest.raises(ValueError, match=message):
        build(write(text), num_classes=4)


@pytest.mark.parametrize(
    'content, message',
    [
        ('1.mp4 0'.encode('utf-16'), "train.txt' is UTF-16; save it as UTF-8"),
        (b'a.mp4 0\n\xff.mp4 0', 'train.txt, line 2: this is not UTF-8'),
    ],
)
def test_other_encodings_are_named(tmp_path, content, message):
    (tmp_path / 'train.txt').write_bytes(content)
    with pytest.raises(ValueError, match=message):
        build(tmp_path / 'train.txt')


def test_marks_blanks_and_ends_of_lines_do_not_matter(tmp_path):
    (tmp_path / 'train.txt').write_bytes(
        '\ufeff1.mp4 0\r\n\ta b.mp4   2  k=v \r\na\u2028b.mp4 1\n'.encode()
    )
    dataset = build(tmp_path / 'train.txt')
    found = [(dataset[i]['filename'], dataset[i]['label']) for i in range(3)]
    names = [('1.mp4', 0), ('a b.mp4', 2), ('a\u2028b.mp4', 1)]
    assert found == [(str(tmp_path / name), label) for name, label in names]
    assert dataset[1]['k'] == 'v'


def test_missing_list_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no_such.txt'. Set ann_file"):
        build(tmp_path / 'no_such.txt')


def classes_of(ann_file, **kwargs):
    return build(ann_file, **kwargs).metainfo.get('classes')


def test_class_names_stand_beside_the_list(write, tmp_path, monkeypatch):
    ann_file = write('1.mp4 0\n2.mp4 1')
    assert 'classes' not in build(ann_file, num_classes=2).metainfo
    write('air drumming\n  yoga \n\n', 'classes.txt')
    assert classes_of(ann_file) == ['air drumming', 'yoga']
    assert classes_of('train.txt', data_root=str(tmp_path)) == ['air drumming', 'yoga']
    monkeypatch.chdir(tmp_path)
    assert classes_of('train.txt', num_classes=2) == ['air drumming', 'yoga']
    # They are where the list is, not where the videos are.
    (tmp_path / 'videos').mkdir()
    write('other\nnames', 'videos/classes.txt')
    videos = dict(video=str(tmp_path / 'videos'))
    assert classes_of(ann_file, data_prefix=videos) == ['air drumming', 'yoga']


def test_class_names_of_metainfo_come_first(write):
    ann_file = write('1.mp4 0\n2.mp4 1')
    write('in\nfile', 'classes.txt')
    other = str(write('\ufeffanother\n\nfile\n', 'other.txt'))
    for given, names in (
        (other, ['another', 'file']),
        (['in', 'config'], ['in', 'config']),
        (('in', 'tuple'), ['in', 'tuple']),
        (None, ['in', 'file']),
    ):
        metainfo = dict(classes=given, task='sport')
        dataset = build(ann_file, metainfo=metainfo, num_classes=2)
        assert dataset.metainfo == dict(classes=names, task='sport')
        assert metainfo == dict(classes=given, task='sport')


def test_class_names_stay_with_a_part_and_with_a_lazy_list(write):
    ann_file = write('1.mp4 0\n2.mp4 1\n3.mp4 1')
    write('a\nb', 'classes.txt')
    part = build(ann_file).get_subset([2, 0])
    assert [part[i]['label'] for i in range(2)] == [1, 0]
    assert part.metainfo['classes'] == ['a', 'b']
    lazy = build(ann_file, lazy_init=True)
    assert lazy.metainfo['classes'] == ['a', 'b']
    lazy.full_init()
    assert len(lazy) == 3
    joined = dict(type='ConcatDataset', datasets=[build(ann_file), lazy])
    assert DATASETS.build(joined).metainfo['classes'] == ['a', 'b']


@pytest.mark.parametrize(
    'names, given, message',
    [
        ('a\nb', ['a'], 'metainfo has 1 class names, but num_classes=2'),
        ('a\nb', [], 'metainfo has no class names'),
    ],
)
def test_other_numbers_of_class_names_are_refused(write, names, given, message):
    ann_file = write('1.mp4 0')
    write(names, 'classes.txt')
    with pytest.raises(ValueError, match=message):
        build(ann_file, num_classes=2, metainfo=dict(classes=given))


def test_a_missing_file_of_class_names_is_named(write):
    with pytest.raises(FileNotFoundError, match="class names 'no_such.txt'. Set meta"):
        build(write('1.mp4 0'), metainfo=dict(classes='no_such.txt'))


@pytest.mark.parametrize('names', ['a\nb\nc\n', '\n \n'])
def test_names_that_nobody_asked_for_are_left_aside(write, caplog, names):
    write(names, 'classes.txt')
    with caplog.at_level('WARNING'):
        dataset = build(write('1.mp4 0'), num_classes=2)
    assert 'classes' not in dataset.metainfo and len(dataset) == 1
