"""A built package works away from the clone, and asks for what it needs."""

import ast
import shutil
import sys
import zipfile
from email import message_from_string
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import ROOT, run_python

from dem_mmaction.version import __version__

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

# Tools that make files of the checkout; they are not installed.
KEPT = ('figures.py', 'make_metafile.py', 'moving_pictures.py')


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
        run_python('setup.py', '-q', 'sdist', '-d', folder, cwd=source)
        (source,) = folder.glob('*.tar.gz')
    offline = ('--no-index', '--no-deps', '--no-build-isolation')
    run_python('-m', 'pip', 'wheel', *offline, '-w', folder, source, cwd=folder)
    (built,) = folder.glob('*.whl')
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / 'unpacked')
    return folder / 'unpacked'


@pytest.fixture
def metadata(wheel):
    """Return the wheel's metadata."""
    (path,) = wheel.glob('*.dist-info/METADATA')
    return message_from_string(path.read_text(encoding='utf-8'))


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
    output = run_python('-c', LOAD, cwd=tmp_path, PYTHONPATH=str(wheel))
    assert output.splitlines()[-2:] == ['R2Plus1DDEM', str(wheel / 'dem_mmaction')]


@pytest.mark.parametrize('folder', ['configs', 'tools'])
def test_wheel_holds_every_file(wheel, folder):
    # What measures stays in the checkout, too.
    kept = ('benchmarks/', 'stress/', *KEPT)
    expected = {f for f in files(ROOT / folder) if not f.startswith(kept)}
    assert expected
    assert files(wheel / 'dem_mmaction/.mim' / folder) == expected


@pytest.mark.parametrize('folder', ['benchmarks', 'stress'])
def test_what_measures_stays_in_the_checkout(wheel, folder):
    assert list((ROOT / 'tools' / folder).glob('*.py'))
    assert [path for path in wheel.rglob('*') if folder in path.parts] == []


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


def asked_for(metadata, *extras):
    """Return what the package asks for, with some of its extras, by name."""
    requires = map(Requirement, metadata.get_all('Requires-Dist'))
    return {
        canonicalize_name(requirement.name): requirement
        for requirement in requires
        if requirement.marker is None
        or any(requirement.marker.evaluate({'extra': extra}) for extra in extras)
    }


def test_installing_leaves_an_environment_as_it_is(metadata):
    plain = asked_for(metadata)
    # Either mmcv would do, and a newer setuptools works: neither is replaced.
    assert not {'mmcv', 'mmcv-lite', 'mmcv-full', 'setuptools'} & plain.keys()
    for version in ('2.6.0', '2.7.1', '2.13.0+cpu'):
        assert plain['torch'].specifier.contains(version)
    # Older ones execute what a checkpoint tells them to (CVE-2025-32434).
    assert not plain['torch'].specifier.contains('2.5.1')


@pytest.mark.parametrize(
    'folder, extras',
    [
        ('dem_mmaction', ['data', 'onnx', 'openvino']),
        ('configs', ['data']),
        ('tools', ['data', 'onnx', 'openvino']),
        ('tests', ['data', 'onnx', 'openvino', 'tests']),
    ],
)
def test_all_that_is_imported_is_asked_for(metadata, folder, extras):
    asked = asked_for(metadata, *extras)
    providers = packages_distributions()
    # Of the checkout; either mmcv; a peer that the benchmarks leave out if not there.
    known = {'dem_mmaction', 'mmcv', 'torchvision'} | {
        path.stem for name in ('tests', 'tools') for path in (ROOT / name).rglob('*.py')
    }
    missing = [
        f'{path.name}: {name}'
        for path in (ROOT / folder).rglob('*.py')
        if folder == 'tests' or path.name not in KEPT
        for name in imported(path) - known - sys.stdlib_module_names
        if not {canonicalize_name(p) for p in providers[name]} & asked.keys()
    ]
    assert missing == []


def imported(path):
    """Return the top-level packages that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split('.')[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split('.')[0])
    return names


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
