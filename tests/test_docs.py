"""What the code in docs/dem.md says is so."""

import os
import re

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.optim import (
    CosineAnnealingLR,
    MultiStepLR,
    OneCycleLR,
    ReduceOnPlateauLR,
    build_optim_wrapper,
)
from support import ROOT, conv_weights, run_tool
from torch import nn

from dem_mmaction.engine import ProportionalOneCycleLR
from dem_mmaction.models import R2Plus1DDEM, Slot

SMALL = dict(depth=10, base_channels=8)


def python_in(page, word):
    """The one block of Python in a page of the docs that has a word."""
    blocks = re.findall(r'```python\n(.*?)```', (ROOT / page).read_text(), re.DOTALL)
    (found,) = (block for block in blocks if word in block)
    return found


@pytest.fixture
def with_scale_rate(tmp_path):
    """The headline config with the learning rate for scale that the docs show."""
    code = python_in('docs/dem.md', 'paramwise_cfg')
    base = ROOT / 'configs/r2p1d_dem_minik.py'
    (tmp_path / 'mine.py').write_text(f"_base_ = '{base}'\n{code}")
    return Config.fromfile(tmp_path / 'mine.py').optim_wrapper


def optimizer_of(wrapper_cfg, net):
    """An optimizer, and the parameter groups of scale and of all else, by name."""
    cfg = dict(wrapper_cfg, type='OptimWrapper')
    for key in ('loss_scale', 'accumulative_counts'):
        cfg.pop(key, None)
    optimizer = build_optim_wrapper(net, cfg).optimizer
    names = {parameter: name for name, parameter in net.named_parameters()}
    scales, others = {}, {}
    for group in optimizer.param_groups:
        for parameter in group['params']:
            name = names.pop(parameter)
            (scales if name.endswith('.dem.scale') else others)[name] = group
    assert not names  # every parameter is trained
    return optimizer, scales, others


def rates(groups):
    return {group['lr'] for group in groups.values()}


def test_scale_has_its_own_learning_rate_and_no_weight_decay(with_scale_rate):
    net = nn.ModuleDict(dict(backbone=R2Plus1DDEM(**SMALL)))
    _, scales, others = optimizer_of(with_scale_rate, net)
    assert len(scales) == 9
    assert rates(scales) == {0.04} and rates(others) == {0.004}
    assert {group['weight_decay'] for group in scales.values()} == {0}
    assert {group['weight_decay'] for group in others.values()} == {1e-4}


@pytest.mark.parametrize(
    'build, keeps',
    [
        (lambda o: MultiStepLR(o, milestones=[1]), True),
        (lambda o: CosineAnnealingLR(o, T_max=4), True),
        (lambda o: ReduceOnPlateauLR(o, rule='less', patience=0, monitor='loss'), True),
        (lambda o: OneCycleLR(o, eta_max=0.003, total_steps=4), False),
        (lambda o: ProportionalOneCycleLR(o, eta_max=0.003, total_steps=4), True),
    ],
    ids=['step', 'cosine', 'plateau', 'one cycle', 'proportional one cycle'],
)
def test_which_schedules_keep_it(with_scale_rate, build, keeps):
    net = R2Plus1DDEM(**SMALL)
    optimizer, scales, others = optimizer_of(with_scale_rate, net)
    scheduler = build(optimizer)
    before = rates(others)
    for _ in range(2):
        optimizer.step()
        if isinstance(scheduler, ReduceOnPlateauLR):
            scheduler.step(dict(loss=1.0))
        else:
            scheduler.step()
    assert rates(others) != before
    (scale,), (other,) = rates(scales), rates(others)
    assert scale / other == pytest.approx(10 if keeps else 1)


def test_no_weight_decay_for_scale_needs_weight_decay(with_scale_rate):
    del with_scale_rate.optimizer['weight_decay']
    with pytest.raises(ValueError, match='base_wd should not be None'):
        optimizer_of(with_scale_rate, R2Plus1DDEM(**SMALL))


def test_the_module_of_a_user_stands_in_the_network():
    code = python_in('docs/dem.md', 'class Blur')
    names = dict(MODELS=MODELS, nn=nn)
    try:
        exec(code, names)
        blur = Slot(dict(type='Blur'))
        module = blur.build(6, 5, None)
        assert blur.weights(6, 5) == conv_weights(module)
        net = R2Plus1DDEM(dem_cfg=dict(type='Blur'), **SMALL)
        net.init_weights()
        assert all(type(dem) is names['Blur'] for dem in net.dems())
        module.init_weights()
        flat = torch.ones(1, 6, 2, 7, 7)
        inside = slice(2, 5)  # farther from the edge than the kernel reaches
        blurred = module(flat)[..., inside, inside]
        torch.testing.assert_close(blurred, flat[..., inside, inside])
        net(torch.randn(2, 3, 4, 16, 16)).sum().backward()
    finally:
        MODELS.module_dict.pop('Blur', None)


def test_tools_can_be_called_by_their_path():
    tools = [path for path in (ROOT / 'tools').rglob('*') if path.is_file()]
    scripts = [path for path in tools if path.read_bytes().startswith(b'#!')]
    assert len(scripts) > 30
    assert not [path.name for path in scripts if not os.access(path, os.X_OK)]


SECTIONS = {
    section.splitlines()[0]: section
    for page in ('results', 'comparisons')
    for section in re.split(
        r'^### ', (ROOT / f'docs/{page}.md').read_text(), flags=re.M
    )[1:]
}
# 88.9 ± 0.9, and -1.4 [-4.6, 1.8]
FIGURE = r'[-+]?\d+\.\d (?:± \d+\.\d|\[-?\d+\.\d, -?\d+\.\d\])'


@pytest.mark.parametrize('title', SECTIONS)
def test_the_figures_of_the_results_come_from_the_records(title, tmp_path):
    section = SECTIONS[title]
    figures = set(re.findall(FIGURE, section))
    commands = re.findall(
        r'^ {4}tools/study.py (report \S+.*) --records docs/records$', section, re.M
    )
    assert figures and commands
    folders = f'--records={ROOT / "docs/records"}', f'--work-dir={tmp_path}'
    printed = ''.join(
        run_tool('study.py', *command.split(), *folders, cwd=ROOT)
        for command in commands
    )
    assert figures <= set(re.findall(FIGURE, printed))


ROBUSTNESS = (ROOT / 'docs/robustness.md').read_text()
# 12.8 [11.3, 14.2] *
SHARE = r'\d+\.\d \[\d+\.\d, \d+\.\d\](?: \*)?'


@pytest.mark.parametrize('data', ['words', 'probe'])
def test_the_figures_of_robustness_come_from_the_records(data, tmp_path):
    section = ROBUSTNESS.split(f'### On the {data}\n')[1].split('\n#')[0]
    figures = set(re.findall(SHARE, section))
    records = re.findall(r'docs/records/robustness/\w+\.json', section)
    assert figures and len(records) > 3
    compare = '--compare', *(ROOT / own for own in records), f'--work-dir={tmp_path}'
    printed = run_tool('test_robustness.py', *compare, cwd=ROOT)
    assert figures <= set(re.findall(SHARE, printed))
