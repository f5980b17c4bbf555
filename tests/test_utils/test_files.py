import json
import resource

import pytest

from dem_mmaction.utils import claim_folder, in_a_line, write_text, written_aside


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / 'new' / 'file.json'
    write_text(path, 'old')
    with written_aside(path) as aside:
        aside.write_text('half')
        assert path.read_text() == 'old'
        assert aside.suffix == '.json' and aside.parent == path.parent
    assert path.read_text() == 'half'
    with pytest.raises(KeyError), written_aside(path) as aside:
        aside.write_text('quarter')
        raise KeyError
    assert path.read_text() == 'half'
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_of_other_settings_is_refused(tmp_path):
    record = tmp_path / 'folder' / 'settings.json'
    claim_folder(record, dict(size=(40, 40), seed=0))
    claim_folder(record, dict(size=(40, 40), seed=0))
    assert json.loads(record.read_text()) == dict(size=[40, 40], seed=0)
    with pytest.raises(ValueError, match=r'folder was made with seed=0, not 1: choose'):
        claim_folder(record, dict(size=(40, 40), seed=1))
    with pytest.raises(ValueError, match=r'seed=0, not None'):
        claim_folder(record, dict(size=(40, 40)))
    with pytest.raises(ValueError, match='classes=None, not 8'):
        claim_folder(record, dict(size=(40, 40), seed=0, classes=8))
    claim_folder(record, dict(size=(40, 40), seed=0, classes=8), dict(classes=8))


@pytest.mark.parametrize('text', ['{"seed": 0', '3'])
def test_a_damaged_record_is_named(tmp_path, text):
    (tmp_path / 'settings.json').write_text(text)
    with pytest.raises(ValueError, match='settings.json does not hold settings'):
        claim_folder(tmp_path / 'settings.json', dict(seed=0))


def test_a_file_that_does_not_fit_on_the_disk_is_named(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError) as refused:
            write_text(tmp_path / 'long.txt', 2000 * 'n')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert in_a_line(refused.value).startswith(f'{tmp_path}/long.txt: File too large. ')
    assert not list(tmp_path.iterdir())
