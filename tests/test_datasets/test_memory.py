"""Data sets whose videos are decoded once and kept in memory."""

import pickle

import cv2
import numpy as np
import pytest
from decord import VideoReader
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from preparation_videos import write_video
from support import run_python
from torch.utils.data import DataLoader

from dem_mmaction.datasets import VideoReadError, memory
from dem_mmaction.datasets.memory import FramesInMemory, read_frames

SIZE = (24, 16)
PIPELINE = [
    dict(type='SampleFrames', clip_len=4, frame_interval=2, test_mode=True),
    dict(type='ArrayDecode'),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs', meta_keys=('img_shape', 'part')),
]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Two videos; a list with three entries of one of them and one of the other."""
    folder = tmp_path_factory.mktemp('memory')
    for name, frames in (('a.mp4', 40), ('b b.mp4', 9)):
        write_video(folder / name, frames, size=(64, 32))
    (folder / 'list.txt').write_text(
        'a.mp4 0 part=one\nb b.mp4 1 part=two\na.mp4 1 part=three\na.mp4 0\n'
    )
    return folder


def build(folder, pipeline=(), name='list.txt', **kwargs):
    cfg = dict(type='VideoListDataset', pipeline=list(pipeline), in_memory=SIZE)
    return DATASETS.build(dict(cfg, ann_file=str(folder / name), **kwargs))


def in_order(path, size=SIZE):
    """The frames by the plain way."""
    frames = VideoReader(str(path)).get_batch(range(len(VideoReader(str(path)))))
    resized = [cv2.resize(f, size, interpolation=3) for f in frames.asnumpy()]
    return np.stack(resized)


def test_samples_have_the_frames_of_their_video(folder):
    assert cv2.INTER_AREA == 3
    dataset = build(folder)
    for sample, name in zip(dataset, ('a.mp4', 'b b.mp4', 'a.mp4'), strict=False):
        expected = in_order(folder / name)
        np.testing.assert_array_equal(sample['array'], expected)
        assert sample['array'].dtype == np.uint8
        assert sample['total_frames'] == len(expected)
        assert (sample['start_index'], sample['modality']) == (0, 'RGB')
    assert [dataset[i]['label'] for i in range(4)] == [0, 1, 1, 0]
    assert dataset[2]['part'] == 'three' and dataset[-1]['sample_idx'] == 3
    assert not build(folder, in_memory=False)[0].keys() & {'array', 'total_frames'}


def test_frames_keep_their_own_size_if_none_is_named(folder):
    sample = build(folder, in_memory=True)[0]
    np.testing.assert_array_equal(
        sample['array'], in_order(folder / 'a.mp4', size=(64, 32))
    )


def test_channels_are_red_green_blue(tmp_path):
    red = np.zeros((32, 64, 3), np.uint8)
    red[..., 2] = 255  # OpenCV writes BGR
    writer = cv2.VideoWriter(
        str(tmp_path / 'red.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 25, (64, 32)
    )
    for _ in range(3):
        writer.write(red)
    writer.release()
    frames = read_frames(str(tmp_path / 'red.mp4'), SIZE)
    assert frames.shape == (3, 16, 24, 3)
    assert frames[..., 0].min() > 200 and frames[..., 1:].max() < 50


def test_a_file_is_decoded_once_and_shared(folder, monkeypatch):
    asked = []

    def noting(function, paths, *args):
        asked.extend(paths)
        return [(path, function(path)) for path in reversed(paths)]

    monkeypatch.setattr(memory, 'run_in_processes', noting)
    dataset = build(folder)
    assert sorted(asked) == [str(folder / 'a.mp4'), str(folder / 'b b.mp4')]
    first, other, again = (dataset[i]['array'] for i in range(3))
    assert np.shares_memory(first, again) and not np.shares_memory(first, other)
    part = dataset.get_subset([2, 0])
    assert np.shares_memory(part[0]['array'], first) and len(asked) == 2
    with pytest.raises(ValueError, match='read-only'):
        first[0] = 0
    # Serialised are the lines of the list, not the frames.
    assert len(dataset.data_bytes) < 2000


def test_a_lazy_data_set_decodes_when_it_is_used(folder):
    lazy = build(folder, lazy_init=True)
    assert lazy._frames is None
    assert lazy.get_data_info(1)['total_frames'] == 9


def test_only_files_of_the_part_that_is_used_are_decoded(folder):
    first = build(folder, indices=[1])
    assert len(first) == len(first._frames) == 1


@pytest.mark.parametrize('workers', [0, 2])
def test_the_pipeline_reads_the_frames_with_and_without_workers(folder, workers):
    expected = in_order(folder / 'b b.mp4')[1:8:2]
    loader = DataLoader(
        build(folder, PIPELINE),
        batch_size=4,
        num_workers=workers,
        collate_fn=pseudo_collate,
        multiprocessing_context='fork' if workers else None,
    )
    (batch,) = loader
    clip = batch['inputs'][1][0].numpy()
    np.testing.assert_array_equal(clip.transpose(1, 2, 3, 0), expected)
    assert batch['data_samples'][1].part == 'two'


def test_sent_to_another_process_frames_stay_read_only(folder):
    dataset = pickle.loads(pickle.dumps(build(folder)))
    assert not dataset[0]['array'].flags.writeable


def test_what_writes_into_frames_fails_at_once_and_clip_warp_does_not(folder):
    steps = [*PIPELINE[:2], dict(type='Flip', flip_ratio=1.0)]
    with pytest.raises(Exception, match='readonly'):
        build(folder, steps)[0]
    warp = dict(type='ClipWarp', size=8, scale=SIZE, flip_ratio=1.0)
    assert build(folder, [*PIPELINE[:2], warp])[0]['imgs'].shape == (4, 8, 8, 3)


def test_a_file_that_cannot_be_decoded_is_named(folder, tmp_path):
    (tmp_path / 'list.txt').write_text(f'{folder / "a.mp4"} 0\nbad.mp4 0\n')
    with pytest.raises(FileNotFoundError, match="No video '.*bad.mp4'"):
        build(tmp_path)
    (tmp_path / 'bad.mp4').write_bytes(b'nothing')
    with pytest.raises(VideoReadError, match="The video '.*bad.mp4' cannot be read"):
        build(tmp_path)
    content = bytearray((folder / 'a.mp4').read_bytes())
    content[2000:9000] = bytes(7000)
    (tmp_path / 'bad.mp4').write_bytes(content)
    with pytest.raises(VideoReadError, match="The video '.*bad.mp4' cannot be read"):
        build(tmp_path)


def test_a_decoder_that_hangs_or_crashes_is_named(folder, monkeypatch):
    code = 'import os, time; {}'
    for action, words in (('os.abort()', 'it crashed'), ('time.sleep(60)', 'it took')):

        def read(path, size, action=action):
            exec(code.format(action))

        monkeypatch.setattr(memory, 'read_frames', read)
        monkeypatch.setattr(memory, '_LIMIT', 1.0)
        with pytest.raises(VideoReadError, match=f"a.mp4' cannot be read: {words}"):
            FramesInMemory([str(folder / 'a.mp4')], SIZE)


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(in_memory=64), r'in_memory=64 must be \(width, height\)'),
        (dict(in_memory=1), 'in_memory=1 must'),
        (dict(in_memory='all'), "in_memory='all' must"),
        (dict(in_memory=(64,)), r'in_memory=\(64,\) must'),
        (dict(in_memory=(64, 0)), 'in_memory'),
        (dict(in_memory=(64, 4.5)), 'in_memory'),
        (dict(start_index=1), 'start_index=1 cannot be with in_memory'),
        (dict(modality='Flow'), "modality='Flow' cannot be with in_memory"),
    ],
)
def test_bad_settings_are_named(folder, kwargs, message):
    with pytest.raises(ValueError, match=message):
        build(folder, **kwargs)


def test_threads_of_opencv_do_not_stop_the_processes(folder):
    # A pool of threads is there before the data set is built, as in a long training.
    code = f"""
import cv2, numpy as np
cv2.setNumThreads(4)
cv2.resize(np.zeros((4000, 4000, 3), np.uint8), (999, 999), interpolation=3)
from dem_mmaction.datasets.memory import FramesInMemory
frames = FramesInMemory([{str(folder / 'a.mp4')!r}], (400, 400))
assert cv2.getNumThreads() == 4 and len(frames) == 1
"""
    run_python('-c', code, cwd=folder, timeout=60)


def test_spoken_words_fit_into_memory(data, tmp_path):
    names = ('bbaf2n.mp4', 'bbaf3s.mp4')
    lines = [f'{data / "grid_s1/videos" / name} 0\n' for name in names]
    (tmp_path / 'list.txt').write_text(''.join(lines))
    for i, sample in enumerate(build(tmp_path, in_memory=(64, 48))):
        assert sample['array'].shape == (75, 48, 64, 3)
        expected = in_order(data / 'grid_s1/videos' / names[i], (64, 48))
        np.testing.assert_array_equal(sample['array'], expected)
