"""The picture of the probe and the tool that makes it."""

import cv2
import numpy as np
import pytest
from support import run_tool

from dem_mmaction.datasets.motion_probe import (
    CYCLES,
    DotsSpec,
    ProbeSpec,
    contact_sheet,
    generate_probe,
    render_video,
    video_info,
)

SMALL = dict(train=16, test=8, frames=16, size=(32, 32))


def test_bad_arguments_are_refused(tmp_path):
    spec = ProbeSpec(**SMALL)
    with pytest.raises(ValueError, match="split='dev'.*train, val, test"):
        render_video(spec, 'dev', 0)
    with pytest.raises(ValueError, match='index=-1'):
        render_video(spec, 'train', -1)
    with pytest.raises(ValueError, match='workers=0'):
        generate_probe(tmp_path / 'probe', spec, workers=0)
    assert not (tmp_path / 'probe').exists()
    with pytest.raises(ValueError, match="profile='wobble'"):
        contact_sheet(spec, tmp_path / 'sheet.png', profile='wobble')
    with pytest.raises(ValueError, match='16 frames'):
        contact_sheet(spec, tmp_path / 'sheet.png', columns=8, stride=4)


def test_contact_sheet_has_a_row_a_class(tmp_path):
    path = tmp_path / 'sheet.png'
    spec = ProbeSpec(**SMALL)
    contact_sheet(spec, path, 'test', columns=3, stride=5, scale=1)
    sheet = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert len(sheet) == 8 * (32 + 6)
    frames, _ = render_video(spec, 'test', 7)
    np.testing.assert_array_equal(sheet[-35:-3, -35:-3], frames[10])


def test_tool_writes_what_it_is_asked_for(tmp_path):
    sizes = '--train', 16, '--test', 8, '--frames', 32, '--size', 32, 32
    options = '--workers', 1, '--sheet', 'sheet.png'
    printed = run_tool('data/make_probe.py', 'probe', *sizes, *options, cwd=tmp_path)
    assert printed.startswith('probe/train.txt\nprobe/test.txt\n')
    assert '24/24' in printed and 'video/s' in printed
    assert (tmp_path / 'sheet.png').is_file()
    assert len((tmp_path / 'probe/train.txt').read_text().splitlines()) == 16


def test_tool_makes_dots(tmp_path):
    sizes = '--train', 12, '--test', 8, '--frames', 16, '--workers', 1
    options = '--kind', 'dots', '--dwell', 3, 4, '--coherence', 0.5, 0.75
    run_tool('data/make_probe.py', 'probe', *sizes, *options, cwd=tmp_path)
    spec = DotsSpec(train=12, test=8, frames=16, dwell=(3, 4), coherence=(0.5, 0.75))
    lines = (tmp_path / 'probe/train.txt').read_text().splitlines()
    assert lines == [video_info(spec, 'train', index).annotation for index in range(12)]
    assert (tmp_path / 'probe/classes.txt').read_text().split() == list(CYCLES)
    # The same call goes on; a folder of dots takes no shapes.
    run_tool('data/make_probe.py', 'probe', *sizes, *options, cwd=tmp_path)
    small = '--train', 8, '--test', 8
    error = run_tool('data/make_probe.py', 'probe', *small, cwd=tmp_path, fails=True)
    assert "kind='dots', not 'shapes'" in error


def test_an_option_of_the_other_kind_is_refused(tmp_path):
    for kind, option in (('dots', '--clutter'), ('shapes', '--dots')):
        value = dict(dots='plain', shapes=9)[kind]
        args = 'data/make_probe.py', 'probe', '--kind', kind, option, value
        error = run_tool(*args, cwd=tmp_path, fails=True)
        assert f'{option}: not an option of {kind}' in error
    assert not any(tmp_path.iterdir())


def test_tool_reports_errors_in_one_line(tmp_path):
    args = 'data/make_probe.py', 'probe', '--train', 12
    error = run_tool(*args, cwd=tmp_path, fails=True)
    assert error.startswith('make_probe: train=12') and error.count('\n') == 1
