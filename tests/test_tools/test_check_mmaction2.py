import pytest
from support import run_tool

SAME = """
import mmaction.models
import pytest

def test_passes():
    assert mmaction.models.__file__

def test_fails():
    raise AssertionError

@pytest.mark.skip
def test_is_skipped():
    pass
"""
OTHER = """
import sys

def test_without():
    assert 'dem_mmaction' not in sys.modules
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder with tests and with a package that must not be tested."""
    (tmp_path / 'mm/tests/models').mkdir(parents=True)
    (tmp_path / 'mm/tests/models/test_same.py').write_text(SAME)
    (tmp_path / 'mm/mmaction').mkdir()
    (tmp_path / 'mm/mmaction/__init__.py').write_text('raise ImportError')
    return tmp_path / 'mm'


def test_results_with_and_without_the_package(checkout, tmp_path):
    said = run_tool('check_mmaction2.py', 'mm', 'tests/models', cwd=tmp_path)
    assert 'No result of 3 changes.' in said
    cells = [line.split('|')[2:5] for line in said.splitlines() if '|' in line]
    assert [list(map(str.strip, row)) for row in cells[2:]] == [['1', '1', '1']] * 2
    (checkout / 'tests/models/test_other.py').write_text(OTHER)
    said = run_tool(
        'check_mmaction2.py', 'mm', 'tests/models', cwd=tmp_path, fails=True
    )
    assert 'test_other.test_without: passed, with it failed' in said
    assert '1 results change' in said.splitlines()[-1]
    said = run_tool('check_mmaction2.py', 'mm', cwd=tmp_path, fails=True)
    assert 'mm has no tests/models/recognizers' in said
