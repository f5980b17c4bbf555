"""What configs say of themselves: headers, names, dumps, the metafile."""

import runpy
from collections import Counter
from pathlib import Path

import pytest
import yaml
from decord import VideoReader
from mmengine.config import Config
from support import CONFIGS, LEAVES, NAMES, ROOT, datasets, run_tool


def commands(path):
    """The commands in the header of a config, as lists of words."""
    lines = path.read_text().partition('_base_')[0].splitlines()
    assert all(line.startswith('# ') for line in lines)
    text = '\n'.join(line[2:] for line in lines).replace('\\\n', '')
    return [line.split() for line in text.splitlines() if line.startswith('tools/')]


@pytest.mark.parametrize('path', LEAVES, ids=lambda path: path.stem)
def test_header_says_what_it_is_and_how_to_train_it(path):
    *first, (tool, config, *options) = commands(path)
    assert tool in ('tools/train.py', 'tools/dist_train.sh') and ROOT / config == path
    assert all((ROOT / tool).is_file() for tool, *_ in first)
    own = Config.fromfile(path)
    pretrained = own.model.backbone.get('init_cfg', {}).get('checkpoint')
    weights = own.get('load_from') or pretrained
    known = weights is not None and weights.startswith('work_dirs')
    if known:  # of the config that is trained first
        assert Path(weights).parent == Path('work_dirs', Path(first[0][1]).stem)
    for dataset in datasets(own):
        generated = Path(dataset.ann_file).parts[1] in ('motion_probe', 'dots_probe')
        assert bool(first) == (generated or known)
    asked = 'model.backbone.init_cfg.checkpoint=WEIGHTS' in options
    assert asked == (weights is not None and not known)


@pytest.mark.parametrize(
    'name, data, few',
    [('r2p1d_probe', 'motion_probe', (16, 8)), ('r2p1d_dots', 'dots_probe', (16, 8))],
)
def test_the_header_of_the_probe_makes_its_videos_and_trains_on_them(
    name, data, few, tmp_path
):
    path = ROOT / f'configs/probe/{name}.py'
    (tool, *args), (train, config) = commands(path)
    train_videos, videos = few
    few = ['--train', train_videos, '--val', videos, '--test', videos]
    few += ['--frames', 16, '--workers', 1]
    run_tool(tool.removeprefix('tools/'), *args, *few, cwd=tmp_path)
    video = next(tmp_path.glob(f'data/{data}/**/*.mp4'))
    assert VideoReader(str(video))[0].shape == (32, 32, 3)
    shorter = ['--cfg-options', 'train_cfg.max_epochs=1']
    tool = train.removeprefix('tools/')
    output = run_tool(tool, ROOT / config, *shorter, cwd=tmp_path)
    assert 'Epoch(val) [1][1/1]' in output and 'video/top1' in output
    assert (tmp_path / f'work_dirs/{name}/epoch_1.pth').is_file()


def test_names_lead_to_one_file():
    # `mim train dem_mmaction NAME` looks for the name in all of the package.
    configs = Counter(path.name for path in (ROOT / 'configs').rglob('*.py'))
    assert [name for name, times in configs.items() if times > 1] == []
    code = {path.name for part in ('dem_mmaction', 'tools') for path in python(part)}
    assert [path.name for path in LEAVES if path.name in code] == []


def python(part):
    """The Python files below a folder of the checkout."""
    return (ROOT / part).rglob('*.py')


@pytest.mark.parametrize(
    'path', {path.parent: path for path in CONFIGS}.values(), ids=lambda path: path.stem
)
def test_dumped_it_reads_the_same(path, tmp_path):
    config = Config.fromfile(path)
    config.dump(tmp_path / 'dumped.py')
    assert Config.fromfile(tmp_path / 'dumped.py').to_dict() == config.to_dict()


# Both networks of a pair, the one without DEM first.
PAIRS = [
    (path, dem)
    for path in CONFIGS
    if (dem := path.with_name(path.name.replace('_', '_dem_', 1))) in CONFIGS
    and dem != path
]


@pytest.mark.parametrize('path, dem', PAIRS, ids=lambda path: path.stem)
def test_a_baseline_lacks_dem_and_nothing_else(path, dem):
    baseline, whole = (Config.fromfile(p).to_dict() for p in (path, dem))
    backbone = baseline['model']['backbone']
    if 'conv_cfg' in backbone:  # of MMAction2's networks
        assert backbone.pop('conv_cfg') == dict(type='Conv3d')
        assert whole['model']['backbone'].pop('conv_cfg')['type'] == 'DEMConv3d'
    else:
        assert backbone.pop('dem_stages') == []
    assert baseline == whole


def test_the_metafile_is_that_of_the_networks():
    tool = runpy.run_path(str(ROOT / 'tools/make_metafile.py'))
    text = (ROOT / 'configs/metafile.yml').read_text()
    assert text == tool['metafile'](), 'run tools/make_metafile.py'
    models = {model['Name']: model for model in yaml.safe_load(text)['Models']}
    assert sorted(model['Config'] for model in models.values()) == NAMES
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    assert index['Import'] == ['configs/metafile.yml']

    # Known from elsewhere: parameters by the formulas of section 3.2, where 3,800
    # channels with DEM have two norms and a scale; FLOPs of an analysis by hand.
    known = dict(r2p1d_kinetics400=33_383_797)
    known['r2p1d_dem_kinetics400'] = 33_318_052 + 5 * 3_800
    for name, parameters in known.items():
        assert models[name]['Metadata']['Parameters'] == parameters
    flops = models['r2p1d_kinetics400']['Metadata']['FLOPs']
    assert round(flops / 1e9, 1) == 84.3


def test_the_metafile_names_the_networks():
    tool = runpy.run_path(str(ROOT / 'tools/make_metafile.py'))

    def names(config):
        return tool['architecture'](
            Config.fromfile(ROOT / 'configs' / config).model.backbone
        )

    everywhere = 'DEM in every unit'
    assert names('r3d_minik.py') == ['R3D-18']
    stages = 'DEM in conv2_x, conv3_x, conv4_x, conv5_x'
    assert names('hosts/r3d_dem_minik.py') == ['R3D-18', stages]
    assert names('hosts/p3d_dem_minik.py') == ['P3D-63', everywhere]
    assert names('hosts/s3dg_minik.py') == ['S3D-G']
    assert names('hosts/csn_minik.py') == ["MMAction2's ir-CSN-50"]
    assert names('hosts/x3d_dem_minik.py') == [
        "MMAction2's X3D-M",
        'DEM before every 3D convolution',
        'groups channelwise in DEM',
    ]
    assert names('probe/s3d_dem_probe.py') == ['S3D', everywhere, '20 base channels']
    assert names('r2p1d_minik.py') == ['R(2+1)D-18']
    assert names('r2p1d_dem_minik.py') == ['R(2+1)D-18', everywhere]
    assert names('ablation/r2p1d_dem_conv1_minik.py')[1] == 'DEM in conv1'
    assert names('multirate/r2p1d_sr2_minik.py')[1:] == ['vmz midplanes']
    assert names('variants/r2p1d_dem_relu_minik.py')[2:] == ['act_cfg ReLU in DEM']
    assert names('probe/r2p1d_probe.py') == ['R(2+1)D-10', '16 base channels']
