"""`make setup`: what it refuses, and when it installs. No package is installed here."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import ROOT

# Stands for a Python. It notes what it is asked to install and installs nothing.
PYTHON = """#!/bin/bash
case "$1 $2" in
'-m venv')
    echo venv >> {log}
    mkdir -p "$3/bin" && touch "$3/pyvenv.cfg" && ln -s "$0" "$3/bin/python" ;;
'-m pip')
    echo "pip ${{@:3}}" >> {log}
    echo 'Collecting /wheels/torch-2.whl'
    eval "$PIP" ;;
*)
    PYTHONPATH={folder} SELF=$0 exec {python} "$@" ;;
esac
"""
# Read by the real Python behind it, so that it answers as the one it stands for.
SITE = """
import os, sys
sys.executable = os.environ['SELF']
"""
DONE = ['venv', 'pip', 'pip']


class Clone:
    """All that `make setup` reads, and a Python to call it with.

    Args:
        folder: An empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / 'clone'
        for name in (
            'Makefile',
            'pyproject.toml',
            'setup.py',
            'dem_mmaction/version.py',
            *(f'requirements/{file.name}' for file in ROOT.glob('requirements/*')),
        ):
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((ROOT / name).read_bytes())
            os.utime(path, (1, 1))  # older than any stamp, however coarse the clock
        self.log = folder / 'log'
        self.site = folder / 'site'
        self.site.mkdir()
        self.python = folder / 'python3'
        self.answer_as('')
        self.python.write_text(
            PYTHON.format(log=self.log, folder=self.site, python=sys.executable)
        )
        self.python.chmod(0o755)

    def touch(self, name: str) -> None:
        """Let a file be newer than the installation."""
        now = time.time() + 1
        os.utime(self.root / name, (now, now))

    def answer_as(self, code: str) -> None:
        """Run code in each interpreter before it answers."""
        (self.site / 'sitecustomize.py').write_text(SITE + code)

    def start(self, target: str = 'setup', **environment: str) -> subprocess.Popen:
        """Start make, with the stand-in as python3 of the path."""
        own = {
            'PATH': f'{self.python.parent}:{os.environ["PATH"]}',
            'PIP': '',
            # Python takes a cached sitecustomize for one written in the same second.
            'PYTHONDONTWRITEBYTECODE': '1',
        }
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ('MAKEFLAGS', 'MAKELEVEL', 'PYTHON')
        }
        return subprocess.Popen(
            ['make', target],
            cwd=self.root,
            env={**inherited, **own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that starts the tests in the background lets them ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def make(self, target: str = 'setup', **environment: str) -> tuple[int, str, str]:
        """Run make; what it returns and prints."""
        process = self.start(target, **environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def installed(self) -> list[str]:
        """What was called for an installation, in order, since the last question."""
        calls = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [call.split()[0] for call in calls]


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


def refused(clone, **environment):
    """Return the line that says why `make setup` does nothing."""
    code, out, err = clone.make(**environment)
    assert code != 0 and out == ''
    assert clone.installed() == []
    (line,) = (line for line in err.splitlines() if 'dem-mmaction' in line)
    assert len([line for line in err.splitlines() if 'Error' not in line]) == 1, err
    return line


@pytest.mark.parametrize('version', [(3, 10), (3, 11), (3, 12), (3, 13)])
def test_fit_python(clone, version):
    clone.answer_as(f'sys.version_info = {(*version, 0, "final", 0)}')
    assert clone.make()[0] == 0
    assert clone.installed() == DONE


@pytest.mark.parametrize('version', [(2, 7), (3, 1), (3, 9), (3, 14), (4, 0)])
def test_unfit_python_is_refused_in_one_line(clone, version):
    clone.answer_as(f'sys.version_info = {(*version, 0, "final", 0)}')
    line = refused(clone)
    assert 'needs Python 3.10 to 3.13, python3 is {}.{};'.format(*version) in line
    assert 'PYTHON=python3.11 make setup' in line
    assert not (clone.root / '.venv').exists()


def test_python_that_is_not_there_is_refused_in_one_line(clone):
    assert 'python3.99 does not run; name another' in refused(
        clone, PYTHON='python3.99'
    )


@pytest.mark.parametrize('module', ['venv', 'ensurepip'])
def test_missing_venv_module_is_said_in_one_line(clone, module):
    clone.answer_as(f'sys.modules[{module!r}] = None')
    line = refused(clone)
    assert module in line and 'Debian: python3-venv' in line
    assert not (clone.root / '.venv').exists()


@pytest.mark.parametrize('inside', ['pyvenv.cfg', 'conda-meta'])
def test_environment_of_the_user_is_left_alone(clone, inside):
    path = clone.root / '.venv' / inside
    path.parent.mkdir()
    path.write_text('mine')
    assert '.venv is not from `make setup`; move it away' in refused(clone)
    assert path.read_text() == 'mine' and len(list(path.parent.iterdir())) == 1


def test_packages_are_named_once_and_nothing_is_said_later(clone):
    code, out, err = clone.make()
    assert code == 0 and err == ''
    assert out.splitlines()[1:] == 2 * ['  torch-2.whl']
    assert clone.installed() == DONE
    for target in ('setup', ''):
        assert clone.make(*filter(None, [target])) == (0, '', '')
    assert clone.installed() == []


def test_tools_run_with_what_was_installed(clone):
    code, out, err = clone.make('lint')
    assert code == 0, err
    assert '.venv/bin/python -m ruff check\n' in out
    assert clone.installed() == DONE


@pytest.mark.parametrize(
    'name',
    [
        *(f'requirements/{name}.txt' for name in ('runtime', 'tests', 'constraints')),
        'setup.py',
        'dem_mmaction/version.py',
    ],
)
def test_changed_requirements_are_installed_anew(clone, name):
    clone.make()
    clone.installed()
    clone.touch(name)
    stale = clone.root / '.venv/lib/stale.py'
    stale.parent.mkdir()
    stale.touch()
    assert clone.make()[0] == 0
    assert clone.installed() == DONE
    assert not stale.exists()


def test_moved_clone_is_installed_anew(clone):
    clone.make()
    clone.installed()
    clone.root = clone.root.rename(clone.root.with_name('elsewhere'))
    assert clone.make()[0] == 0
    assert clone.installed() == DONE
    assert clone.make() == (0, '', '')


def test_another_python_is_installed_anew(clone):
    clone.answer_as('sys.version_info = (3, 12, 0, "final", 0)')
    clone.make()
    clone.installed()
    clone.answer_as('sys.version_info = (3, 13, 0, "final", 0)')
    assert clone.make(PYTHON=str(clone.python))[0] == 0
    assert clone.installed() == DONE


def test_failure_of_pip_points_at_the_log_and_the_next_call_starts_anew(clone):
    code, out, err = clone.make(PIP='echo ERROR: no space; echo why >&2; exit 1')
    assert code != 0
    assert 'ERROR: no space' in out and 'why' not in out
    assert 'pip failed; all it said is in .venv/setup.log' in err
    assert 'why' in (clone.root / '.venv/setup.log').read_text()
    assert clone.installed() == ['venv', 'pip']
    assert clone.make()[0] == 0
    assert clone.installed() == DONE


@pytest.mark.parametrize('update', [False, True])
@pytest.mark.parametrize('kind', [signal.SIGINT, signal.SIGKILL])
def test_broken_off_installation_starts_anew(clone, kind, update):
    if update:
        clone.make()
        clone.touch('setup.py')
        clone.installed()
    process = clone.start(PIP='sleep 60')
    start = time.monotonic()
    assert process.stdout.readline().startswith('Installing')
    assert 'torch' in process.stdout.readline()
    assert time.monotonic() - start < 50  # said at once, not when pip ends
    os.killpg(process.pid, kind)
    process.communicate(timeout=30)
    assert clone.installed() == ['venv', 'pip']
    assert clone.make()[0] == 0
    assert clone.installed() == DONE


def test_second_of_two_callers_waits_and_installs_nothing(clone):
    first = clone.start(PIP='sleep 1')
    second = clone.start(PIP='sleep 1')
    printed = [process.communicate(timeout=60) for process in (first, second)]
    assert first.returncode == second.returncode == 0, printed
    assert clone.installed() == DONE
    assert sorted(bool(out) for out, _ in printed) == [False, True]
