import copy

import pytest
import torch
from torch import nn

from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.models.rate_specific import (
    RateAdapters,
    RateNorms,
    RateSpecific,
    at_rate,
    make_rate_specific,
)


def network(**kwargs):
    torch.manual_seed(0)
    net = R2Plus1DDEM(depth=10, base_channels=4, **kwargs)
    net.init_weights()
    return net


def test_norms_see_the_clips_of_their_rate_alone():
    norms = RateNorms(nn.BatchNorm3d(3), 2)
    x = torch.randn(6, 3, 2, 4, 4)
    x[3:] += 5
    y = norms(x)
    apart = [nn.BatchNorm3d(3), nn.BatchNorm3d(3)]
    expected = torch.cat([apart[0](x[:3]), apart[1](x[3:])])
    assert torch.equal(y, expected)
    for own, norm in zip(norms.norms, apart, strict=True):
        assert torch.equal(own.running_mean, norm.running_mean)


def test_adapters_scale_the_channels_of_their_rate():
    adapters = RateAdapters(3, 2)
    x = torch.randn(4, 3, 2, 4, 4)
    assert torch.equal(adapters(x), x)  # they start at 0
    nn.init.normal_(adapters.weight)
    for i, own in enumerate(adapters.weight):
        conv = nn.Conv3d(3, 3, 1, groups=3, bias=False)
        conv.weight.data[:] = own.detach().view(3, 1, 1, 1, 1)
        clips = x.chunk(2)[i]
        torch.testing.assert_close(adapters(x).chunk(2)[i], clips + conv(clips))
        with at_rate(adapters, i):
            torch.testing.assert_close(adapters(x), x + conv(x))
    assert adapters(x.half()).dtype == torch.float16
    assert repr(adapters) == 'RateAdapters(3, rates=2)'


def test_at_rate_is_over_even_after_an_error():
    net = nn.Sequential(RateNorms(nn.BatchNorm3d(3), 2), RateAdapters(3, 2))
    with pytest.raises(ZeroDivisionError), at_rate(net, 1):
        assert [part.active for part in net] == [1, 1]
        raise ZeroDivisionError
    assert [part.active for part in net] == [None, None]


@pytest.mark.parametrize('part', [RateNorms(nn.BatchNorm3d(3), 2), RateAdapters(3, 2)])
def test_a_batch_that_does_not_hold_every_rate_is_named(part):
    with pytest.raises(ValueError, match='batch of 3 clips .* of 2 sub-sampling rates'):
        part(torch.randn(3, 3, 1, 2, 2))


@pytest.mark.parametrize('stages', [[], None])
def test_every_norm_and_every_block_is_made_for_each_rate(stages):
    plain, net = network(dem_stages=stages), network(dem_stages=stages)
    make_rate_specific(net, 3)
    norms = [m for m in plain.modules() if isinstance(m, nn.BatchNorm3d)]
    made = [m for m in net.modules() if isinstance(m, RateNorms)]
    assert len(made) == len(norms) and not any(
        isinstance(child, nn.BatchNorm3d)
        for parent in net.modules()
        if not isinstance(parent, nn.ModuleList)
        for child in parent.children()
    )
    adapters = [m for m in net.modules() if isinstance(m, RateAdapters)]
    assert [a.weight.shape for a in adapters] == [(3, c) for c in (4, 4, 8, 16)]
    added = sum(p.numel() for p in net.parameters()) - sum(
        p.numel() for p in plain.parameters()
    )
    assert added == 2 * sum(2 * n.num_features for n in norms) + 3 * (4 + 4 + 8 + 16)


def test_all_rates_start_from_the_network_that_is_there():
    plain = network(dem_stages=['conv2_x'])
    for name, buffer in plain.named_buffers():
        if 'running' in name:
            nn.init.uniform_(buffer, 0.5, 2)
    net = copy.deepcopy(plain)
    make_rate_specific(net, 3)
    x = torch.randn(2, 3, 8, 24, 24)
    expected = plain.eval()(x)
    for i in range(3):
        with at_rate(net.eval(), i):
            assert torch.equal(net(x), expected)
    torch.testing.assert_close(net(torch.cat([x] * 3)), torch.cat([expected] * 3))


def test_weights_of_a_network_without_rates_load_into_each_rate(tmp_path):
    plain = network(dem_stages=[])
    for tensor in plain.state_dict().values():
        if tensor.is_floating_point():
            nn.init.uniform_(tensor, 0.5, 2)
    torch.save(dict(state_dict=plain.state_dict()), tmp_path / 'plain.pth')
    net = R2Plus1DDEM(
        depth=10, base_channels=4, dem_stages=[], pretrained=str(tmp_path / 'plain.pth')
    )
    make_rate_specific(net, 2)
    net.init_weights()
    x = torch.randn(1, 3, 8, 24, 24)
    expected = plain.eval()(x)
    for i in range(2):
        with at_rate(net.eval(), i):
            assert torch.equal(net(x), expected)
    missing, unexpected = net.load_state_dict(plain.state_dict(), strict=False)
    assert unexpected == [] and all(name.endswith('adapter.weight') for name in missing)
    net.load_state_dict(net.state_dict())  # strict


def test_synchronised_norms_and_frozen_stages_reach_every_rate():
    net = network(frozen_stages=1, norm_eval=True)
    make_rate_specific(net, 2)
    net.train()
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm3d)]
    assert norms and not any(norm.training for norm in norms)
    frozen = [*net.conv1.parameters(), *net.layer1.parameters()]
    assert not any(parameter.requires_grad for parameter in frozen)
    synced = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    kinds = {
        type(norm)
        for made in synced.modules()
        if isinstance(made, RateNorms)
        for norm in made.norms
    }
    assert kinds == {nn.SyncBatchNorm}


@pytest.mark.parametrize('norm_cfg', [dict(type='GN', num_groups=1), dict(type='IN3d')])
def test_norms_of_other_kinds_are_made_for_each_rate(norm_cfg):
    net = network(norm_cfg=norm_cfg)
    make_rate_specific(net, 2)
    assert any(isinstance(module, RateSpecific) for module in net.modules())


def test_a_network_of_other_blocks_is_named():
    with pytest.raises(ValueError, match='Sequential has 1 norms and 0 resid'):
        make_rate_specific(nn.Sequential(nn.BatchNorm3d(3)), 2)
