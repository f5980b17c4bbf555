import sys

from fresh_process import python
from mmaction.registry import MODELS
from mmengine.registry import DefaultScope
from support import run_python

import dem_mmaction.compat as compat


def test_models_build_outside_a_runner():
    python("""
        import dem_mmaction
        from mmaction.registry import MODELS
        MODELS.build(dict(
            type='Recognizer3D',
            backbone=dict(type='R2Plus1DDEM', depth=10, base_channels=8),
            cls_head=dict(type='I3DHead', num_classes=4, in_channels=64)))
    """)


def test_a_scope_that_was_chosen_stays():
    python("""
        from mmengine.registry import DefaultScope
        DefaultScope.get_instance('mine', scope_name='mmengine')
        import dem_mmaction
        assert DefaultScope.get_current_instance().scope_name == 'mmengine'
    """)
    assert DefaultScope.get_current_instance().scope_name == 'mmaction'


def test_closing_twice_changes_nothing():
    before = list(sys.meta_path), MODELS.get('R2Plus1DDEM')
    compat.close_gaps()
    assert (list(sys.meta_path), MODELS.get('R2Plus1DDEM')) == before


def test_starts_without_warnings(tmp_path):
    code = 'import dem_mmaction, mmaction.models'
    assert run_python('-W', 'default::UserWarning', '-c', code, cwd=tmp_path) == ''
