"""Configs of the small real data sets: spoken words, letters, Weizmann actions."""

from pathlib import Path

import pytest
from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.runner import Runner
from support import ROOT

from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.settings import CheckSettings
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.robustness import measure_at_rates, own_rate

PARTS = ('train', 'val', 'test')
CONFIGS = ROOT / 'configs'


def lists(config):
    """Paths of the three lists."""
    return [config[f'{part}_dataloader'].dataset.ann_file for part in PARTS]


@pytest.mark.parametrize(
    'name, split, evaluated', [('words', '', 1), ('weizmann', '_daria', 2)]
)
@pytest.mark.parametrize('network', ['r2p1d', 'r2p1d_dem', 'r2p1d_dem_conv2x'])
def test_recipe(name, split, evaluated, network):
    config = Config.fromfile(CONFIGS / name / f'{network}_{name}.py')
    assert lists(config) == [f'data/{name}/{part}{split}.txt' for part in PARTS]
    assert config.train_cfg.val_interval == evaluated
    assert config.optim_wrapper.optimizer.type == 'Adam'
    assert config.param_scheduler.type == 'ProportionalOneCycleLR'
    assert config.param_scheduler.eta_max == config.optim_wrapper.optimizer.lr
    assert config.train_dataloader.batch_size == 16 and own_rate(config) == 1


@pytest.fixture
def words(data, tmp_path, monkeypatch):
    """A working folder with the first lines of the lists of the words."""
    out = tmp_path / 'data' / 'words'
    prepare(SOURCES['words'](), out, lists=data / 'grid_s1')
    for path in out.glob('t*.txt'), out.glob('val*.txt'):
        for own in path:
            count = 32 if own.stem.startswith('train') else 8
            lines = own.read_text().splitlines()[:count]
            videos = data / 'grid_s1' / 'videos'
            own.write_text(''.join(f'{videos}/{line}\n' for line in lines))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def small(config, work_dir):
    """A config with a narrow network that trains for an epoch."""
    config.merge_from_dict(
        {
            'model.backbone.base_channels': 4,
            'model.cls_head.in_channels': 32,
            'train_cfg.max_epochs': 1,
            'work_dir': str(work_dir),
            'log_level': 'ERROR',
        }
    )
    return config


def test_words_train_and_are_tested_at_fractional_rates(words):
    def config():
        return small(Config.fromfile(CONFIGS / 'words/r2p1d_words.py'), 'work')

    runner = Runner.from_cfg(config())
    runner.train()
    assert runner.iter == 2 and runner.train_dataloader.dataset.num_classes == 26
    assert len(runner.val_dataloader.dataset.metainfo['classes']) == 26

    tested = config()
    tested.load_from = 'work/epoch_1.pth'
    results = measure_at_rates(tested, [0.5, 1, 2, 3])
    assert list(results.rates) == [0.5, 1, 2, 3] and results.own_rate == 1
    assert all(0 <= own.metrics['video/top1'] <= 1 for own in results.rates.values())
    assert not any(own.too_short for own in results.rates.values())


def test_letters_start_from_the_words(words):
    runner = Runner.from_cfg(
        small(Config.fromfile(CONFIGS / 'words/r2p1d_words.py'), 'work')
    )
    runner.train()
    learned = runner.model.backbone.conv1.conv.conv_s.weight.detach().clone()

    text = (CONFIGS / 'words/r2p1d_dem_words.py').read_text()
    text = text.replace('datasets/words.py', 'datasets/letters.py')
    Path('letters.py').write_text(text.replace("'../_base_", f"'{CONFIGS}/_base_"))
    config = small(Config.fromfile('letters.py'), 'letters')
    assert config.model.cls_head.num_classes == 25
    assert lists(config) == [f'data/words/{part}_letters.txt' for part in PARTS]
    config.model.backbone.dem_stages = []
    config.load_from = 'work/epoch_1.pth'
    runner = Runner.from_cfg(config)
    runner.load_or_resume()
    assert (runner.model.backbone.conv1.conv.conv_s.weight == learned).all()
    names = DATASETS.build(dict(config.val_dataloader.dataset)).metainfo['classes']
    assert ''.join(names) == 'abcdefghijklmnopqrstuvxyz'


def test_weizmann_reads_what_the_preparation_writes(data, tmp_path, monkeypatch):
    out = tmp_path / 'data' / 'weizmann'
    checks = CheckSettings(workers=2)
    prepare(SOURCES['weizmann'](), out, data / 'weizmann', checks=checks)
    monkeypatch.chdir(tmp_path)
    config = Config.fromfile(CONFIGS / 'weizmann/r2p1d_weizmann.py')
    for part, count in zip(PARTS, (70, 10, 10), strict=True):
        dataset = dict(config[f'{part}_dataloader'].dataset)
        dataset.update(in_memory=False, pipeline=[])
        built = DATASETS.build(dataset)
        assert len(built) == count and len(built.metainfo['classes']) == 10
    test_set = DATASETS.build(dict(config.test_dataloader.dataset))
    for sample in test_set:
        assert sample['inputs'].shape == (4, 3, 16, 34, 42)
    assert test_set.get_data_info(0)['array'].shape[1:] == (40, 50, 3)
