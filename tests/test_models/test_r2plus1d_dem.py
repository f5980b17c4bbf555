import copy
import logging
from functools import partial
from unittest import mock

import pytest
import torch
from memory import kept_for_backward
from mmaction.registry import MODELS
from mmengine.logging import MMLogger
from reference import reference_dem
from small_networks import clips, small
from torch import nn

from dem_mmaction.models import (
    DEMConv,
    R2Plus1DDEM,
    r2plus1d_18,
    r2plus1d_dem_18,
    r3d_18,
)
from dem_mmaction.models.stages import STAGES

# Parameters at 400 classes, norms inside DEM and their scale not counted.
CLASSIFIER = 512 * 400 + 400
TOTALS = {
    (): 33_383_797,
    ('conv1',): 33_383_514,
    ('conv2_x',): 33_380_065,
    ('conv3_x',): 33_371_393,
    ('conv4_x',): 33_373_753,
    ('conv5_x',): 33_344_515,
    STAGES: 33_318_052,
}


def parameters(net):
    return CLASSIFIER + sum(
        p.numel()
        for name, p in net.named_parameters()
        if '.dem.norm' not in name and '.dem.scale' not in name
    )


def midplanes(net):
    return [m.midplanes for m in net.modules() if isinstance(m, DEMConv)]


@pytest.mark.parametrize('dem_stages, total', TOTALS.items())
def test_parameter_totals(dem_stages, total):
    assert parameters(R2Plus1DDEM(dem_stages=dem_stages)) == total


def test_parameter_totals_of_the_baselines():
    assert parameters(R2Plus1DDEM(unit='3d')) == 33_371_472
    net = R2Plus1DDEM(dem_stages=[], midplanes='torchvision')
    assert parameters(net) == 31_505_325


@pytest.mark.parametrize(
    'build, total',
    [(r2plus1d_dem_18, 33_318_052), (r2plus1d_18, 33_383_797), (r3d_18, 33_371_472)],
)
def test_named_constructors(build, total):
    assert parameters(build()) == total
    net = build(base_channels=8, midplanes='torchvision', out_indices=(0, 3))
    assert net.conv1.bn.num_features == 8
    assert [tuple(y.shape[:2]) for y in net(clips())] == [(2, 8), (2, 64)]
    with pytest.raises(TypeError, match='depth'):
        build(depth=34)


def test_named_constructors_put_dem_where_their_names_say():
    kwargs = dict(base_channels=8)
    assert len(list(r2plus1d_dem_18(**kwargs).dems())) == 17
    assert len(list(r2plus1d_dem_18(dem_stages=['conv2_x'], **kwargs).dems())) == 4
    assert not list(r2plus1d_18(**kwargs).dems())
    assert not midplanes(r3d_18(**kwargs))


def test_a_seed_gives_the_weights_it_gave():
    # Sums of the version whose trainings docs/results.md reports.
    totals = dict(product=17186.735823, concat=17327.518385, bilinear=19282.103276)
    for fusion, total in totals.items():
        torch.manual_seed(0)
        net = small(dem_cfg=dict(fusion=fusion))
        net.init_weights()
        found = sum(p.double().abs().sum() for p in net.parameters()).item()
        assert found == pytest.approx(total, rel=1e-6)


def test_table_3_1():
    assert midplanes(R2Plus1DDEM(dem_stages=[])) == [
        83,
        *[144] * 4,
        230,
        *[288] * 3,
        460,
        *[576] * 3,
        921,
        *[1152] * 3,
    ]
    assert midplanes(R2Plus1DDEM()) == [
        20,
        *[67] * 4,
        98,
        *[134] * 3,
        197,
        *[269] * 3,
        394,
        *[538] * 3,
    ]


def test_table_3_1_output_sizes():
    net = R2Plus1DDEM(base_channels=8, out_indices=(0, 1, 2, 3)).eval()
    with torch.no_grad():
        x = torch.randn(1, 3, 16, 112, 112)
        assert net.conv1(x).shape == (1, 8, 16, 56, 56)
        shapes = [tuple(out.shape) for out in net(x)]
    assert shapes == [
        (1, 8, 16, 56, 56),
        (1, 16, 8, 28, 28),
        (1, 32, 4, 14, 14),
        (1, 64, 2, 7, 7),
    ]


@pytest.mark.parametrize('depth, units', [(10, 9), (18, 17), (34, 33)])
def test_depths(depth, units):
    net = small(depth=depth)
    assert len(midplanes(net)) == units == len(list(net.dems()))
    assert net(clips()).shape == (2, 64, 1, 2, 2)


def test_dem_in_single_blocks():
    net = small(depth=18, dem_stages=['conv1', 'conv3_x.1'])
    assert {name for name, m in net.named_modules() if name.endswith('.dem')} == {
        'conv1.conv.dem',
        'layer2.1.conv1.conv.dem',
        'layer2.1.conv2.conv.dem',
    }


@pytest.mark.parametrize('unit, other', [(0, 1), (1, 0)])
def test_dem_in_one_unit_of_each_block(unit, other):
    net = small(depth=18, dem_stages=['conv1', 'conv3_x'], dem_units=[unit])
    convs = {f'layer2.{b}.conv{unit + 1}.conv' for b in (0, 1)}
    assert {name for name, m in net.named_modules() if name.endswith('.dem')} == {
        'conv1.conv.dem',  # a single unit
        *(f'{conv}.dem' for conv in convs),
    }
    # The others get the midplanes of units without DEM.
    plain = midplanes(small(depth=18, dem_stages=[]))
    full = midplanes(small(depth=18, dem_stages=['conv1', 'conv3_x']))
    found = midplanes(net)
    in_conv3_x = slice(5, 9)
    assert found[in_conv3_x][other::2] == plain[in_conv3_x][other::2]
    assert found[in_conv3_x][unit::2] == full[in_conv3_x][unit::2]


def test_dem_gets_the_kernel_of_its_unit():
    kernels = [dem.h.kernel_size for dem in small().dems()]
    assert kernels == [(1, 7, 7)] + [(1, 3, 3)] * 8


@pytest.mark.parametrize('fusion', ['product', 'concat', 'bilinear'])
@pytest.mark.parametrize('training', [True, False])
def test_zero_init_and_unchanged_midplanes_leave_the_output(fusion, training):
    torch.manual_seed(0)
    plain = small(dem_stages=[]).train(training)
    plain.init_weights()
    net = small(midplanes='unchanged', dem_cfg=dict(fusion=fusion)).train(training)
    net.init_weights()
    missing, unexpected = net.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected and all('.dem.' in name for name in missing)
    x = clips()
    assert torch.equal(net(x), plain(x))


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(),
        dict(unit='3d'),
        dict(dem_stages=[]),
        dict(with_cp=True),
        dict(dem_cfg=dict(fusion='concat', act_cfg=dict(type='ReLU'), norm_cfg=None)),
    ],
)
def test_every_parameter_gets_a_gradient(kwargs):
    torch.manual_seed(0)
    # At a scale of 0 the gradients inside DEM would be 0.
    kwargs['dem_cfg'] = dict(kwargs.get('dem_cfg', {}), zero_init=False)
    net = small(**kwargs)
    net.init_weights()
    net(clips()).square().sum().backward()
    dead = [name for name, p in net.named_parameters() if not p.grad.abs().sum() > 0]
    assert not dead


def test_norm_of_the_network_reaches_every_norm():
    net = small(norm_cfg=dict(type='SyncBN'))
    kinds = {type(m).__name__ for m in net.modules() if 'Norm' in type(m).__name__}
    assert kinds == {'SyncBatchNorm'}
    small(norm_cfg=dict(type='GN', num_groups=1))(clips())


def test_init_weights_works_once():
    net = small()
    net.init_weights()
    torch.nn.init.constant_(net.conv1.bn.weight, 3)
    net.init_weights()
    assert (net.conv1.bn.weight == 3).all()


def test_initialisation_of_the_thesis():
    net = R2Plus1DDEM()
    for p in net.parameters():
        nn.init.constant_(p, 0.5)
    net.init_weights()
    conv = net.layer1[0].conv1.conv.conv_t
    # Kaiming, fan out, gain of ReLU
    std = (2 / (64 * 3)) ** 0.5
    assert conv.weight.std().item() == pytest.approx(std, rel=0.05)
    assert (net.layer1[0].conv1.bn.weight == 1).all()
    assert (net.layer1[0].conv1.bn.bias == 0).all()
    assert all((dem.scale == 0).all() for dem in net.dems())
    assert all((dem.norm_d.weight == 1).all() for dem in net.dems())


def test_pretrained_weights_survive_init_weights(tmp_path):
    torch.manual_seed(0)
    trained = small()
    for p in trained.parameters():
        nn.init.normal_(p)
    torch.save(dict(state_dict=trained.state_dict()), tmp_path / 'net.pth')
    for kwargs in (
        dict(pretrained=str(tmp_path / 'net.pth')),
        dict(init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'net.pth'))),
    ):
        net = small(**kwargs)
        net.init_weights()
        for name, value in trained.state_dict().items():
            assert torch.equal(net.state_dict()[name], value), name


@pytest.mark.parametrize('frozen_stages', [-1, 0, 3, 4])
def test_frozen_stages(frozen_stages):
    net = small(frozen_stages=frozen_stages)
    trained = [stage.training for stage in net.stages]
    assert trained == [k > frozen_stages for k in range(5)]  # as soon as it is built
    net.init_weights()
    net.train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    y = net(clips())
    if y.requires_grad:
        y.square().mean().backward()
        optimizer.step()
    for k, stage in enumerate(('conv1', 'layer1', 'layer2', 'layer3', 'layer4')):
        same = all(
            torch.equal(value, before[name])
            for name, value in net.state_dict().items()
            if name.startswith(stage)
        )
        assert same == (k <= frozen_stages), stage


def test_norm_eval_keeps_statistics():
    net = small(norm_eval=True).train()
    training = {type(m).__name__ for m in net.modules() if m.training}
    assert 'BatchNorm3d' not in training and {'DEM', 'DEMConv'} <= training
    net(clips())
    for name, value in net.state_dict().items():
        if name.endswith('num_batches_tracked'):
            assert value == 0, name


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(depth=50), 'depth=50.*10, 18, 34'),
        (dict(unit='2d'), "unit='2d'.*2plus1d"),
        (dict(dem_stages=['conv6_x']), "'conv6_x'.*conv5_x"),
        (dict(unit='3d', dem_stages=['conv1']), "'conv1'; known.*'conv2_x'"),
        (dict(midplanes='same'), "midplanes='same'"),
        (dict(midplanes=dict(conv1=0)), 'conv1'),
        (dict(unit='3d', midplanes='same'), "midplanes='same'"),
        (dict(dem_stages=[], dem_cfg=dict(fusion='sum')), "fusion='sum'"),
        (dict(base_channels=-4), 'base_channels=-4'),
        (dict(norm_cfg=dict(type='BN9')), 'BN9'),
        (dict(act_cfg=dict(type='Relu7')), 'Relu7'),
        (dict(dem_cfg=dict(fusion='sum')), "fusion='sum'"),
        (dict(dem_cfg=dict(act_cfg=dict(type='Relu7'))), 'Relu7'),
        (dict(frozen_stages=5), 'frozen_stages=5'),
        (dict(frozen_stages=-2), 'frozen_stages=-2'),
        (dict(out_indices=(4,)), 'out_indices=4'),
        (dict(out_indices=-1), 'out_indices=-1'),
        (dict(base_channels=0), 'base_channels=0'),
        (dict(dem_stages=[], dem_cfg=dict(norm_cfg=dict(type='BN9'))), 'BN9'),
        (dict(unit='3d', dem_cfg=dict(fuson='sum')), "option='fuson'"),
        (dict(dem_units=[2]), 'dem_units=.2. must be'),
        (dict(dem_cfg=dict(type='DEN')), "type='DEN' must be a module registered"),
        (dict(unit='3d', dem_cfg=dict(type='BN3d')), "type='BN3d' has no"),
        (dict(pretrained='a', init_cfg=dict(type='Kaiming')), 'not both'),
    ],
)
def test_bad_values_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        small(**kwargs)


def test_registered():
    net = MODELS.build(dict(type='R2Plus1DDEM', depth=10, base_channels=8))
    assert isinstance(net, R2Plus1DDEM)


def test_channels_last_memory_changes_results_by_rounding_alone():
    torch.manual_seed(0)
    net, contiguous = small().double(), small(channels_last=False).double()
    contiguous.load_state_dict(net.state_dict())
    x = clips().double()
    y = net(x)
    assert y.is_contiguous()  # for heads that call .view
    torch.testing.assert_close(y, contiguous(x))
    y.square().mean().backward()
    contiguous(x).square().mean().backward()
    for (name, a), b in zip(
        net.named_parameters(), contiguous.parameters(), strict=True
    ):
        torch.testing.assert_close(a.grad, b.grad, msg=name)


def test_keeps_far_less_for_the_backward_pass_than_the_straightforward_dem():
    torch.manual_seed(0)
    net = R2Plus1DDEM()
    plain = copy.deepcopy(net)
    for dem in plain.dems():
        dem.forward = partial(reference_dem, dem)
    x = torch.randn(1, 3, 16, 112, 112)
    kept, kept_plain = (
        kept_for_backward(partial(model, x), but=model.parameters())
        for model in (net, plain)
    )
    assert kept < 0.71 * kept_plain


@pytest.mark.parametrize(
    ('kwargs', 'times'),
    [
        (dict(), None),
        (dict(dem_stages=[]), None),
        (dict(unit='3d'), None),
        (dict(midplanes='torchvision', dem_stages=['conv2_x']), None),
        (dict(midplanes='torchvision'), 3.2),
        (dict(midplanes='unchanged'), 3.5),
    ],
    ids=str,
)
def test_says_how_large_it_is(kwargs, times):
    with mock.patch.object(MMLogger, 'log') as log, torch.device('meta'):
        MMLogger.get_instance('run')
        net = R2Plus1DDEM(**kwargs)
    level, text = log.call_args.args
    count = sum(parameter.numel() for parameter in net.parameters())
    assert f'{count:,} parameters' in text
    assert level == (logging.WARNING if times else logging.INFO)
    assert ('times as many' in text) == bool(times)
    if times:
        host = sum(parameter.numel() for parameter in r3d_18().parameters())
        assert count / host == pytest.approx(times, abs=0.05)
        assert f'{times} times as many' in text
