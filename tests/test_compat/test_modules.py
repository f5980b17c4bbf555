import importlib.util
import sys

import mmengine
import pytest
from fresh_process import origin, python
from mmengine.config import Config
from mmengine.utils import get_installed_path, is_installed

import dem_mmaction.compat as compat


def test_missing_mmcv_is_one_clear_error():
    printed = python('import dem_mmaction', hide='mmcv', fails=True)
    assert 'ImportError: dem_mmaction needs mmcv' in printed
    assert "pip install 'mmcv-lite" in printed


@pytest.mark.parametrize('name', compat.STAND_INS)
def test_stand_in_where_the_module_is_missing(name):
    python(
        f"""
        import importlib, dem_mmaction
        module = importlib.import_module({name!r})
        assert isinstance(module.__loader__, dem_mmaction.compat.StandInFinder)
        import mmaction.models
        from mmengine.config import Config
        from mmengine.utils import get_installed_path, is_installed
        assert is_installed('mmaction2') and not is_installed('no_such_package')
        assert get_installed_path('mmaction2').endswith('mmaction')
        """,
        hide=name,
    )


def test_installed_module_wins_over_stand_in(tmp_path, monkeypatch):
    (tmp_path / 'pkg_resources.py').write_text('real = True')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'pkg_resources', raising=False)
    assert __import__('pkg_resources').real
    del sys.modules['pkg_resources']


def test_shipped_drn_wins_over_stand_in(tmp_path, monkeypatch):
    import mmaction.models.localizers as localizers

    name = 'mmaction.models.localizers.drn'
    (tmp_path / 'drn').mkdir()
    (tmp_path / 'drn' / '__init__.py').touch()
    for module in (name, name + '.drn'):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(localizers, '__path__', [*localizers.__path__, str(tmp_path)])
    assert origin(name) == 'SourceFileLoader'


def test_drn_stand_in_says_why():
    from mmaction.models.localizers import DRN

    if origin('mmaction.models.localizers.drn.drn') != 'StandInFinder':
        pytest.skip('this MMAction2 ships it')
    with pytest.raises(ImportError, match='2714'):
        DRN()


def test_package_lookup_agrees_with_pkg_resources():
    module = compat.StandInFinder()
    spec = module.find_spec('pkg_resources')
    stand_in = importlib.util.module_from_spec(spec)
    module.exec_module(stand_in)
    dist = stand_in.get_distribution('mmengine')
    assert (
        dist.location
        == str(importlib.util.find_spec('mmengine').origin).split('/mmengine/')[0]
    )
    assert dist.version == mmengine.__version__
    assert stand_in.get_distribution('mmaction2').get_metadata(
        'top_level.txt'
    ).split() == ['mmaction']
    with pytest.raises(stand_in.DistributionNotFound):
        stand_in.get_distribution('no_such_package')
    assert is_installed('mmengine') and get_installed_path('mmengine')


def test_mmaction_bases_resolve(tmp_path):
    (tmp_path / 'c.py').write_text("_base_ = 'mmaction::_base_/default_runtime.py'")
    assert Config.fromfile(tmp_path / 'c.py').default_scope == 'mmaction'
