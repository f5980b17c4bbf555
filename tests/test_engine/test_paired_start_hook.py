from types import SimpleNamespace

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from support import ROOT

from dem_mmaction.engine import PairedStartHook


def network(**backbone):
    """The small network, its weights drawn by MMEngine."""
    init_default_scope('mmaction')
    config = Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py').model
    config.backbone.update({'base_channels': 4, **backbone})
    config.cls_head.update(in_channels=8 * config.backbone.base_channels)
    model = MODELS.build(config)
    model.init_weights()
    return model


def start(model, seed=0, iter=0, **kwargs):
    hook = PairedStartHook(**kwargs)
    hook.before_train(SimpleNamespace(model=model, seed=seed, iter=iter))
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_shared_layers_start_alike_and_others_do_not_matter():
    dem, plain = start(network(dem_stages=['conv2_x'])), start(network(dem_stages=[]))
    shared = [
        name
        for name in dem
        if name in plain and dem[name].shape == plain[name].shape and dem[name].any()
    ]
    assert all(torch.equal(dem[name], plain[name]) for name in shared)
    convolutions = [name for name in shared if dem[name].ndim == 5]
    assert len(convolutions) >= 14 and 'cls_head.fc_cls.weight' in shared
    # No two layers of the same shape have the same values.
    weights = [dem[name] for name in convolutions]
    for i, one in enumerate(weights):
        assert not any(torch.equal(one, other) for other in weights[:i])


def test_another_seed_draws_other_weights_of_the_same_distribution():
    model = network()
    drawn = dict(model.named_parameters())
    spread = {name: value.std().item() for name, value in drawn.items()}
    one, other = start(model, 0), start(model, 1)
    for name, value in drawn.items():
        if value.ndim > 1:
            assert not torch.equal(one[name], other[name])
            if value.numel() > 1000:
                assert one[name].std().item() == pytest.approx(spread[name], rel=0.15)
        else:  # norms, biases, and the scale of DEM
            assert torch.equal(one[name], other[name])


@pytest.mark.parametrize(
    'dem_cfg',
    [
        dict(groups='channelwise'),
        dict(groups=4),
        dict(reduction=4),
        dict(type='GateShiftFuse'),
        dict(type='MotionExcitation'),
        dict(type='TemporalDifference'),
    ],
    ids=str,
)
def test_modules_start_as_they_start_themselves(dem_cfg):
    model = network(base_channels=16, dem_cfg=dem_cfg)
    own = {name: value.std().item() for name, value in model.named_parameters()}
    started = start(model)
    inside = [n for n in own if '.dem.' in n and started[n].ndim > 2]
    assert len(inside) >= 9
    ratios = {n: started[n].std().item() / own[n] for n in inside}
    assert all(0.5 < ratio < 1.9 for ratio in ratios.values()), ratios
    assert 0.9 < sum(ratios.values()) / len(ratios) < 1.1


def test_leaves_the_backbone_and_a_resumed_training_alone():
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    after = start(model, iter=5)
    assert all(torch.equal(before[name], after[name]) for name in before)
    after = start(model, prefixes=['cls_head'])
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {'cls_head.fc_cls.weight'}


def test_refuses_prefixes_of_nothing():
    with pytest.raises(ValueError, match=r"prefixes=\['head'\]: no convolution or lin"):
        start(network(), prefixes=['head'])
    with pytest.raises(ValueError, match="prefixes='cls_head' must be a list"):
        PairedStartHook('cls_head')
