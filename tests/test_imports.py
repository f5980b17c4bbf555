"""Imports inside the package point one way."""

import ast
from pathlib import Path

import pytest
from support import ROOT

PACKAGE = ROOT / 'dem_mmaction'
PARTS = {'models', 'datasets', 'evaluation', 'engine', 'robustness'}
# What each part may import of the others.
MAY_IMPORT = {
    'utils': set(),
    'compat': {'utils'},
    'version': set(),
    'models': {'utils'},
    'datasets': {'utils'},
    'evaluation': {'utils'},
    'pages': {'utils'},
    'robustness': {'utils', 'datasets', 'evaluation', 'pages'},
    'engine': {'utils', 'datasets'},
    'classification': {'utils', 'datasets'},
    'export': {'models'},
    'seeing': {'utils', 'models', 'classification', 'pages'},
    'studies': {'utils', 'datasets', 'evaluation', 'engine', 'models', 'robustness'},
    'deprecated': {'engine', 'robustness'},
    '__init__': {'compat', 'version', 'deprecated', *PARTS},
}


def imported(code: str, package: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the modules of dem_mmaction that code imports, anywhere in it.

    Args:
        code: Of a module.
        package: The names of the package that it lies in, ``dem_mmaction`` first.

    Returns:
        For each import the path of the module below ``dem_mmaction``; of
        ``from package import name`` with the name, which may be a module.
    """
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [tuple(alias.name.split('.')) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split('.')) if node.module else ()
            found += [(*base, alias.name) for alias in node.names]
    return [names[1:] for names in found if names[0] == 'dem_mmaction']


def module_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Cut the names after the last one that is a module of the package."""
    while names:
        path = PACKAGE.joinpath(*names)
        if path.is_dir() or path.with_suffix('.py').is_file():
            return names
        names = names[:-1]
    return names


def imports_of_others(path: Path) -> list[tuple[str, ...]]:
    """Return the modules of other parts that a file of the package imports."""
    inside = path.relative_to(PACKAGE)
    package = ('dem_mmaction', *inside.parts[:-1])
    part = inside.with_suffix('').parts[0]
    modules = map(module_of, imported(path.read_text(encoding='utf-8'), package))
    return [names for names in modules if names[:1] != (part,)]


FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.glob('**/*.py'))
FILES = [path for path in FILES if '.mim' not in path.parts]


def test_every_part_is_listed():
    parts = {path.with_suffix('').parts[0] for path in FILES}
    assert parts <= MAY_IMPORT.keys()
    assert len(FILES) > 40


@pytest.mark.parametrize('path', FILES, ids=str)
def test_imports_point_one_way(path):
    part = path.with_suffix('').parts[0]
    others = imports_of_others(PACKAGE / path)
    assert {names[0] for names in others if names} <= MAY_IMPORT[part]


@pytest.mark.parametrize('path', FILES, ids=str)
def test_parts_use_public_names_of_each_other(path):
    if path.parts[0] == 'studies':
        return  # they may use everything
    # What a package's __init__ offers is public, a module in it is not.
    insides = [
        names
        for names in imports_of_others(PACKAGE / path)
        if len(names) > 1 and not PACKAGE.joinpath(*names).is_dir()
    ]
    assert insides == []


def test_compat_is_imported_by_init_alone():
    users = [path for path in FILES if ('compat',) in imports_of_others(PACKAGE / path)]
    assert list(map(str, users)) == ['__init__.py']
    tools = [
        path
        for path in (ROOT / 'tools').rglob('*.py')
        if any(
            names[:1] == ('compat',)
            for names in imported(path.read_text(encoding='utf-8'), ())
        )
    ]
    assert tools == []


@pytest.mark.parametrize(
    'code, expected',
    [
        ('import dem_mmaction.compat', ('compat',)),
        ('from dem_mmaction import compat', ('compat',)),
        ('from dem_mmaction.compat import close_gaps', ('compat', 'close_gaps')),
        ('def f():\n    from ..compat import x', ('compat', 'x')),
        ('from .. import compat', ('compat',)),
        ('from .launch import x', ('engine', 'launch', 'x')),
    ],
)
def test_every_kind_of_import_is_seen(code, expected):
    assert imported(code, ('dem_mmaction', 'engine')) == [expected]
