import pytest
import torch
from mmaction.apis import init_recognizer

from dem_mmaction.seeing import (
    ClipMaker,
    chosen_dems,
    first_of_stages,
    trace,
    units_without_dem,
)
from dem_mmaction.seeing.traces import stage_of

UNITS = ['conv1.conv', 'layer1.0.conv1.conv', 'layer1.0.conv2.conv']


def test_a_trace_has_what_dem_took_and_gave(config, model, video):
    sample = ClipMaker(config.test_pipeline)(video).sample
    dems = chosen_dems(model.backbone, ['conv1', 'conv2_x'])
    assert list(dems) == UNITS
    taken = {}
    for name, module in dems.items():
        module.register_forward_hook(
            lambda module, args, output, name=name: taken.update(
                {name: (args[0][0], output[0])}
            )
        )
    for own in trace(model, sample, dems):
        x, y = taken[own.name]
        torch.testing.assert_close(own.before, x)
        torch.testing.assert_close(own.after, y)
        # D of equation 3.2, frame by frame.
        f, g = (
            getattr(dems[own.name], name).weight.detach()[..., 0, 0] for name in 'fg'
        )

        def apply(kernel, one, other):
            return torch.einsum('oi,ihw->ohw', kernel[..., 0], one) + torch.einsum(
                'oi,ihw->ohw', kernel[..., 1], other
            )

        before, now, after = x[:, 0], x[:, 1], x[:, 2]
        expected = apply(g, apply(f, before, now), apply(f, now, after)) - apply(
            f, before, after
        )
        torch.testing.assert_close(own.variation[:, 1], expected, rtol=1e-3, atol=1e-5)
        maps = own.maps()
        assert maps['D'].shape == maps['compensation'].shape == x.shape[1:]
        torch.testing.assert_close(maps['compensation'], (y - x).abs().mean(0))
        size = x.square().mean((0, 2, 3)).sqrt().mean()
        torch.testing.assert_close(
            own.over_time()['compensation'],
            (y - x).square().mean((0, 2, 3)).sqrt() / size,
        )


def test_hooks_are_gone_afterwards(config, model, video):
    sample = ClipMaker(config.test_pipeline)(video).sample
    dems = chosen_dems(model.backbone)
    trace(model, sample, dems)
    assert not any(module._forward_hooks for module in dems.values())


def test_names_that_match_nothing_are_refused(model):
    with pytest.raises(
        ValueError, match=r"called 'conv6_x'.*layer1.0.conv1.conv \(con"
    ):
        chosen_dems(model.backbone, ['conv6_x'])
    with pytest.raises(ValueError, match='Linear has no DEM'):
        chosen_dems(torch.nn.Linear(1, 1))


def test_stages():
    names = 'conv1.conv', 'layer4.1.conv2', 'mixed3b.x'
    assert list(map(stage_of, names)) == ['conv1', 'conv5_x', 'mixed3b']
    assert first_of_stages(UNITS) == UNITS[:2]


def test_the_units_of_a_network_without_dem(config, model):
    config.model.backbone.update(dem_stages=[])
    other = init_recognizer(config, None, device='cpu').backbone
    units = units_without_dem(other, chosen_dems(model.backbone, ['conv2_x']))
    assert list(units) == UNITS[1:]
    assert units[UNITS[1]] is other.layer1[0].conv1.conv.conv_t
    with pytest.raises(ValueError, match='must have no DEM; it has'):
        units_without_dem(model.backbone, UNITS)
    with pytest.raises(
        ValueError, match="none of the units .'mixed'.*one kind and depth"
    ):
        units_without_dem(other, ['mixed'])
