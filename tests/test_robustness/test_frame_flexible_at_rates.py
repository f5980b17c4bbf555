"""A network trained for several rates, tested at rates, and its training."""

import pytest
import torch
from frame_flexible import state_alone, with_different_parts
from mmaction.apis import inference_recognizer, init_recognizer
from mmaction.registry import MODELS
from mmengine.config import Config
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.robustness import RateResults, measure_at_rates


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    spec = ProbeSpec(train=16, test=8, frames=64, size=(40, 40))
    generate_probe(folder, spec, workers=1, progress=False)
    return folder


def small(name, videos, work_dir):
    """A config of the probe with a smaller network on few videos."""
    config = Config.fromfile(ROOT / f'configs/probe/{name}.py')
    config.merge_from_dict(
        {
            'model.backbone.base_channels': 4,
            'model.cls_head.in_channels': 32,
            'test_dataloader.dataset.ann_file': str(videos / 'test.txt'),
            'work_dir': str(work_dir),
            'experiment_name': work_dir.name,
            'log_level': 'ERROR',
        }
    )
    return config


def test_each_rate_is_tested_with_the_parts_of_the_nearest_one(videos, tmp_path):
    config = small('r2p1d_ffn_probe', videos, tmp_path / 'flexible')
    model = with_different_parts(MODELS.build(config.model))
    config.load_from = str(tmp_path / 'flexible.pth')
    torch.save(dict(state_dict=model.state_dict()), config.load_from)
    found = measure_at_rates(config, [1, 2, 3, 4]).rates

    losses = {}
    for index, rates in enumerate([[1], [2], [3, 4]]):
        plain = small('r2p1d_probe', videos, tmp_path / f'plain{index}')
        plain.load_from = str(tmp_path / f'plain{index}.pth')
        torch.save(dict(state_dict=state_alone(model, index)), plain.load_from)
        for rate, result in measure_at_rates(plain, [1, 2, 3, 4]).rates.items():
            losses[index, rate] = result.metrics['loss']
            if rate in rates:
                assert found[rate].metrics == pytest.approx(result.metrics, rel=1e-4)
    # Other norms would show: every network finds another loss.
    for rate in (1, 2, 3, 4):
        first, second, third = (losses[index, rate] for index in range(3))
        assert abs(first - second) > 0.01 < abs(second - third)


def test_trains_and_is_tested_by_the_command_line_tools(videos, tmp_path):
    options = [
        '--cfg-options',
        'model.backbone.base_channels=4',
        'model.cls_head.in_channels=32',
        f'train_dataloader.dataset.ann_file={videos / "train.txt"}',
        f'val_dataloader.dataset.ann_file={videos / "test.txt"}',
        f'test_dataloader.dataset.ann_file={videos / "test.txt"}',
        'train_dataloader.batch_size=8',
        'train_cfg.max_epochs=2',
    ]
    config = ROOT / 'configs/probe/r2p1d_ffn_probe.py'
    output = run_tool('train.py', config, '--work-dir', 'run', *options, cwd=tmp_path)
    assert 'Epoch(val) [2][1/1]' in output
    for part in ('loss_cls', 'loss_kl_sr2', 'loss_kl_sr4'):
        assert f'{part}: ' in output
    checkpoint = tmp_path / 'run/epoch_2.pth'
    state = torch.load(checkpoint)['state_dict']
    norms = [state[f'backbone.conv1.bn.norms.{i}.running_mean'] for i in range(3)]
    assert not torch.equal(norms[0], norms[1]) and not torch.equal(norms[1], norms[2])
    assert state['backbone.layer4.0.adapter.weight'].any(dim=1).all()
    options = ['--work-dir', 'rates', *options]
    run_tool('test_rates.py', config, checkpoint, *options, cwd=tmp_path)
    results = RateResults.load(tmp_path / 'rates')
    assert list(results.rates) == [1, 2, 4] and results.own_rate == 1


def test_classifies_a_video_by_mmaction2s_api(videos, tmp_path):
    config = small('r2p1d_ffn_probe', videos, tmp_path)
    model = init_recognizer(config, device='cpu')
    with_different_parts(model)
    video = str(next(videos.rglob('*.mp4')))
    scores = {}
    for interval in (1, 4):
        model.cfg.test_pipeline[1].frame_interval = interval
        scores[interval] = inference_recognizer(model, video).pred_score
        assert scores[interval].sum().item() == pytest.approx(1, abs=1e-5)
    assert not torch.allclose(scores[1], scores[4])
