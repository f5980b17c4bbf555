"""Videos that are whole, and damage of every kind."""

import re

import decord
import numpy as np
import pytest
from preparation_videos import salt, write_video
from support import run_python

from dem_mmaction.datasets.preparation.check import DamagedVideo, check_video

#: Number of frames that decord reports, width and height of the real clips.
REAL = {
    'R6llTwEh07w.mp4': (303, 340, 256),
    'basketball.mp4': (333, 640, 360),
    'hmdb51_Turnk_r_Pippi_Michel_cartwheel_f_cm_np2_le_med_6.avi': (84, 320, 240),
    'v_SoccerJuggling_g23_c01.avi': (240, 320, 240),
}


@pytest.mark.parametrize('name', REAL)
@pytest.mark.parametrize('every_frame', [False, True])
def test_real_clips_are_whole(data, name, every_frame):
    facts = check_video(data / 'torchvision_assets' / name, every_frame)
    assert (facts.frames, facts.width, facts.height) == REAL[name]
    assert 24 < facts.fps < 31 and facts.seconds == facts.frames / facts.fps


def test_whole_videos_of_every_container(tmp_path):
    salt(tmp_path)
    for path in tmp_path.glob('whole*'):
        facts = check_video(path, every_frame=True)
        assert (facts.frames, facts.width, facts.height, facts.fps) == (60, 96, 64, 25)


@pytest.mark.parametrize('frames', [2, 5, 8])
@pytest.mark.parametrize(
    'suffix, codec',
    [('mkv', 'libx264'), ('mov', 'libx264'), ('avi', 'mpeg4'), ('mp4', 'libx264')],
)
def test_short_videos_are_whole(tmp_path, suffix, codec, frames):
    path = write_video(tmp_path / f'short.{suffix}', frames, codec=codec)
    assert check_video(path).frames == frames


@pytest.mark.parametrize('every_frame', [False, True])
@pytest.mark.parametrize('place', [0.3, 0.6, 0.8])
def test_damage_inside_gets_the_same_answer_every_time(tmp_path, place, every_frame):
    path = write_video(tmp_path / 'inside.mp4', movflags='faststart')
    content = bytearray(path.read_bytes())
    start, damaged = int(place * len(content)), len(content) // 10
    content[start : start + damaged] = np.random.default_rng(0).bytes(damaged)
    path.write_bytes(content)
    answers = set()
    for _ in range(20):
        with pytest.raises(DamagedVideo) as error:
            check_video(path, every_frame)
        answers.add(str(error.value))
    (answer,) = answers
    assert re.fullmatch(r'damaged in frame \d+: Invalid data found .*', answer)
    # Of equal frames; those that decord looks at, 0, 30 and 59, are whole.
    frame = int(answer.split()[3].rstrip(':'))
    assert 60 * place - 2 < frame <= 60 * (place + 0.1) + 2


def test_what_decord_cannot_decode_is_damaged(tmp_path, monkeypatch):
    path = write_video(tmp_path / 'video.mp4')
    decode = decord.VideoReader.get_batch

    def stop_at_20(self, indices):
        if 20 in indices:
            raise decord.DECORDError('Check failed: run_.load()\nStack trace')
        return decode(self, indices)

    monkeypatch.setattr(decord.VideoReader, 'get_batch', stop_at_20)
    assert check_video(path).frames == 60  # of which it decodes 0, 30 and 59
    with pytest.raises(DamagedVideo, match='^decord stops while it decodes'):
        check_video(path, every_frame=True)


def test_unreadable_file_is_named(tmp_path):
    path = write_video(tmp_path / 'secret.mp4', 5)
    path.chmod(0)
    code = (
        'import sys\n'
        'from pathlib import Path\n'
        'from dem_mmaction.datasets.preparation.check import check_file\n'
        'import os; os.geteuid() or os.setuid(65534)\n'  # root may read anything
        'check_file(Path(sys.argv[1]))\n'
    )
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    printed = run_python('-c', code, path, cwd=tmp_path, fails=True)
    assert 'DamagedVideo: Permission denied' in printed
