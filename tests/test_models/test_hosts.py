"""What every network must do that carries DEM, whatever its units are."""

from functools import partial

import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmaction.utils import GradCAM
from support import trained
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.nn.modules.batchnorm import _BatchNorm

from dem_mmaction import models
from dem_mmaction.export import FORMATS, ClipClassifier
from dem_mmaction.models import fuse, rivals
from dem_mmaction.models.stages import STAGES

IN_3D_UNITS = dict(unit='3d', dem_stages=STAGES[1:])
SMALL = dict(
    r2p1d=dict(type='R2Plus1DDEM', depth=10, base_channels=8),
    r3d=dict(type='R2Plus1DDEM', depth=10, base_channels=8, **IN_3D_UNITS),
    p3d=dict(type='P3DDEM', depth=17, base_channels=8),
    s3d=dict(type='S3DDEM', base_channels=16),
    s3dg=dict(type='S3DDEM', base_channels=16, gating=True),
)
CSN = dict(
    type='ResNet3dCSN',
    pretrained=None,
    pretrained2d=False,
    depth=50,
    stage_blocks=(1, 1, 1, 1),
    base_channels=8,
)
# MMAction2's networks, which have DEM by their conv_cfg.
STOCK = dict(
    csn=CSN,
    csn_ip=dict(CSN, bottleneck_mode='ip'),
    x3d=dict(type='X3D', gamma_w=0.3, gamma_b=2, gamma_d=0.4),
    i3d=dict(
        type='ResNet3d',
        depth=18,
        stage_blocks=(1, 1, 1, 1),
        base_channels=8,
        pretrained=None,
        pretrained2d=False,
        conv1_kernel=(5, 7, 7),
        inflate=(1, 1, 1, 1),
    ),
)
CHANNELWISE = dict(groups='channelwise')
each_host = pytest.mark.parametrize('name', SMALL)
every_host = pytest.mark.parametrize('name', [*SMALL, *STOCK])


def build(name, dem=True, seed=0, **kwargs):
    """A small host, with DEM on top of its own layers."""
    torch.manual_seed(seed)
    if name in STOCK:
        conv = dict(type='DEMConv3d', dem_cfg=kwargs.pop('dem_cfg', CHANNELWISE))
        own = dict(conv_cfg=conv) if dem else {}
        net = MODELS.build(dict(STOCK[name], **own))
    else:
        stages = {} if dem else dict(dem_stages=[])
        config = dict(SMALL[name], midplanes='unchanged', **kwargs)
        net = MODELS.build(dict(config, **stages))
    net.init_weights()
    return net


def dems(net):
    found = (getattr(module, 'dem', None) for module in net.modules())
    return [dem for dem in found if isinstance(dem, nn.Module)]


def clips(frames=8, size=32):
    torch.manual_seed(1)
    return torch.randn(2, 3, frames, size, size)


@every_host
def test_dem_in_trained_weights_keeps_every_bit_and_then_learns(name):
    plain = build(name, dem=False, seed=2)
    trained(plain)
    net = build(name)
    missing, unexpected = net.load_state_dict(plain.state_dict(), strict=False)
    assert missing and not unexpected and all('.dem.' in key for key in missing)
    net.eval()
    x = clips()
    assert torch.equal(net(x), plain(x))
    head = nn.Linear(plain(x).shape[1], 4)
    scores = [head(own(x).mean((2, 3, 4))) for own in (net, plain)]
    assert torch.equal(*scores)

    for dem in dems(net):
        nn.init.normal_(dem.scale)
    assert not torch.equal(net(x), plain(x))
    for norm in net.modules():  # X3D and ResNet3d start some of them at 0
        if isinstance(norm, _BatchNorm):
            nn.init.ones_(norm.weight)
    net.train()
    (net(x) * torch.randn(plain(x).shape)).sum().backward()
    dead = [key for key, p in net.named_parameters() if not p.grad.abs().sum() > 0]
    assert not dead


@each_host
def test_equal_parameters(name):
    # At full size: in small, a channel is a large step.
    config = dict(SMALL[name], base_channels=64)
    with torch.device('meta'):
        with_dem = MODELS.build(config)
        plain = MODELS.build(dict(config, dem_stages=[]))
    assert list(with_dem.dems()) and not list(plain.dems())

    def weights(net):
        return sum(p.numel() for p in net.parameters() if p.ndim > 1)

    assert 0.99 < weights(with_dem) / weights(plain) <= 1


@each_host
@pytest.mark.parametrize('rival', rivals.__all__)
def test_rivals_go_in_by_the_same_line(name, rival):
    with torch.device('meta'):
        net = MODELS.build(dict(SMALL[name], dem_cfg=dict(type=rival)))
    assert {type(dem).__name__ for dem in net.dems()} == {rival}


# In our own hosts, which are built alike, the two with most parts.
RIVALS = [(name, rival) for name in STOCK for rival in rivals.__all__] + [
    (name, rival) for name in SMALL for rival in ('GateShiftFuse', 'TemporalDifference')
]


@pytest.mark.parametrize('name, rival', RIVALS)
def test_rivals_train(name, rival):
    net = build(name, dem_cfg=dict(type=rival))
    net(clips(4, 32)).sum().backward()
    assert all(p.grad is not None for dem in dems(net) for p in dem.parameters())


@each_host
@pytest.mark.parametrize('frames, size', [(1, 32), (5, 48)])
def test_any_number_of_frames(name, frames, size):
    net = build(name).eval()
    assert net(clips(frames, size)).isfinite().all()


@every_host
def test_folded_norms_change_nothing(name):
    net = build(name).double()
    trained(net)
    net.eval()
    for dem in dems(net):
        nn.init.normal_(dem.scale)
    x = clips().double()
    fused = fuse(net)
    torch.testing.assert_close(fused(x), net(x))
    assert not any(isinstance(part, _BatchNorm) for part in fused.modules())


def recognizer(name):
    backbone = dict(SMALL[name], midplanes='unchanged')
    features = MODELS.get(backbone['type']).features(backbone['base_channels'])
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=backbone,
            cls_head=dict(type='ClipVideoHead', num_classes=5, in_channels=features),
            data_preprocessor=dict(
                type='ActionDataPreprocessor', format_shape='NCTHW', std=[9.0], mean=[9]
            ),
        )
    )
    model.init_weights()
    for dem in model.backbone.dems():
        nn.init.normal_(dem.scale, std=0.1)
    return model.eval()


FILES = [(name, 'torchscript') for name in SMALL]
# The other formats take seconds each; tests/test_export has R(2+1)D in all of them.
FILES += [('r3d', 'openvino'), ('p3d', 'onnx'), ('s3d', 'openvino'), ('s3dg', 'onnx')]


@pytest.mark.parametrize('name, kind', FILES)
def test_a_file_of_it_gives_its_scores(name, kind, tmp_path):
    chosen = FORMATS[kind]
    try:
        chosen.check()
    except ImportError as error:
        pytest.skip(str(error))
    net = ClipClassifier(recognizer(name))
    path = tmp_path / f'net{chosen.suffix}'
    chosen.write(net, 255 * torch.rand(2, 3, 8, 32, 32), path)
    for number in (1, 3):
        pixels = 255 * torch.rand(number, 3, 8, 32, 32)
        found = torch.from_numpy(chosen.load(path)(pixels.numpy()))
        torch.testing.assert_close(found, net(pixels))


@each_host
@pytest.mark.parametrize('layer', ['layer2', 'dem'])
def test_grad_cam_shows_stages_and_dems(name, layer):
    model = recognizer(name)
    path = f'backbone.{layer}'
    if layer == 'dem':
        names = (own for own, module in model.named_modules() if own.endswith('.dem'))
        path = list(names)[-1]
    cam = GradCAM(model, path.replace('.', '/'))
    clip = torch.randint(256, (1, 3, 8, 32, 32), dtype=torch.uint8)
    sample = ActionDataSample().set_gt_label(1)
    heat, scores = cam(dict(inputs=[clip], data_samples=[sample]))
    assert heat.shape == (1, 8, 32, 32, 3) and heat.isfinite().all()
    assert scores.shape == (1, 5)


@each_host
def test_stages_are_frozen_returned_and_pretrained(name, tmp_path):
    net = build(name, out_indices=(0, 1, 2, 3), frozen_stages=1).train()
    outs = net(clips())
    assert len(outs) == 4
    channels = [out.shape[1] for out in outs]
    assert channels == sorted(channels)
    assert not any(p.requires_grad for p in net.layer1.parameters())
    assert not net.layer1.training and net.layer2.training
    torch.save(dict(state_dict=net.state_dict()), tmp_path / 'net.pth')
    again = build(name, seed=3, pretrained=str(tmp_path / 'net.pth'))
    for key, value in net.state_dict().items():
        assert torch.equal(again.state_dict()[key], value), key


@each_host
@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(dem_stages=['conv7_x']), "'conv7_x'; known"),
        (dict(midplanes='same'), "midplanes='same' must be"),
        (dict(base_channels=0), 'base_channels=0'),
        (dict(frozen_stages=7), 'frozen_stages=7'),
        (dict(dem_cfg=dict(fuson='sum')), "option='fuson'"),
        (dict(dem_cfg=dict(groups=5), midplanes='unchanged'), 'groups=5'),
        (dict(dem_cfg=dict(groups=64)), 'leaves'),
    ],
)
def test_bad_values_are_named(name, kwargs, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(dict(SMALL[name], **kwargs))


@pytest.mark.parametrize(
    'build, parameters',
    [
        # torchvision's networks of these names have 8,320,048 and 33,371,472 parameters
        # at 400 classes.
        (models.s3d, 8_320_048 - 400 * 1025),
        (models.r3d_18, 33_371_472 - 400 * 513),
        # The convolutions and norms of deploy_p3d_resnet_kinetics.prototxt, counted in
        # https://github.com/ZhaofanQiu/pseudo-3d-residual-networks.
        (models.p3d_199, 65_672_640),
        # ResNet-50 has 23,508,032 without its classifier; the temporal convolutions of
        # its first 13 blocks come on top, each with a norm.
        (
            models.p3d_63,
            23_508_032
            + sum(n * (3 * c * c + 2 * c) for n, c in ((3, 64), (4, 128), (6, 256))),
        ),
        (models.r3d_34, 63_475_904),
    ],
)
def test_parameters_of_public_networks(build, parameters):
    with torch.device('meta'):
        net = build()
    assert sum(p.numel() for p in net.parameters()) == parameters


@pytest.mark.parametrize(
    'build, places',
    [
        (models.r3d_dem_18, 16),
        (models.r3d_dem_34, 32),
        (partial(models.r3d_dem_18, dem_stages=['conv3_x.0']), 2),
        (models.p3d_dem_63, 13),
        (models.p3d_dem_199, 47),
        (models.s3d_dem, 20),
        (models.s3dg_dem, 20),
        (models.s3dg, 0),
    ],
)
def test_named_networks_have_dem_where_their_names_say(build, places):
    with torch.device('meta'):
        assert len(list(build().dems())) == places


@pytest.mark.parametrize(
    'build, clip, shapes',
    [
        # Table 1 and Figure 3 of the papers' networks, at their clips.
        (
            models.s3d,
            (64, 224, 224),
            [(192, 32, 56), (480, 32, 28), (832, 16, 14), (1024, 8, 7)],
        ),
        (
            models.p3d_63,
            (16, 160, 160),
            [(256, 8, 40), (512, 4, 20), (1024, 2, 10), (2048, 1, 5)],
        ),
        (
            models.r3d_dem_18,
            (16, 112, 112),
            [(64, 16, 56), (128, 8, 28), (256, 4, 14), (512, 2, 7)],
        ),
    ],
)
def test_layer_shapes(build, clip, shapes):
    with FakeTensorMode(allow_non_fake_inputs=True):
        outs = build(out_indices=(0, 1, 2, 3))(torch.empty(1, 3, *clip))
    assert [tuple(out.shape[1:4]) for out in outs] == shapes
