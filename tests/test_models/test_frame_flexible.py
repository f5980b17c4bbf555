import copy

import pytest
import torch
from frame_flexible import BACKBONE, RATES, alone, flexible, samples
from torch.nn.functional import cross_entropy, log_softmax, softmax

from dem_mmaction.models import fuse
from dem_mmaction.models.rate_specific import RateNorms

LABELS = [3, 0]
EVERYWHERE, NOWHERE = BACKBONE, dict(BACKBONE, dem_stages=[])


def clips(videos=2, per_video=2, rates=3):
    """Clips as SampleMultiRate gives them, (N, clips, C, rates * T, H, W)."""
    torch.manual_seed(1)
    shape = videos, per_video, 3, rates * 8, 20, 20
    return torch.randn(shape, dtype=torch.float64)


def total(losses):
    return sum(value for name, value in losses.items() if 'loss' in name)


@pytest.mark.parametrize('backbone', [EVERYWHERE, NOWHERE], ids=['DEM', 'no DEM'])
@pytest.mark.parametrize('own_rate', [None, 2])
def test_trains_like_a_network_for_each_rate_that_share_their_weights(
    backbone, own_rate
):
    model = flexible(backbone=backbone, own_rate=own_rate, distill_weight=0.5).train()
    plain = [alone(model, i, backbone).train() for i in range(len(RATES))]
    x = clips()
    losses = model.loss(x, samples(LABELS, RATES))
    total(losses).backward()

    scores = [
        net.cls_head(net.backbone(part.flatten(0, 1)))
        for net, part in zip(plain, x.chunk(len(RATES), dim=3), strict=True)
    ]
    own = RATES.index(own_rate or 1)
    target = softmax(scores[own], dim=1).detach()
    labels = torch.tensor(LABELS).repeat_interleave(2)
    expected = {'loss_cls': cross_entropy(scores[own], labels)}
    for i, rate in enumerate(RATES):
        if i != own:
            divergence = (target * (target.log() - log_softmax(scores[i], 1))).sum(1)
            expected[f'loss_kl_sr{rate}'] = 0.5 * divergence.mean()
    assert {name for name in losses if 'loss' in name} == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value, msg=name)

    total(expected).backward()
    shared = 'layer2.0.conv2.conv.conv_t.weight'
    torch.testing.assert_close(
        model.backbone.get_parameter(shared).grad,
        sum(net.backbone.get_parameter(shared).grad for net in plain),
    )
    norms = model.backbone.layer2[0].conv2.bn.norms
    for norm, net in zip(norms, plain, strict=True):
        apart = net.backbone.layer2[0].conv2.bn
        torch.testing.assert_close(norm.weight.grad, apart.weight.grad)
        torch.testing.assert_close(norm.running_mean, apart.running_mean)
    assert all(p.grad is not None for p in model.parameters())


def test_the_scores_at_the_own_rate_get_no_gradient_from_the_others():
    model = flexible().train()
    losses = model.loss(clips(), samples(LABELS, RATES))
    (losses['loss_kl_sr2'] + losses['loss_kl_sr4']).backward()
    norms = model.backbone.layer4[0].conv2.bn.norms
    assert norms[0].weight.grad is None or not norms[0].weight.grad.any()
    assert norms[1].weight.grad.any() and norms[2].weight.grad.any()


def test_equal_scores_have_no_divergence():
    model = flexible()
    for made in model.modules():
        if isinstance(made, RateNorms):
            for norm in made.norms[1:]:
                norm.load_state_dict(made.norms[0].state_dict())
        elif hasattr(made, 'adapter') and hasattr(made.adapter, 'weight'):
            torch.nn.init.zeros_(made.adapter.weight)
    x = clips(rates=1).repeat(1, 1, 1, len(RATES), 1, 1)
    losses = model.train().loss(x, samples(LABELS, RATES))
    for rate in RATES[1:]:
        assert losses[f'loss_kl_sr{rate}'].item() == pytest.approx(0, abs=1e-12)
    assert losses['loss_cls'] > 0.1


@pytest.mark.parametrize(
    'interval, index', [(1, 0), (2, 1), (4, 2), (3, 2), (9, 2), (0.5, 0)]
)
def test_a_test_takes_the_parts_of_the_nearest_rate(interval, index):
    model = flexible().eval()
    x = clips(rates=1)
    found = model(x, samples(LABELS, interval), mode='predict')
    expected = alone(model, index).eval()(x, samples(LABELS, interval), mode='predict')
    for ours, plain in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.pred_score, plain.pred_score)
    others = [i for i in range(len(RATES)) if i != index]
    for other in others:  # and no others
        wrong = alone(model, other).eval()(x, samples(LABELS, 1), mode='predict')
        assert not torch.allclose(found[0].pred_score, wrong[0].pred_score)


def test_features_alone_are_those_at_the_own_rate():
    model = flexible(own_rate=4).eval()
    x = clips(rates=1)
    torch.testing.assert_close(model(x), alone(model, 2).eval()(x))


def test_recomputing_activations_changes_neither_gradients_nor_statistics():
    plain, saving = flexible(), flexible(backbone=dict(BACKBONE, with_cp=True))
    saving.load_state_dict(copy.deepcopy(plain.state_dict()))
    for model in (plain, saving):
        losses = model.train().loss(clips(), samples(LABELS, RATES))
        total(losses).backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)
    for name, value in plain.state_dict().items():
        assert torch.equal(saving.state_dict()[name], value), name


def test_fused_it_predicts_the_same():
    model = flexible().eval()
    x, interval = clips(rates=1), 2
    scores = [
        net(x, samples(LABELS, interval), mode='predict')[0].pred_score
        for net in (model, fuse(model))
    ]
    torch.testing.assert_close(*scores)


def test_mixed_precision_gives_finite_losses():
    model = flexible().float().train()
    with torch.autocast('cpu', torch.float16):
        losses = model.loss(clips().float(), samples(LABELS, RATES))
    assert all(value.isfinite() for value in losses.values())


def test_a_batch_of_one_video_with_several_clips():
    losses = flexible().train().loss(clips(videos=1), samples(LABELS[:1], RATES))
    assert all(torch.isfinite(value) for value in losses.values())


def test_clips_of_other_rates_or_of_none_are_named():
    model = flexible()
    with pytest.raises(ValueError, match=r'sampled at \(1, 2\).*rates=\[1, 2, 4\]'):
        model.loss(clips(rates=2), samples(LABELS, (1, 2)))
    for interval in (None, 1):
        with pytest.raises(ValueError, match='frame_interval|sampled at 1'):
            model.loss(clips(), samples(LABELS, interval))
    x = clips(rates=1)
    with pytest.raises(ValueError, match="add 'frame_interval' to meta_keys"):
        model.predict(x, samples(LABELS, None))
    mixed = [*samples([1], 1), *samples([1], 4)]
    with pytest.raises(ValueError, match=r'frame intervals \[1, 4\]'):
        model.predict(x, mixed)


@pytest.mark.parametrize(
    'kwargs, words',
    [
        (dict(rates=[1, 1]), r'rates=\[1, 1\]'),
        (dict(own_rate=3), 'own_rate=3'),
        (dict(distill_weight=-1), 'distill_weight=-1'),
        (dict(neck=dict(type='ReLU')), 'neck'),
        (dict(backbone=dict(type='C3D', out_dim=8)), 'C3D has'),
        (
            dict(backbone=dict(BACKBONE, dem_cfg=dict(type='TemporalDifference'))),
            'TemporalDifference looks both ways',
        ),
    ],
)
def test_bad_arguments_are_named(kwargs, words):
    with pytest.raises(ValueError, match=words):
        flexible(**kwargs)
