"""The launchers, and MMAction2's own tools, on generated and real videos."""

import os
import sys
from pathlib import Path

import pytest
import torch
from mmaction.apis import inference_recognizer, init_recognizer
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.utils import get_installed_path
from support import ROOT, free_port, run_command, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

TINY = [
    'model.backbone.depth=10',
    'model.backbone.base_channels=4',
    'model.cls_head.in_channels=32',
    'default_hooks.logger.interval=1',
]


def run(*command, cwd, **environment):
    """Run a command in a folder that is also on Python's path; return its output."""
    path = f'{ROOT}:{cwd}'
    return run_command(*command, cwd=cwd, PYTHONPATH=path, **environment)


@pytest.fixture(scope='module')
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    return generate_probe(
        folder,
        ProbeSpec(train=32, test=16, frames=40, size=(40, 40)),
        workers=1,
        progress=False,
    )


def headline(probe, batch_size):
    """The headline config on the probe, by options alone."""
    options = [f'train_dataloader.batch_size={batch_size}']
    for name in ('train', 'val', 'test'):
        dataset = f'{name}_dataloader.dataset'
        ann_file = probe['train' if name == 'train' else 'test']
        options += [
            f'{name}_dataloader.num_workers=0',
            f'{name}_dataloader.persistent_workers=False',
            f'{dataset}.ann_file={ann_file}',
            f'{dataset}.pipeline.3.scale=(44,40)',
            f'{dataset}.pipeline.3.size=32',
        ]
    return [*TINY, *options]


HOOK = '''
import sys

import torch
from mmengine.hooks import Hook
from mmengine.dist import all_gather, get_world_size


class SameWeights(Hook):
    """After the first step, weights are those of the other ranks and not the first."""

    def before_train(self, runner):
        self.start = self.weights(runner)

    def weights(self, runner):
        return torch.cat([p.detach().flatten() for p in runner.model.parameters()])

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        mine = self.weights(runner)
        for other in all_gather(mine):
            assert torch.equal(mine, other)
        inputs = torch.stack([i.float().mean() for i in data_batch['inputs']])
        seen = [tuple(i.tolist()) for i in all_gather(inputs)]
        assert len(set(seen)) == get_world_size(), 'ranks see the same clips'
        moved = not torch.equal(mine, self.start)
        # In one write: torchrun's processes share an unbuffered output.
        sys.stdout.write(f'{get_world_size()} ranks agree, moved {moved}\\n')
'''


def test_four_processes_train_the_headline_config_and_resume(probe, tmp_path):
    (tmp_path / 'same_weights.py').write_text(HOOK)
    options = headline(probe, batch_size=4)
    options += [
        'default_hooks.same_weights.type=same_weights.SameWeights',
        'optim_wrapper.accumulative_counts=1',
    ]
    train = [
        ROOT / 'tools/dist_train.sh',
        ROOT / 'configs/r2p1d_dem_minik.py',
        4,
        '--work-dir',
        'work',
        '--resume',
        '--cfg-options',
        *options,
    ]

    output = run(*train, 'train_cfg.max_epochs=1', cwd=tmp_path, PORT=free_port())
    assert output.count('4 ranks agree, moved True') == 8  # 2 steps of 4 ranks
    assert output.count('WARNING - No GPU found') == 1
    assert 'Epoch(val) [1][1/1]' in output

    # Goes on in one process.
    tool, config, _, *rest = train
    output = run_tool('train.py', config, *rest, 'train_cfg.max_epochs=2', cwd=tmp_path)
    assert 'resumed epoch: 1, iter: 2' in output
    assert 'Epoch(train) [2][8/8]' in output

    checkpoint = tmp_path / 'work' / 'epoch_2.pth'
    dump = [tmp_path / f'{n}.pkl' for n in (1, 2)]
    test = [config, checkpoint]
    run(
        ROOT / 'tools/dist_test.sh',
        *test,
        2,
        '--dump',
        dump[0],
        '--cfg-options',
        *options,
        cwd=tmp_path,
        PORT=free_port(),
    )
    run_tool(
        'test.py', *test, '--dump', dump[1], '--cfg-options', *options, cwd=tmp_path
    )
    for two, one in zip(*map(load, dump), strict=True):
        torch.testing.assert_close(two['clip_logits'], one['clip_logits'])
        assert one['clip_logits'].shape == (10, 200)


RATES = """
import sys

from mmengine.hooks import Hook


class Rates(Hook):

    def before_train_epoch(self, runner):
        self.say(runner, f'epoch {runner.epoch}')

    def after_train(self, runner):
        self.say(runner, 'end')

    def say(self, runner, when):
        # In one write: torchrun's processes share an unbuffered output.
        sys.stdout.write(f'{when} {runner.optim_wrapper.get_lr()["lr"]}\\n')
"""


def test_the_rate_falls_and_training_ends_alike_in_two_processes(probe, tmp_path):
    (tmp_path / 'rates.py').write_text(RATES)
    # No loss falls by 99 %: the rate is divided after the validations 2 and 3.
    options = headline(probe, batch_size=8)
    options += [
        'default_hooks.rates.type=rates.Rates',
        'param_scheduler.threshold=0.99',
        'param_scheduler.patience=0',
        'optim_wrapper.optimizer.lr=4e-6',
    ]
    output = run_tool(
        'train.py',
        ROOT / 'configs/r2p1d_dem_minik.py',
        '--launcher',
        'pytorch',
        '--work-dir',
        'work',
        '--cfg-options',
        *options,
        cwd=tmp_path,
        ranks=2,
    )
    assert output.count('epoch 0 [4e-06]') == output.count('epoch 1 [4e-06]') == 2
    assert output.count('epoch 2 [4e-07]') == 2
    assert 'epoch 3' not in output
    assert output.count('end [4e-08]') == 2
    assert (
        'Training ends after 3 epochs: the learning rate 4.0e-08 is below 4.0e-07'
        in output
    )
    assert (tmp_path / 'work' / 'epoch_3.pth').is_file()


def test_mmaction2s_own_tools_need_only_custom_imports(probe, tmp_path):
    tools = Path(get_installed_path('mmaction2')) / '.mim' / 'tools'
    config = ROOT / 'configs/probe/r2p1d_dem_probe.py'
    options = [
        '--work-dir',
        'work',
        '--cfg-options',
        *TINY,
        f'train_dataloader.dataset.ann_file={probe["train"]}',
        *(
            f'{split}_dataloader.dataset.ann_file={probe["test"]}'
            for split in ('val', 'test')
        ),
        'train_cfg.max_epochs=1',
        'param_scheduler.total_steps=1',
    ]
    output = run(sys.executable, tools / 'train.py', config, *options, cwd=tmp_path)
    assert 'Epoch(train) [1][2/2]' in output
    test = [config, 'work/epoch_1.pth', *options]
    output = run(sys.executable, tools / 'test.py', *test, cwd=tmp_path)
    assert 'video/top1_steady' in output and 'clip/top1_varied' in output


def test_custom_template_on_real_videos(data, tmp_path):
    clips, names = data / 'fight_surv', ('fight', 'noFight')
    table = 'path,label,split\n'
    for split in ('train', 'test'):
        for line in (clips / f'{split}.txt').read_text().splitlines()[::8]:
            path, label = line.split()
            table += f'{path},{names[int(label)]},{split}\n'
    (tmp_path / 'mine.csv').write_text(table)
    output = run_tool(
        'data/prepare.py',
        'folder',
        '--videos',
        clips,
        '--lists',
        'mine.csv',
        '--transcode',
        cwd=tmp_path,
    )
    assert 'train.txt: 28 expected, 28 found, 0 missing, 0 damaged, 28 usable' in output
    # The template reads what the tool has written.
    template = (ROOT / 'configs/custom/r2p1d_dem_custom.py').read_text()
    template = template.replace("'../_base_", f"'{ROOT}/configs/_base_")
    config = tmp_path / 'mine.py'
    config.write_text(template)
    small = [
        '--work-dir',
        'work',
        '--cfg-options',
        *TINY,
        'train_dataloader.batch_size=8',
        'train_dataloader.dataset.pipeline.3.scale=(64,48)',
        'train_dataloader.dataset.pipeline.3.size=40',
        'train_cfg.max_epochs=1',
        'param_scheduler.T_max=1',
    ]
    for name in ('train', 'val', 'test'):
        small.append(f'{name}_dataloader.num_workers=1')

    output = run_tool('train.py', config, *small, cwd=tmp_path)
    assert 'Epoch(val) [1][1/1]' in output
    checkpoint = tmp_path / 'work' / 'epoch_1.pth'
    output = run_tool('test.py', config, checkpoint, *small, cwd=tmp_path)
    assert 'video/top1' in output and 'clip/top1' in output

    model = init_recognizer(
        Config.fromfile(tmp_path / 'work' / 'mine.py'), str(checkpoint), device='cpu'
    )
    for video in ('mmaction2_assets/demo.mp4', 'mmaction2_assets/test.avi'):
        result = inference_recognizer(model, str(data / video))
        assert result.pred_score.shape == (2,)
        assert result.pred_score.sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    'launcher, lines',
    [
        ([sys.executable, ROOT / 'tools/train.py'], 1),
        # torchrun prints a table of the processes under it
        ([ROOT / 'tools/dist_train.sh'], 12),
    ],
)
def test_bad_config_value_is_said_last(launcher, lines, tmp_path):
    processes = ['2'] if lines > 1 else ['--amp']
    command = [
        *launcher,
        ROOT / 'configs/probe/r2p1d_dem_probe.py',
        *processes,
        '--cfg-options',
        'model.backbone.dem_stages=[conv9_x]',
    ]
    printed = run_command(*command, cwd=tmp_path, fails=True, PORT=free_port())
    last = '\n'.join(printed.strip().splitlines()[-lines:])
    assert "'conv9_x'" in last and 'conv5_x' in last, last


# In place of MMAction2's tool of the same name.
TOOL = """
import atexit, os, sys
from mmengine.runner import runner

atexit.register(lambda: print('the interpreter ends'))
if os.environ['GROUP']:
    runner.init_dist('pytorch', backend='nccl')
print('done', end='')
if os.environ['FAILS']:
    raise KeyError('the tool failed')
"""
CALL = """
from pathlib import Path
import dem_mmaction.engine.launch as launch

launch.get_installed_path = lambda name: Path.cwd()
launch.after_tool.insert(0, lambda: print(', then this'))
launch.run_mmaction_tool('train.py')
"""


@pytest.mark.skipif(torch.cuda.is_available(), reason='gloo stands in on a CPU alone')
@pytest.mark.parametrize('group, fails', [('', 'yes'), ('yes', ''), ('yes', 'yes')])
def test_the_process_ends_after_the_tool(group, fails, tmp_path):
    path = tmp_path / '.mim/tools/train.py'
    path.parent.mkdir(parents=True)
    path.write_text(TOOL)
    printed = run_command(
        sys.executable,
        '-c',
        CALL,
        cwd=tmp_path,
        fails=bool(fails),
        GROUP=group,
        FAILS=fails,
        RANK='0',
        LOCAL_RANK='0',
        WORLD_SIZE='1',
        MASTER_ADDR='127.0.0.1',
        MASTER_PORT=free_port(),
        PYTHONUNBUFFERED='',
    )
    assert ('done, then this' in printed) == (not fails)
    assert ('the tool failed' in printed) == bool(fails)
    # Threads of gloo could abort it, so a process that did its work gets no further.
    assert ('the interpreter ends' in printed) == (not group or bool(fails))


def test_mmaction2_without_its_tools_is_said(tmp_path):
    printed = run_command(sys.executable, '-c', CALL, cwd=tmp_path, fails=True)
    assert f"MMAction2 is installed without its tools: no '{tmp_path}/.mim" in printed


@pytest.mark.parametrize(
    'name', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh']
)
def test_usage(name, tmp_path):
    tool = ROOT / 'tools' / name
    # The shell prints the exit status.
    printed = run_command('bash', '-c', f'{tool}; echo $?', cwd=tmp_path)
    assert printed.startswith('2\nusage: ')


@pytest.mark.parametrize(
    'name, args, expected',
    [
        (
            'slurm_train.sh',
            ['part', 'job', 'c.py', '--resume'],
            'tools/train.py c.py --resume --launcher slurm',
        ),
        (
            'slurm_test.sh',
            ['part', 'job', 'c.py', 'e.pth', '--dump', 'p.pkl'],
            'tools/test.py c.py e.pth --dump p.pkl --launcher slurm',
        ),
    ],
)
def test_slurm_command(name, args, expected, tmp_path):
    (tmp_path / 'srun').write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / 'srun').chmod(0o755)
    output = run(
        ROOT / 'tools' / name,
        *args,
        cwd=tmp_path,
        GPUS='16',
        PATH=f'{tmp_path}:{os.environ["PATH"]}',
        SRUN_ARGS='--time 10 --quiet',
    )
    assert '-p part --job-name=job --gres=gpu:8 --ntasks=16' in output
    assert '--time 10 --quiet' in output
    assert output.strip().endswith(expected)


@pytest.mark.parametrize('code, requeued', [(75, True), (1, False), (0, False)])
def test_a_job_that_left_a_checkpoint_is_requeued(code, requeued, tmp_path):
    (tmp_path / 'srun').write_text(f'#!/bin/sh\nexit {code}\n')
    (tmp_path / 'scontrol').write_text('#!/bin/sh\necho "scontrol $@"\n')
    for name in ('srun', 'scontrol'):
        (tmp_path / name).chmod(0o755)
    output = run(
        ROOT / 'tools/slurm_train.sh',
        *('part', 'job', 'config.py', '--resume'),
        cwd=tmp_path,
        fails=code != 0,
        PATH=f'{tmp_path}:{os.environ["PATH"]}',
        SLURM_JOB_ID='7',
    )
    assert ('scontrol requeue 7' in output) == requeued
