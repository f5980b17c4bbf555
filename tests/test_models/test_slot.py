import pytest
import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from support import conv_weights
from torch import nn

from dem_mmaction.models import DEM, DEMConv, R2Plus1DDEM, Slot, fuse


class Blur(nn.Module):
    """A module of a user: each channel is blurred in space."""

    def __init__(self, channels, kernel_size=3, norm_cfg=None, factor=1.0):
        super().__init__()
        assert channels % 2 == 0
        self.norm_cfg, self.factor = norm_cfg, factor
        self.conv = nn.Conv3d(
            channels,
            channels,
            (1, kernel_size, kernel_size),
            padding=(0, kernel_size // 2, kernel_size // 2),
            groups=channels,
            bias=False,
        )
        self.init_weights()

    @classmethod
    def weights(cls, channels, kernel_size, options):
        return kernel_size**2 * channels

    @staticmethod
    def check_options(options):
        if options.get('factor', 1.0) <= 0:
            raise ValueError(f'Blur: factor={options["factor"]} must be above 0.')

    @staticmethod
    def multiple_of(options):
        return 2

    def init_weights(self):
        nn.init.constant_(self.conv.weight, self.factor)

    def forward(self, x):
        return self.conv(x)


@pytest.fixture
def blur():
    MODELS.register_module(name='Blur', module=Blur)
    yield 'Blur'
    MODELS.module_dict.pop('Blur')


def test_is_dem_by_default():
    for cfg in (None, {}, dict(type='DEM'), dict(type=DEM)):
        slot = Slot(cfg)
        assert slot.module is DEM and slot.name == 'DEM'
        assert slot.multiple_of == 1
        assert slot.weights(6, 7) == (4 + 49) * 36
    built = Slot(dict(fusion='concat')).build(4, 5, dict(type='SyncBN'))
    assert built.fusion == 'concat' and built.h.kernel_size == (1, 5, 5)
    assert isinstance(built.norm_d, nn.SyncBatchNorm)
    own = Slot(dict(norm_cfg=None)).build(4, 5, dict(type='SyncBN'))
    assert isinstance(own.norm_d, nn.Identity)


def test_a_module_of_a_user_stands_in_a_unit(blur):
    cfg = dict(type=blur, factor=0.5)
    conv = DEMConv(8, 16, 3, bias=False, midplanes='equivalent', dem_cfg=cfg)
    assert isinstance(conv.dem, Blur) and conv.dem.norm_cfg == dict(type='BN3d')
    mid = conv.midplanes
    assert mid % 2 == 0
    assert conv_weights(conv) <= 27 * 8 * 16 < (9 * 8 + 3 * 16 + 9) * (mid + 2)
    nn.init.constant_(conv.dem.conv.weight, 7)
    conv.init_weights()
    assert (conv.dem.conv.weight == 0.5).all()


def test_a_module_of_a_user_stands_in_a_network(blur):
    cfg = dict(type=blur, factor=0.5)
    net = R2Plus1DDEM(depth=10, base_channels=8, dem_cfg=cfg, dem_stages=['conv2_x'])
    net.init_weights()
    dems = list(net.dems())
    assert len(dems) == 2 and all(type(dem) is Blur for dem in dems)
    assert all((dem.conv.weight == 0.5).all() for dem in dems)
    x = torch.randn(1, 3, 4, 16, 16)
    net.eval()
    torch.testing.assert_close(fuse(net)(x), net(x), rtol=1e-3, atol=1e-4)


def test_options_of_any_name_pass_where_the_module_takes_them():
    class Any(nn.Identity):  # takes any argument, has no checks of its own
        weights = staticmethod(lambda channels, kernel_size, options: 0)
        init_weights = staticmethod(lambda: None)

        def __init__(self, channels, kernel_size, **options):
            super().__init__()
            self.options = options

    built = Slot(dict(type=Any, colour='red')).build(4, 3, None)
    assert built.options == dict(norm_cfg=None, colour='red')
    assert Slot(dict(type=Any)).multiple_of == 1


@pytest.mark.parametrize(
    'cfg, message',
    [
        (dict(fuson='sum'), "^DEM: option='fuson' must be one of.*fusion.*init_scale"),
        (dict(fusion='sum'), "^DEM: fusion='sum'.*product"),
        (dict(channels=4), "option='channels'"),
        (dict(kernel_size=3), "option='kernel_size'"),
        (dict(type='Deem'), "type='Deem' must be a module registered.*custom_imports"),
        (dict(type=3), 'type=3 must be a module'),
        (dict(type=dict), "type=<class 'dict'> must be a module"),
        (dict(type='BN3d'), "type='BN3d' has no init_weights, weights; .*Slot"),
        (dict(type=BaseModule), 'has no weights; '),
        (dict(type='Blur', factr=2), "^Blur: option='factr'.*'norm_cfg', 'factor'"),
        (dict(type='Blur', factor=0), '^Blur: factor=0 must be above 0'),
    ],
)
def test_bad_values_are_named(cfg, message, blur):
    with pytest.raises(ValueError, match=message):
        Slot(cfg)
