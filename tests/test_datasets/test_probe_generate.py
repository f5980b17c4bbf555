"""Files of the probe."""

import json

import decord
import numpy as np
import pytest

from dem_mmaction.datasets.motion_probe import (
    CLASSES,
    ProbeSpec,
    generate,
    generate_probe,
    render_video,
    video_info,
)

SMALL = dict(train=16, test=8, frames=16, size=(32, 32))


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


@pytest.fixture(scope='module')
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    generate_probe(folder, ProbeSpec(**SMALL), workers=1, progress=False)
    return folder


def test_files_do_not_depend_on_the_workers(probe, tmp_path):
    lists = generate_probe(tmp_path, ProbeSpec(**SMALL), 2, progress=False)
    assert lists == {s: tmp_path / f'{s}.txt' for s in ('train', 'test')}
    assert contents(tmp_path) == contents(probe)


def test_folder_layout(probe):
    files = contents(probe)
    assert len(files) == 16 + 8 + 4
    assert files['classes.txt'].decode().split() == list(CLASSES)
    assert json.loads(files['probe.json']) == {
        'format_version': 1,
        'kind': 'shapes',
        'train': 16,
        'val': 0,
        'test': 8,
        'frames': 16,
        'size': [32, 32],
        'seed': 0,
        'clutter': 'plain',
        'speed': [0.0125, 0.035],
        'classes': 'single',
    }
    lines = files['train.txt'].decode().splitlines()
    assert len(lines) == 16
    path, label, *pairs = lines[12].split(' ')
    assert (path, label) == ('videos/train/00012.mp4', '4')
    assert (probe / path).is_file()
    fields = dict(pair.split('=') for pair in pairs)
    assert fields['profile'] == 'accelerating' and fields['motion'] == 'varied'
    speed = video_info(ProbeSpec(**SMALL), 'train', 12).speed
    assert float(fields['speed']) == pytest.approx(speed, abs=5e-5)


@pytest.mark.parametrize('size', [(32, 32), (40, 48), (56, 56), (64, 48), (171, 128)])
def test_decord_reads_every_frame(tmp_path, size):
    spec = ProbeSpec(train=8, test=0, frames=37, size=size)
    generate_probe(tmp_path, spec, workers=1, progress=False)
    reader = decord.VideoReader(str(tmp_path / 'videos/train/00001.mp4'))
    assert len(reader) == 37
    read = reader.get_batch(range(37)).asnumpy()
    width, height = (side // 2 * 2 for side in size)
    assert read.shape == (37, height, width, 3)
    frames, _ = render_video(spec, 'train', 1)
    error = np.abs(read - frames[:, :height, :width].astype(int))
    # Small only where channels and frames are in order.
    assert error.mean() < 5


def test_interrupted_run_goes_on(probe, tmp_path, monkeypatch):
    spec = ProbeSpec(**SMALL)

    def interrupted(spec, split, index):
        frames, info = render_video(spec, split, index)

        def until_interrupted():
            yield from frames[:7]
            raise KeyboardInterrupt

        return (frames if index < 5 else until_interrupted()), info

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(generate, 'render_video', interrupted)
        generate_probe(tmp_path, spec, workers=1, progress=False)
    partial = contents(tmp_path)
    assert 'videos/train/00004.mp4' in partial
    assert 'videos/train/00005.mp4' not in partial
    assert 'train.txt' not in partial

    # What a killed run leaves, and a finished file that must not be redone.
    (tmp_path / 'videos/train/00005.part.mp4').write_bytes(b'half a video')
    finished = tmp_path / 'videos/train/00004.mp4'
    written_at = finished.stat().st_mtime_ns
    generate_probe(tmp_path, spec, workers=1, progress=False)
    assert contents(tmp_path) == contents(probe)
    assert finished.stat().st_mtime_ns == written_at


def test_short_file_is_refused(tmp_path, monkeypatch):

    def cut_short(*args):
        frames, info = render_video(*args)
        return frames[:5], info

    monkeypatch.setattr(generate, 'render_video', cut_short)
    with pytest.raises(OSError, match='00000.*holds 5 of 16 frames'):
        generate_probe(tmp_path, ProbeSpec(**SMALL), workers=1, progress=False)
    assert not list(tmp_path.glob('videos/*/?????.mp4'))
    assert not (tmp_path / 'train.txt').exists()


@pytest.mark.parametrize(
    'key, value, shown',
    [
        ('seed', 7, 'seed=0, not 7'),
        ('clutter', 'textured', "clutter='plain', not 'textured'"),
        ('size', (40, 32), r'size=\[32, 32\], not \[40, 32\]'),
    ],
)
def test_folder_of_another_probe_is_refused(probe, key, value, shown):
    before = contents(probe)
    with pytest.raises(ValueError, match=f'made with {shown}: choose another folder'):
        generate_probe(probe, ProbeSpec(**{**SMALL, key: value}))
    assert contents(probe) == before


def test_folder_without_usable_record_is_refused(tmp_path):
    (tmp_path / 'probe.json').write_text('{')
    with pytest.raises(ValueError, match='probe.json does not hold'):
        generate_probe(tmp_path, ProbeSpec(**SMALL))
    (tmp_path / 'probe.json').unlink()
    (tmp_path / 'videos').mkdir()
    with pytest.raises(ValueError, match='holds videos but no probe.json'):
        generate_probe(tmp_path, ProbeSpec(**SMALL))


def test_folder_of_a_time_with_one_set_of_classes_is_known(probe, tmp_path):
    record = json.loads((probe / 'probe.json').read_text())
    del record['classes']
    (tmp_path / 'probe.json').write_text(json.dumps(record))
    generate_probe(tmp_path, ProbeSpec(**SMALL), workers=1, progress=False)
    with pytest.raises(ValueError, match="classes='single', not 'compound'"):
        generate_probe(tmp_path, ProbeSpec(**SMALL, classes='compound'))
