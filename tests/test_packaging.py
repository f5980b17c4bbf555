"""A built package works away from the clone, and the set-up knows its Pythons."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from packaging.requirements import Requirement

from dem_mmaction.version import __version__

ROOT = Path(__file__).resolve().parents[1]
# All that a build reads; a copy of it keeps the clone free of build products.
SOURCES = (
    'LICENSE',
    'README.md',
    'configs',
    'dem_mmaction',
    'model-index.yml',
    'pyproject.toml',
    'setup.py',
    'tools',
)

LOAD = """
from pathlib import Path

import dem_mmaction
from mmaction.registry import MODELS
from mmengine.config import Config

package = Path(dem_mmaction.__file__).parent
config = Config.fromfile(package / '.mim/configs/r2p1d_dem_minik.py')
print(MODELS.get(config.model.backbone.type).__name__)
print(package)
"""


def run(*command, **kwargs):
    """Run a command; its output is part of the failure where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **kwargs)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(folder):
    """Return the relative paths of the files in a folder."""
    found = (path for path in folder.rglob('*') if path.is_file())
    return {
        path.relative_to(folder).as_posix() for path in found if path.suffix != '.pyc'
    }


@pytest.fixture(scope='module', params=['tree', 'sdist'])
def wheel(request, tmp_path_factory):
    """Return a folder with an unpacked wheel, built from the tree or its sdist."""
    folder = tmp_path_factory.mktemp(request.param)
    source = folder / 'source'
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True)
        else:
            shutil.copy(ROOT / name, source / name)
    if request.param == 'sdist':
        run(sys.executable, 'setup.py', '-q', 'sdist', '-d', folder, cwd=source)
        (source,) = folder.glob('*.tar.gz')
    offline = ('--no-index', '--no-deps', '--no-build-isolation')
    run(sys.executable, '-m', 'pip', 'wheel', *offline, '-w', folder, source)
    (built,) = folder.glob('*.whl')
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / 'unpacked')
    return folder / 'unpacked'


@pytest.fixture
def metadata(wheel):
    """Return the wheel's metadata."""
    (path,) = wheel.glob('*.dist-info/METADATA')
    return message_from_string(path.read_text(encoding='utf-8'))


@pytest.fixture
def setup_env():
    """Return tools/setup_env.py as a module."""
    path = ROOT / 'tools/setup_env.py'
    spec = importlib.util.spec_from_file_location('setup_env', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins():
    """Return the requirements that `make setup` installs on this Python."""
    lines = [
        line
        for name in ('runtime.txt', 'tests.txt')
        for line in (ROOT / 'requirements' / name).read_text().splitlines()
        if line and not line.startswith(('#', '-'))
    ]
    found = map(Requirement, lines)
    return [pin for pin in found if pin.marker is None or pin.marker.evaluate()]


def test_wheel_loads_its_config_away_from_the_clone(wheel, tmp_path):
    env = {**os.environ, 'PYTHONPATH': str(wheel)}
    output = run(sys.executable, '-c', LOAD, cwd=tmp_path, env=env)
    assert output.splitlines()[-2:] == ['R2Plus1DDEM', str(wheel / 'dem_mmaction')]


@pytest.mark.parametrize('folder', ['configs', 'tools'])
def test_wheel_holds_every_file(wheel, folder):
    expected = files(ROOT / folder) - {'setup_env.py'}
    assert expected
    assert files(wheel / 'dem_mmaction/.mim' / folder) == expected


def test_wheel_index_names_files_that_are_there(wheel):
    mim = wheel / 'dem_mmaction/.mim'
    index = yaml.safe_load((mim / 'model-index.yml').read_text())
    models = [
        model
        for metafile in index['Import']
        for model in yaml.safe_load((mim / metafile).read_text())['Models']
    ]
    assert models
    assert [m['Name'] for m in models if not (mim / m['Config']).is_file()] == []


def test_wheel_holds_the_package_alone(wheel):
    (info,) = wheel.glob('*.dist-info')
    assert {path.name for path in wheel.iterdir()} == {'dem_mmaction', info.name}


def test_versions_agree(metadata):
    citation = yaml.safe_load((ROOT / 'CITATION.cff').read_text())
    assert metadata['Version'] == citation['version'] == __version__


def test_installing_leaves_torch_and_mmcv_alone(metadata):
    requires = map(Requirement, metadata.get_all('Requires-Dist'))
    plain = {r.name: r for r in requires if r.marker is None}
    assert not {'mmcv', 'mmcv-lite', 'mmcv-full'} & plain.keys()
    for version in ('1.13.1', '2.1.0', '2.13.0+cpu'):
        assert plain['torch'].specifier.contains(version)


def test_pins_lie_within_the_ranges(metadata):
    ranges = {}
    for requirement in map(Requirement, metadata.get_all('Requires-Dist')):
        ranges[requirement.name] = requirement.specifier
    pinned = {pin.name: pin.specifier for pin in pins()}
    assert ranges.keys() <= pinned.keys()
    for name, specifier in pinned.items():
        (pin,) = specifier
        assert pin.operator == '=='
        assert ranges[name].contains(pin.version), name


@pytest.mark.parametrize('version', [(3, 10, 0), (3, 11, 7), (3, 13, 9)])
def test_fit_python(setup_env, version):
    assert setup_env.refusal(version) is None


@pytest.mark.parametrize('version', [(2, 7, 18), (3, 9, 18), (3, 14, 0), (4, 0, 0)])
def test_unfit_python_is_refused_in_one_line(setup_env, monkeypatch, version):
    python = SimpleNamespace(version_info=version, exit=sys.exit)
    monkeypatch.setattr(setup_env, 'sys', python)
    with pytest.raises(SystemExit, match=r'needs Python 3\.10 to 3\.13') as refused:
        setup_env.main()
    assert re.search(r'this is {}\.{};'.format(*version), str(refused.value))
    assert '\n' not in str(refused.value)


def test_missing_venv_is_said_in_one_line(setup_env, monkeypatch):
    monkeypatch.setitem(sys.modules, 'ensurepip', None)
    assert 'no ensurepip module' in setup_env.missing_module()
    assert '\n' not in setup_env.missing_module()


@pytest.fixture
def empty_clone(setup_env, monkeypatch, tmp_path):
    """Point the set-up at an empty folder and record what it would install."""
    installed = []
    venv = tmp_path / '.venv'
    monkeypatch.setattr(setup_env, 'VENV', str(venv))
    monkeypatch.setattr(setup_env, 'STAMP', str(venv / 'setup-stamp'))
    monkeypatch.setattr(setup_env, 'create_venv', lambda: installed.append('venv'))
    monkeypatch.setattr(setup_env, 'pip_install', lambda *a: installed.append(a))
    return venv, installed


def test_second_setup_installs_nothing(setup_env, empty_clone):
    _, installed = empty_clone
    setup_env.main()
    assert installed[0] == 'venv' and len(installed) == 3
    setup_env.main()
    assert len(installed) == 3


def test_interrupted_setup_is_redone(setup_env, empty_clone, monkeypatch):
    _, installed = empty_clone

    def interrupt(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(setup_env, 'pip_install', interrupt)
        with pytest.raises(KeyboardInterrupt):
            setup_env.main()
    setup_env.main()
    assert installed[:2] == ['venv', 'venv'] and len(installed) == 4


def test_changed_requirements_are_installed(setup_env, empty_clone, monkeypatch):
    _, installed = empty_clone
    setup_env.main()
    monkeypatch.setattr(setup_env, 'fingerprint', lambda: 'another')
    setup_env.main()
    assert len(installed) == 6
    setup_env.main()
    assert len(installed) == 6


def test_environment_of_the_user_is_left_alone(setup_env, empty_clone):
    venv, installed = empty_clone
    venv.mkdir()
    (venv / 'pyvenv.cfg').touch()
    with pytest.raises(SystemExit, match='move it away'):
        setup_env.main()
    assert installed == []
