import subprocess
import sys
import time
from pathlib import Path

import pytest
from mmengine.config import Config

from dem_mmaction.studies import jobs
from dem_mmaction.studies.jobs import Job, JobError, run_jobs


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A folder of stand-in tools."""
    monkeypatch.setattr(jobs, 'MIM', tmp_path)
    (tmp_path / 'tools').mkdir()

    def write(name, code):
        (tmp_path / 'tools' / name).write_text(code)

    return write


def job(tool, work_dir, *args, **kwargs):
    return Job(tool, Config(dict(seed=7)), work_dir, args, **kwargs)


def test_runs_everything_with_its_config_and_arguments(tools, tmp_path):
    tools(
        'test.py',
        'import sys, pathlib\n'
        'config, own, flag, work_dir = sys.argv[1:]\n'
        'assert flag == "--work-dir"\n'
        'text = pathlib.Path(config).read_text().strip() + " " + own\n'
        'pathlib.Path(work_dir, "seen").write_text(text)\n',
    )
    calls = [job('test.py', tmp_path / str(i), f'arg{i}') for i in range(3)]
    run_jobs(calls, 'test', 'run', parallel=2)
    assert [(call.work_dir / 'seen').read_text() for call in calls] == [
        'seed = 7 arg0',
        'seed = 7 arg1',
        'seed = 7 arg2',
    ]
    assert all(call.done() == 1 for call in calls)


def test_failure_names_the_log_and_ends_the_others(tools, tmp_path):
    tools('test.py', 'import sys; sys.exit("no such checkpoint")')
    tools('train.py', 'import time; time.sleep(60)')
    long = job('train.py', tmp_path / 'long', steps=10)
    with pytest.raises(JobError, match='test.py failed') as error:
        run_jobs([long, job('test.py', tmp_path / 'short')], 'both', 'run', 2)
    assert 'no such checkpoint' in str(error.value)
    assert str(tmp_path / 'short' / 'test.log') in str(error.value)
    assert long.process.poll() is not None


def test_a_job_ends_with_the_process_that_started_it(tools, tmp_path):
    tools(
        'train.py',
        'import os, pathlib, sys, time\n'
        'pathlib.Path(sys.argv[-1], "pid").write_text(str(os.getpid()))\n'
        'time.sleep(60)\n',
    )
    code = (
        'from pathlib import Path\n'
        'from mmengine.config import Config\n'
        'from dem_mmaction.studies import jobs\n'
        f'jobs.MIM = Path({str(tmp_path)!r})\n'
        'job = jobs.Job("train.py", Config(), jobs.MIM / "work", steps=9)\n'
        'jobs.run_jobs([job], "t", "iter", 1)\n'
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
    tools('test.py', 'import sys; sys.exit(int(sys.argv[2]))')
    good, bad = (
        job('test.py', tmp_path / code, code, marker=tmp_path / code / 'done')
        for code in '01'
    )
    run_jobs([good], 'test', 'run', 1)
    assert good.marker.is_file()
    with pytest.raises(JobError):
        run_jobs([bad], 'test', 'run', 1)
    assert not bad.marker.exists()


def test_steps_are_counted_from_the_log(tools, tmp_path):
    tools('train.py', 'import time; time.sleep(60)')
    training = job('train.py', tmp_path, steps=10)
    log = tmp_path / 'a' / 'vis_data' / 'scalars.json'
    log.parent.mkdir(parents=True)
    log.write_text('{"loss": 1.0, "step": 4}\n')
    assert training.done() == 0  # it has not been started
    training.start(threads=1)
    assert training.done() == 4
    log.write_text('{"loss": 1.0, "step": 44}\n')
    assert training.done() == 10
    training.process.kill()
    training.process.wait()
