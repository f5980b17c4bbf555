import pytest
import torch
from fresh_process import python
from mmengine.optim import AmpOptimWrapper
from support import free_port
from torch import nn

needs_cpu = pytest.mark.skipif(
    torch.cuda.is_available(), reason='the gap is only there without a GPU'
)


AMP = """
import torch
import dem_mmaction
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper

for start in (1.0, 2.0):
    MMLogger.get_instance(f'run_{start}')  # filters repeated warnings, of its own
    net = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(net.weight, start)
    wrapper = OPTIM_WRAPPERS.build(
        dict(
            type='AmpOptimWrapper',
            loss_scale='dynamic',
            dtype='float16',
            accumulative_counts=2,
            optimizer=torch.optim.SGD(net.parameters(), lr=1.0),
        )
    )
    assert type(wrapper) is OptimWrapper
    for step in (1, 2):
        with wrapper.optim_context(net):
            loss = net(torch.ones(1, 1)).sum()
        assert loss.dtype == torch.float32
        wrapper.update_params(loss)
        print(start, step, net.weight.item())
"""


@needs_cpu
def test_amp_runs_in_fp32_after_one_warning():
    printed = python(AMP)
    # Gradients of two steps, each divided by two, are subtracted after the second.
    for line in ('1.0 1 1.0', '1.0 2 0.0', '2.0 1 2.0', '2.0 2 1.0'):
        assert line in printed
    assert printed.count('No GPU found') == 1


def test_the_gaps_are_left_alone_with_a_gpu():
    python("""
        import mmengine.device
        mmengine.device.get_device = lambda: 'cuda'
        from mmengine.runner import Runner, runner
        before = runner.init_dist, runner.convert_sync_batchnorm, Runner.wrap_model
        import dem_mmaction
        after = runner.init_dist, runner.convert_sync_batchnorm, Runner.wrap_model
        assert before == after
        from mmaction.registry import OPTIM_WRAPPERS
        from mmengine.optim import AmpOptimWrapper
        assert OPTIM_WRAPPERS.get('AmpOptimWrapper') is AmpOptimWrapper
    """)


@needs_cpu
def test_gloo_in_place_of_nccl_and_closed_before_the_interpreter_ends():
    printed = python(f"""
        import atexit, os
        from torch import distributed
        atexit.register(lambda: print('open at exit', distributed.is_initialized()))
        import dem_mmaction
        from mmengine.runner import runner
        os.environ.update(
            RANK='0', LOCAL_RANK='0', WORLD_SIZE='1', MASTER_ADDR='127.0.0.1',
            MASTER_PORT='{free_port()}')
        runner.init_dist('pytorch', backend='nccl')
        print(distributed.get_backend(), distributed.is_initialized())
    """)
    assert printed.splitlines()[:2] == ['gloo True', 'open at exit False']


@needs_cpu
def test_amp_of_mmengine_itself_is_untouched():
    with pytest.raises(AssertionError, match='only available training on gpu'):
        AmpOptimWrapper(optimizer=torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1.0))
