import json

import numpy as np
import pytest
from mmaction.apis import init_recognizer
from mmengine.config import Config
from mmengine.runner import save_checkpoint
from PIL import Image
from support import run_tool
from timed_video import CONFIG, write_video


def network(folder, name, **backbone):
    config = Config.fromstring(CONFIG, '.py')
    config.model.backbone.update(backbone)
    path = folder / f'{name}.py'
    config.dump(path)
    model = init_recognizer(config, None, device='cpu')
    save_checkpoint(dict(state_dict=model.state_dict()), str(folder / f'{name}.pth'))
    return path, folder / f'{name}.pth'


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('see')
    network(folder, 'dem', dem_cfg=dict(zero_init=False))
    network(folder, 'none', dem_stages=[])
    for name in 'ab':
        write_video(folder / f'{name}.mp4', 60 if name == 'a' else 50)
    (folder / 'text.mp4').write_text('no video')
    return folder


def test_pictures_and_the_table(folder):
    said = run_tool(
        'see_dem.py',
        *('a.mp4', 'text.mp4', 'b.mp4', 'dem.py', 'dem.pth'),
        *('--without', 'none.py', 'none.pth', '--rates', 2, '-o', 'out'),
        cwd=folder,
        fails=True,
    )
    assert "'text.mp4'" in said and '1 of 3 videos could not be shown' in said
    rows = [line for line in said.splitlines() if line.startswith('| conv')]
    stages = 'conv1', 'conv2_x', 'conv3_x', 'conv4_x', 'conv5_x'
    assert [row.split()[1] for row in rows] == list(stages)
    content = json.loads((folder / 'out/steadiness.json').read_text())
    assert content['videos'] == ['a.mp4', 'b.mp4']
    assert all(
        abs(c) < 1 + 1e-6 for own in content['cosines'] for c in own['without_dem']
    )
    # Of the first video alone, the first DEM of each stage.
    assert [path.name for path in (folder / 'out').iterdir() if path.is_dir()] == ['a']
    assert len(list((folder / 'out/a').iterdir())) == 5 * 3
    with Image.open(folder / 'out/a/layer1.0.conv1.conv.webp') as picture:
        assert picture.n_frames == 8 and picture.size == (3 * 160, 2 * 160)
        picture.seek(4)
        rows = np.asarray(picture.convert('RGB')).reshape(2, 160, 480, 3)
    # The frame in the middle is the same at both rates, below its title.
    one, other = rows[:, 30:, :160].astype(int)
    assert np.abs(one - other).mean() < 3 < np.ptp(one)


@pytest.mark.parametrize(
    'arguments, said',
    [
        (['a.mp4', 'none.py', 'none.pth'], 'has no DEM in it'),
        (['a.mp4', 'dem.py', 'dem.pth', '--dem', 'conv6_x'], "is called 'conv6_x'"),
        (['a.mp4', 'dem.py', 'dem.pth', '--middle', 9], "9.0 s is not in 'a.mp4'"),
        (
            ['a.mp4', 'dem.py', 'dem.pth', '--without', 'dem.py', 'dem.pth'],
            'must have no DEM',
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_line(folder, arguments, said):
    printed = run_tool('see_dem.py', *arguments, '-o', 'no', cwd=folder, fails=True)
    assert 'see_dem: ' in printed and said in printed
    assert 'Traceback' not in printed


def test_a_video_that_ends_before_the_moment_takes_no_other_with_it(folder):
    arguments = 'a.mp4', 'b.mp4', 'dem.py', 'dem.pth', '--middle', 5.5, '--maps', 0
    said = run_tool('see_dem.py', *arguments, '-o', 'one', cwd=folder, fails=True)
    assert "5.5 s is not in 'b.mp4', which has 5.00 s" in said
    content = json.loads((folder / 'one/steadiness.json').read_text())
    assert content['videos'] == ['a.mp4']


def test_videos_of_one_name_keep_their_pictures(folder):
    (folder / 'other').mkdir()
    (folder / 'other/a.mp4').write_bytes((folder / 'b.mp4').read_bytes())
    arguments = 'a.mp4', 'other/a.mp4', 'dem.py', 'dem.pth', '--maps', 2
    run_tool('see_dem.py', *arguments, '--dem', 'conv1', '-o', 'two', cwd=folder)
    pictures = {path.parent.name for path in (folder / 'two').rglob('*.webp')}
    assert pictures == {'a', 'a_2'}
