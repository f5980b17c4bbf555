"""Install the tested versions and this package into .venv, unless that is done.

Kept to syntax that Python 2.7 parses, so that every unfit Python gets its one line.
"""

import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys

OLDEST = (3, 10)
NEWEST = (3, 13)

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, '.venv')
# Empty while an installation runs or was broken off, its fingerprint once complete.
STAMP = os.path.join(VENV, 'setup-stamp')
LOG = os.path.join(VENV, 'setup.log')


def refusal(version):
    """Say why a Python of this version will not do; None if it does."""
    version = tuple(version[:2])
    if OLDEST <= version <= NEWEST:
        return None
    span = '{}.{} to {}.{}'.format(*(OLDEST + NEWEST))
    return (
        'needs Python {}, this is {}.{}; '
        'name another: PYTHON=python3.11 make setup'.format(span, *version)
    )


def missing_module():
    """Say which module a virtual environment lacks here; None if it is all there."""
    for name in ('venv', 'ensurepip'):
        try:
            __import__(name)
        except ImportError:
            return (
                'this Python has no {} module; install it (Debian: python3-venv) '
                'or name another: PYTHON=python3.11 make setup'.format(name)
            )
    return None


def fingerprint():
    """Hash all that makes a finished installation out of date when it changes."""
    folder = os.path.join(ROOT, 'requirements')
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    files.append(os.path.join(ROOT, 'setup.py'))
    files.append(os.path.join(ROOT, 'dem_mmaction', 'version.py'))
    # The place counts too: a virtual environment does not survive being moved.
    digest = hashlib.sha256('{} {}'.format(ROOT, sys.version_info[:2]).encode('utf-8'))
    for path in files:
        with io.open(path, 'rb') as file:
            digest.update(file.read())
    return digest.hexdigest()


def remembered():
    """Return what the stamp holds; None where there is no stamp."""
    if not os.path.exists(STAMP):
        return None
    with io.open(STAMP) as stamp:
        return stamp.read()


def say(text):
    """Print a line at once."""
    sys.stdout.write(text + '\n')
    sys.stdout.flush()


def create_venv():
    """Make .venv anew; only the stamp stays where it is."""
    # sys.executable may be the link in the very .venv that is about to go.
    python = os.path.realpath(sys.executable)
    for name in os.listdir(VENV):
        path = os.path.join(VENV, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif path != STAMP:
            os.remove(path)
    subprocess.check_call([python, '-m', 'venv', VENV])


def pip_install(*arguments):
    """Run pip, naming each package it comes to; its whole output goes to the log."""
    command = [os.path.join(VENV, 'bin', 'python'), '-m', 'pip', 'install']
    process = subprocess.Popen(
        command + ['--progress-bar', 'off'] + list(arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    with io.open(LOG, 'a') as log:
        for line in process.stdout:
            log.write(line)
            if line.startswith(('Collecting ', 'Processing ')):
                say('  ' + os.path.basename(line.split()[1]))
            elif line.startswith('Installing collected packages'):
                say('  unpacking')
            elif line.startswith('ERROR'):
                say(line.rstrip())
    if process.wait():
        sys.exit('dem-mmaction: pip failed; all it said is in .venv/setup.log')


def main():
    """Bring .venv up to date."""
    problem = refusal(sys.version_info)
    if problem:
        sys.exit('dem-mmaction: ' + problem)
    if remembered() == fingerprint():
        return

    problem = missing_module()
    if remembered() is None and os.path.exists(os.path.join(VENV, 'pyvenv.cfg')):
        problem = '.venv is not from `make setup`; move it away to let that make one'
    if problem:
        sys.exit('dem-mmaction: ' + problem)

    if not os.path.isdir(VENV):
        os.mkdir(VENV)
    with io.open(STAMP, 'a+') as stamp:
        # A second caller waits here, then finds the work done.
        fcntl.flock(stamp, fcntl.LOCK_EX)
        if remembered() == fingerprint():
            return
        stamp.truncate(0)
        say('Installing the tested versions into .venv, which can take minutes')
        create_venv()
        pip_install('-r', os.path.join('requirements', 'tests.txt'))
        pip_install('--no-deps', '--no-build-isolation', '-e', '.')
        stamp.write(fingerprint())


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        sys.exit('dem-mmaction: interrupted; the next call starts anew')
    except (EnvironmentError, subprocess.CalledProcessError) as error:
        sys.exit('dem-mmaction: {}; the next call starts anew'.format(error))
