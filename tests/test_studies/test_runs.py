import subprocess
import sys
import time
from pathlib import Path

import pytest

from dem_mmaction.studies import runs
from dem_mmaction.studies.runs import Run, RunError, logged, run_all


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A folder of stand-in tools."""
    monkeypatch.setattr(runs, 'MIM', tmp_path)
    (tmp_path / 'tools').mkdir()

    def write(name, code):
        (tmp_path / 'tools' / name).write_text(code)

    return write


def test_runs_everything_with_its_arguments(tools, tmp_path):
    tools(
        'test.py',
        'import sys, pathlib\n'
        'pathlib.Path(sys.argv[-1], "seen").write_text(sys.argv[1])\n',
    )
    calls = [Run('test.py', [f'arg{i}'], tmp_path / str(i)) for i in range(3)]
    run_all(calls, 'test', 'run', parallel=2)
    assert [(call.work_dir / 'seen').read_text() for call in calls] == [
        'arg0',
        'arg1',
        'arg2',
    ]
    assert all(call.done() == 1 for call in calls)


def test_failure_names_the_log_and_ends_the_others(tools, tmp_path):
    tools('test.py', 'import sys; sys.exit("no such checkpoint")')
    tools('train.py', 'import time; time.sleep(60)')
    long = Run('train.py', [], tmp_path / 'long', steps=10)
    with pytest.raises(RunError, match='test.py failed') as error:
        run_all([long, Run('test.py', [], tmp_path / 'short')], 'both', 'run', 2)
    assert 'no such checkpoint' in str(error.value)
    assert str(tmp_path / 'short' / 'test.log') in str(error.value)
    assert long.process.poll() is not None


def test_a_run_ends_with_the_process_that_started_it(tools, tmp_path):
    tools(
        'train.py',
        'import os, pathlib, sys, time\n'
        'pathlib.Path(sys.argv[-1], "pid").write_text(str(os.getpid()))\n'
        'time.sleep(60)\n',
    )
    code = (
        f'from pathlib import Path; from dem_mmaction.studies import runs\n'
        f'runs.MIM = Path({str(tmp_path)!r})\n'
        f'run = runs.Run("train.py", [], runs.MIM / "work", steps=9)\n'
        f'runs.run_all([run], "t", "iter", 1)\n'
    )
    parent = subprocess.Popen([sys.executable, '-c', code], stderr=subprocess.DEVNULL)
    note = tmp_path / 'work' / 'pid'
    while not note.is_file() or not note.read_text():
        assert parent.poll() is None
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while Path('/proc', note.read_text()).exists():
        assert time.monotonic() < deadline, 'the training goes on'
        time.sleep(0.05)


def test_a_marker_is_left_by_what_ended_well(tools, tmp_path):
    tools('test.py', 'import sys; sys.exit(int(sys.argv[1]))')
    good, bad = (
        Run(
            'test.py',
            [code],
            tmp_path / str(code),
            marker=tmp_path / str(code) / 'done',
        )
        for code in (0, 1)
    )
    run_all([good], 'test', 'run', 1)
    assert good.marker.is_file()
    with pytest.raises(RunError):
        run_all([bad], 'test', 'run', 1)
    assert not bad.marker.exists()


def test_reads_resumed_logs(tmp_path):
    for stamp, steps in (('a', (4, 8)), ('b', (8, 12))):
        folder = tmp_path / stamp / 'vis_data'
        folder.mkdir(parents=True)
        (folder / 'scalars.json').write_text(
            ''.join(f'{{"loss": 1.0, "step": {step}}}\n' for step in steps)
        )
    (tmp_path / 'b' / 'vis_data' / 'scalars.json').open('a').write('{"loss": 0.')
    assert [entry['step'] for entry in logged(tmp_path)] == [4, 8, 8, 12]
    run = Run('train.py', [], tmp_path, steps=10)
    assert run.done() == 0  # of this call: it has not been started
