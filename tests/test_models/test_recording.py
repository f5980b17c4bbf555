"""Networks that are compiled, traced and exported."""

import copy

import pytest
import torch
from small_networks import clips, small
from torch import nn

from dem_mmaction.models import DEM, fuse
from dem_mmaction.models.dem_options import ACT_PLACES, PADDING_MODES
from dem_mmaction.models.gates import FUSIONS


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(),
        dict(unit='3d'),
        dict(with_cp=True, dem_stages=['conv3_x']),
        dict(dem_cfg=dict(groups='channelwise', reduction=2), dem_stages=['conv3_x']),
        *(
            dict(
                dem_cfg=dict(fusion=fusion, act_place=place, padding_mode=mode),
                dem_stages=['conv3_x'],
            )
            # The first of each are the defaults.
            for fusion, place, mode in zip(
                list(FUSIONS)[1:], ACT_PLACES[1:], PADDING_MODES[1:], strict=True
            )
        ),
    ],
    ids=str,
)
def test_compiles_without_graph_breaks(kwargs):
    torch.compiler.reset()
    torch.manual_seed(0)
    net = small(**kwargs).double()
    net.init_weights()
    twin = copy.deepcopy(net)
    compiled = torch.compile(twin, backend='aot_eager', fullgraph=True)
    x = clips(4, 24).double()
    y, y_compiled = net(x), compiled(x)
    torch.testing.assert_close(y_compiled, y)
    y.square().mean().backward()
    y_compiled.square().mean().backward()
    for (name, a), b in zip(net.named_parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(b.grad, a.grad, msg=name)
    for name, value in net.state_dict().items():  # running statistics moved once
        torch.testing.assert_close(twin.state_dict()[name], value, msg=name)


@pytest.mark.parametrize('fused', [False, True])
@pytest.mark.parametrize(
    'kwargs',
    [
        dict(),
        dict(dem_cfg=dict(fusion='bilinear', groups=2)),
        dict(dem_cfg=dict(reduction=2, padding_mode='circular')),
        dict(dem_cfg=dict(type='TemporalShift')),
        dict(dem_cfg=dict(type='MotionExcitation')),
        dict(dem_cfg=dict(type='TemporalDifference')),
        dict(dem_cfg=dict(type='GateShiftFuse')),
        dict(unit='3d'),
    ],
    ids=str,
)
def test_can_be_traced(kwargs, fused):
    torch.manual_seed(0)
    net = small(**kwargs).eval()
    net.init_weights()
    for dem in net.dems():
        if isinstance(dem, DEM):
            nn.init.normal_(dem.scale)
    net = (fuse(net) if fused else net).double()
    traced = torch.jit.trace(net, clips(4, 24).double(), check_trace=False)
    x = clips(4, 24).double()
    torch.testing.assert_close(traced(x), net(x))


def test_is_exported_for_any_number_of_clips():
    net = small().eval()
    batch = torch.export.Dim('batch', min=1, max=64)
    exported = torch.export.export(net, (clips(),), dynamic_shapes=({0: batch},))
    for number in (1, 7):  # on either side of where D changes its form
        x = torch.randn(number, 3, 8, 32, 32)
        torch.testing.assert_close(exported.module()(x), net(x), rtol=1e-3, atol=1e-3)
