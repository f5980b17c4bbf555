"""Every gap of the stack, open and not open."""

import importlib.util
import pickle
import sys
import textwrap

import mmengine
import numpy as np
import pytest
import torch
from mmaction.registry import MODELS, PARAM_SCHEDULERS
from mmengine.config import Config
from mmengine.logging import HistoryBuffer
from mmengine.optim import AmpOptimWrapper
from mmengine.registry import DefaultScope
from mmengine.utils import get_installed_path, is_installed
from support import ROOT, run_python
from torch import nn

import dem_mmaction.compat as compat

needs_cpu = pytest.mark.skipif(
    torch.cuda.is_available(), reason='the gap is only there without a GPU'
)


def python(code: str, hide: str = '', fails: bool = False) -> str:
    """Run code in a fresh process from whose path a package is hidden."""
    prelude = f"""
        import sys
        from importlib.machinery import PathFinder

        class Hide:
            @staticmethod
            def find_spec(name, path=None, target=None):
                hidden = name == {hide!r} or name.startswith({hide + '.'!r})
                return None if hidden else PathFinder.find_spec(name, path, target)

        sys.meta_path = [Hide if f is PathFinder else f for f in sys.meta_path]
    """
    script = textwrap.dedent(prelude) + textwrap.dedent(code)
    return run_python('-c', script, cwd=ROOT, fails=fails)


def origin(name: str):
    return type(importlib.util.find_spec(name).loader).__name__


# --- modules that are missing


def test_missing_mmcv_is_one_clear_error():
    printed = python('import dem_mmaction', hide='mmcv', fails=True)
    assert 'ImportError: dem_mmaction needs mmcv' in printed
    assert "pip install 'mmcv-lite" in printed


@pytest.mark.parametrize('name', compat.STAND_INS)
def test_stand_in_where_the_module_is_missing(name):
    python(
        f"""
        import importlib, dem_mmaction
        module = importlib.import_module({name!r})
        assert isinstance(module.__loader__, dem_mmaction.compat.StandInFinder)
        import mmaction.models
        from mmengine.config import Config
        from mmengine.utils import get_installed_path, is_installed
        assert is_installed('mmaction2') and not is_installed('no_such_package')
        assert get_installed_path('mmaction2').endswith('mmaction')
        """,
        hide=name,
    )


def test_installed_module_wins_over_stand_in(tmp_path, monkeypatch):
    (tmp_path / 'pkg_resources.py').write_text('real = True')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'pkg_resources', raising=False)
    assert __import__('pkg_resources').real
    del sys.modules['pkg_resources']


def test_shipped_drn_wins_over_stand_in(tmp_path, monkeypatch):
    import mmaction.models.localizers as localizers

    name = 'mmaction.models.localizers.drn'
    (tmp_path / 'drn').mkdir()
    (tmp_path / 'drn' / '__init__.py').touch()
    for module in (name, name + '.drn'):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(localizers, '__path__', [*localizers.__path__, str(tmp_path)])
    assert origin(name) == 'SourceFileLoader'


def test_drn_stand_in_says_why():
    from mmaction.models.localizers import DRN

    if origin('mmaction.models.localizers.drn.drn') != 'StandInFinder':
        pytest.skip('this MMAction2 ships it')
    with pytest.raises(ImportError, match='2714'):
        DRN()


def test_package_lookup_agrees_with_pkg_resources():
    module = compat.StandInFinder()
    spec = module.find_spec('pkg_resources')
    stand_in = importlib.util.module_from_spec(spec)
    module.exec_module(stand_in)
    dist = stand_in.get_distribution('mmengine')
    assert (
        dist.location
        == str(importlib.util.find_spec('mmengine').origin).split('/mmengine/')[0]
    )
    assert dist.version == mmengine.__version__
    assert stand_in.get_distribution('mmaction2').get_metadata(
        'top_level.txt'
    ).split() == ['mmaction']
    with pytest.raises(stand_in.DistributionNotFound):
        stand_in.get_distribution('no_such_package')
    assert is_installed('mmengine') and get_installed_path('mmengine')


def test_mmaction_bases_resolve(tmp_path):
    (tmp_path / 'c.py').write_text("_base_ = 'mmaction::_base_/default_runtime.py'")
    assert Config.fromfile(tmp_path / 'c.py').default_scope == 'mmaction'


# --- checkpoints


@pytest.fixture
def checkpoint(tmp_path):
    buffer = HistoryBuffer()
    for value in (1.5, 2, np.float64(3)):
        buffer.update(value)
    content = dict(
        state_dict=dict(weight=torch.ones(2)),
        message_hub=dict(
            log_scalars=dict(loss=buffer),
            runtime_info=dict(
                best=np.float64(0.5), epoch=np.int64(3), flag=np.bool_(1)
            ),
        ),
    )
    torch.save(content, tmp_path / 'epoch_1.pth')
    return tmp_path / 'epoch_1.pth'


def test_checkpoints_of_mmengine_load_safely(checkpoint):
    loaded = torch.load(checkpoint, weights_only=True)
    buffer = loaded['message_hub']['log_scalars']['loss']
    assert buffer.mean() == pytest.approx(6.5 / 3) and buffer.current() == 3
    assert loaded['message_hub']['runtime_info']['best'] == 0.5


SCHEDULERS = dict(
    ConstantLR=dict(),
    CosineAnnealingLR=dict(T_max=5),
    ExponentialLR=dict(gamma=0.9),
    LinearLR=dict(),
    MultiStepLR=dict(milestones=[2]),
    PolyLR=dict(),
    OneCycleLR=dict(eta_max=1.0, total_steps=9),
    ReduceOnPlateauLR=dict(monitor='loss'),
    StepLR=dict(step_size=2),
)


@pytest.mark.parametrize('name', SCHEDULERS)
def test_schedules_of_mmengine_load_safely(name, tmp_path):
    optimizer = torch.optim.Adam(nn.Linear(2, 2).parameters(), lr=1.0)
    schedule = PARAM_SCHEDULERS.build(
        dict(type=name, optimizer=optimizer, **SCHEDULERS[name])
    )
    torch.save(schedule.state_dict(), tmp_path / 'schedule.pth')
    loaded = torch.load(tmp_path / 'schedule.pth', weights_only=True)
    assert loaded == schedule.state_dict()


def test_the_gap_is_there_without_the_package(checkpoint):
    refuses = tuple(int(v) for v in torch.__version__.split('.')[:2]) >= (2, 6)
    printed = python(
        f'import torch, mmengine; torch.load({str(checkpoint)!r})', fails=refuses
    )
    assert ('UnpicklingError' in printed) == refuses


class Exploit:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


@pytest.mark.parametrize(
    'call',
    [
        (print, 'code ran'),
        (getattr, nn.Module, 'forward'),
        (getattr, HistoryBuffer, '__init__'),
    ],
)
def test_anything_else_stays_refused(call, tmp_path, capsys):
    torch.save(dict(meta=Exploit(*call)), tmp_path / 'bad.pth')
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / 'bad.pth', weights_only=True)
    assert capsys.readouterr().out == ''


# --- registries


def test_models_build_outside_a_runner():
    python("""
        import dem_mmaction
        from mmaction.registry import MODELS
        MODELS.build(dict(
            type='Recognizer3D',
            backbone=dict(type='R2Plus1DDEM', depth=10, base_channels=8),
            cls_head=dict(type='I3DHead', num_classes=4, in_channels=64)))
    """)


def test_a_scope_that_was_chosen_stays():
    python("""
        from mmengine.registry import DefaultScope
        DefaultScope.get_instance('mine', scope_name='mmengine')
        import dem_mmaction
        assert DefaultScope.get_current_instance().scope_name == 'mmengine'
    """)
    assert DefaultScope.get_current_instance().scope_name == 'mmaction'


# --- no GPU


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
    printed = python("""
        import atexit, os
        from torch import distributed
        atexit.register(lambda: print('open at exit', distributed.is_initialized()))
        import dem_mmaction
        from mmengine.runner import runner
        os.environ.update(
            RANK='0', LOCAL_RANK='0', WORLD_SIZE='1', MASTER_ADDR='127.0.0.1',
            MASTER_PORT='29613')
        runner.init_dist('pytorch', backend='nccl')
        print(distributed.get_backend(), distributed.is_initialized())
    """)
    assert printed.splitlines()[:2] == ['gloo True', 'open at exit False']


@needs_cpu
def test_amp_of_mmengine_itself_is_untouched():
    with pytest.raises(AssertionError, match='only available training on gpu'):
        AmpOptimWrapper(optimizer=torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1.0))


def test_closing_twice_changes_nothing():
    before = list(sys.meta_path), MODELS.get('R2Plus1DDEM')
    compat.close_gaps()
    assert (list(sys.meta_path), MODELS.get('R2Plus1DDEM')) == before


def test_starts_without_warnings(tmp_path):
    code = 'import dem_mmaction, mmaction.models'
    assert run_python('-W', 'default::UserWarning', '-c', code, cwd=tmp_path) == ''
