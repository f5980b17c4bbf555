import decord
import numpy as np
import pytest
from mmaction.registry import TRANSFORMS
from mmengine.dataset import Compose

from dem_mmaction.datasets import VideoReadError
from dem_mmaction.datasets.motion_probe import ProbeSpec, render_video
from dem_mmaction.datasets.transforms.video_io import decoder_words

STOCK = [dict(type='DecordInit'), dict(type='DecordDecode')]
OURS = [dict(type='VideoInit'), dict(type='VideoDecode')]


def read(filename, steps=OURS):
    opener, decoder = (TRANSFORMS.build(step) for step in steps)
    sample = TRANSFORMS.build(
        dict(
            type='SampleFrames',
            clip_len=16,
            frame_interval=2,
            num_clips=2,
            test_mode=True,
        )
    )
    return Compose([opener, sample, decoder])(
        dict(filename=str(filename), start_index=0, modality='RGB')
    )


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    import cv2

    path = tmp_path_factory.mktemp('videos') / 'v.mp4'
    frames, _ = render_video(ProbeSpec(size=(40, 40)), 'test', 0)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 24, (40, 40))
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def test_reads_what_mmaction2_reads(data):
    for name in ('mmaction2_assets/demo.mp4', 'mmaction2_assets/test.avi'):
        ours, stock = read(data / name), read(data / name, STOCK)
        assert ours['total_frames'] == stock['total_frames']
        assert np.array_equal(ours['frame_inds'], stock['frame_inds'])
        # decord counts one frame too many in AVI files: what it gives there varies.
        there = ours['frame_inds'] < ours['total_frames'] - 1
        assert there.sum() >= len(there) - 1
        for a, b in zip(
            np.array(ours['imgs'])[there], np.array(stock['imgs'])[there], strict=True
        ):
            assert np.array_equal(a, b)


@pytest.mark.parametrize(
    'said, words',
    [
        (
            '[08:14:56] /github/workspace/src/video/video_reader.cc:151: Check failed: '
            'st_nb >= 0 (-1381258232 vs. 0) ERROR cannot find video stream with wanted '
            'index: -1\n\nStack trace',
            'cannot find video stream with wanted index: -1',
        ),
        (
            '[08:14:56] /src/video/threaded_decoder.cc:292: [08:14:56] '
            '/src/video/threaded_decoder.cc:218: Check failed: '
            'avcodec_send_packet(dec_ctx_.get(), pkt.get()) >= 0 (-11 vs. 0) Thread '
            'worker: Error sending packet.',
            'Thread worker: Error sending packet',
        ),
        ('Check failed: run_.load()', 'Check failed: run_.load()'),
        ('no such codec', 'no such codec'),
        ('', 'DECORDError'),
    ],
)
def test_a_decoder_is_quoted_without_its_source(said, words):
    assert decoder_words(decord.DECORDError(said)) == words


def test_overlapping_clips_in_any_order_come_from_one_walk(data, monkeypatch):
    path = data / 'mmaction2_assets/demo.mp4'
    asked = [40, 41, 250, 41, 7, 8, 41, 250]
    opened = TRANSFORMS.build(OURS[0])(dict(filename=str(path)))
    reader, walked = opened['video_reader'], []
    frames = reader.get_batch(asked).asnumpy()
    monkeypatch.setattr(
        reader,
        'get_batch',
        lambda indices, get=reader.get_batch: walked.extend(indices) or get(indices),
    )
    imgs = TRANSFORMS.build(OURS[1])(dict(opened, frame_inds=np.array(asked)))['imgs']
    assert walked == [7, 8, 40, 41, 250]
    assert np.array_equal(imgs, frames)
    for img in imgs:  # as steps do that flip in place
        img[:] = 255 - img
    assert np.array_equal(imgs, 255 - frames)


def test_every_real_format_is_read(data):
    for video in sorted((data / 'torchvision_assets').glob('*.*')):
        if video.suffix in ('.avi', '.mp4'):
            assert len(read(video)['imgs']) == 32, video.name


def test_truncated_avi_is_named(data, tmp_path):
    # decord kills the process on these where it reads them from memory.
    for name in ('mmaction2_assets/test.avi', 'torchvision_assets/RATRACE*.avi'):
        video = next(data.glob(name))
        path = damage(video, tmp_path / f'{video.stem}.avi', 'truncated')
        try:
            frames = read(path)['imgs']
        except VideoReadError as error:
            assert str(path) in str(error)
        else:
            assert len(frames) == 32  # what is left of it


def damage(video, path, kind):
    content = video.read_bytes()
    path.write_bytes(
        {
            'empty': b'',
            'text': b'not a video\n' * 50,
            'header': content[:40],
            'truncated': content[: len(content) // 2],
        }[kind]
    )
    return path


@pytest.mark.parametrize('kind', ['empty', 'text', 'header', 'truncated'])
def test_unreadable_video_is_named(video, tmp_path, kind):
    path = damage(video, tmp_path / f'{kind}.mp4', kind)
    with pytest.raises(VideoReadError, match=f"'{path}' cannot be read: .+annotation"):
        read(path)


def test_missing_video_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="No video '.*none.mp4'.*data_prefix"):
        read(tmp_path / 'none.mp4')


def test_damage_among_the_frames_is_named(video, monkeypatch):
    import decord

    def stop(self, indices):
        raise decord.DECORDError('Error sending packet\nStack trace')

    monkeypatch.setattr(decord.VideoReader, 'get_batch', stop)
    with pytest.raises(VideoReadError, match="v.mp4' cannot be read: Error sending"):
        read(video)


def test_frames_that_are_there_are_not_read_again():
    # As in MMAction2's long_video_demo.py, which knows other decoders by name.
    frames = [np.full((4, 6, 3), i, np.uint8) for i in range(8)]
    pipeline = Compose(
        [dict(type='VideoInit'), dict(type='ArrayDecode'), dict(type='VideoDecode')]
    )
    sample = dict(array=frames, frame_inds=np.arange(2, 6), modality='RGB')
    decoded = pipeline(sample)['imgs']
    assert [own[0, 0, 0] for own in decoded] == [2, 3, 4, 5]
    # As in its webcam_demo.py, which has no file.
    camera = Compose([dict(type='VideoInit'), dict(type='VideoDecode')])
    decoded = camera(dict(imgs=frames[3:7], num_clips=1, clip_len=4, label=-1))['imgs']
    assert [own[0, 0, 0] for own in decoded] == [3, 4, 5, 6]
