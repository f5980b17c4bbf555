"""Videos that are whole, and damage of every kind."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from preparation_videos import salt, write_video

from dem_mmaction.datasets.preparation.check import DamagedVideo, check_video

ROOT = Path(__file__).resolve().parents[2]
#: Frames that the decoder finds and size of the real clips.
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


def test_damage_inside_shows_when_every_frame_is_decoded(tmp_path):
    path = write_video(tmp_path / 'inside.mp4', movflags='faststart')
    content = bytearray(path.read_bytes())
    start, damaged = int(0.6 * len(content)), len(content) // 10
    content[start : start + damaged] = np.random.default_rng(0).bytes(damaged)
    path.write_bytes(content)
    assert check_video(path).frames == 60  # of which it looks at 0, 30 and 59
    with pytest.raises(DamagedVideo, match='^Check failed: .*Error sending packet'):
        check_video(path, every_frame=True)


def test_unreadable_file_is_named(tmp_path):
    path = write_video(tmp_path / 'secret.mp4', 5)
    path.chmod(0)
    code = (
        'import sys; sys.path.insert(0, sys.argv[2])\n'
        'from pathlib import Path\n'
        'from dem_mmaction.datasets.preparation.check import check_file\n'
        'import os; os.geteuid() or os.setuid(65534)\n'  # root may read anything
        'check_file(Path(sys.argv[1]))\n'
    )
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', code, path, ROOT],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert 'DamagedVideo: Permission denied' in done.stderr
