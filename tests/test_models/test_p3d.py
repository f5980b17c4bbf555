import pytest
import torch
from torch import nn

from dem_mmaction.models import P3DDEM
from dem_mmaction.models.p3d import PseudoConv3d


def small(**kwargs):
    return P3DDEM(**{**dict(depth=17, base_channels=8), **kwargs})


def units(net):
    return [module for module in net.modules() if isinstance(module, PseudoConv3d)]


@pytest.mark.parametrize('kind', 'ABC')
def test_each_block_is_that_of_the_paper_with_dem_before_t(kind):
    torch.manual_seed(0)
    (unit, *_) = units(small(kinds=kind).double())
    dem = unit.conv_t.conv.dem
    nn.init.normal_(dem.scale)
    channels = dem.channels
    x = torch.randn(2, channels, 4, 6, 6, dtype=torch.float64)
    s = unit.conv_s.bn(unit.conv_s.conv(x)).relu()

    def t(y):
        own = unit.conv_t
        convolved = nn.functional.conv3d(dem(y), own.conv.weight, padding=(1, 0, 0))
        return own.bn(convolved)

    expected = dict(A=lambda: t(s), B=lambda: s + t(x), C=lambda: s + t(s))[kind]()
    torch.testing.assert_close(unit(x), expected.relu())


def test_the_kinds_take_turns_through_the_stages():
    with torch.device('meta'):
        net = P3DDEM(depth=63)
        assert [unit.kind for unit in units(net)] == list('ABC' * 4 + 'A')
        assert [unit.kind for unit in units(small(kinds='BC'))] == list('BCB')
    assert [len(units(layer)) for layer in net.stages] == [0, 3, 4, 6, 0]
    kernels = {m.kernel_size for m in net.layer4.modules() if isinstance(m, nn.Conv3d)}
    assert kernels == {(1, 1, 1), (1, 3, 3)}


def test_a_block_with_dem_has_the_weights_of_one_without():
    with torch.device('meta'):
        own, plain = small(base_channels=64), small(base_channels=64, dem_stages=[])
    for k in range(1, 4):
        wider, narrower = (
            sum(p.numel() for p in net.stages[k].parameters() if p.ndim > 1)
            for net in (plain, own)
        )
        assert 0.97 < narrower / wider <= 1
        assert units(own.stages[k])[0].conv_s.out_channels < 64 * 2 ** (k - 1)


@pytest.mark.parametrize(
    'kwargs, message',
    [
        (dict(depth=50), 'depth=50 must be one of .17, 63, 131, 199'),
        (dict(kinds=''), "kinds='' must be letters of 'ABC'"),
        (dict(kinds='ABD'), "kinds='ABD'"),
        (dict(kinds=['A']), r"kinds=\['A'\]"),
        (dict(dem_stages=['conv5_x']), "'conv5_x'; known are.*'conv2_x', 'conv3_x'"),
        (dict(dem_stages=['conv1']), "'conv1'; known"),
    ],
)
def test_bad_values_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        small(**kwargs)
