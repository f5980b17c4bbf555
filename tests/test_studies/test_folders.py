import pytest

from dem_mmaction.robustness import ConditionResult, RateResults
from dem_mmaction.studies.folders import RunFolder


def test_reads_resumed_logs(tmp_path):
    for stamp, steps in (('a', (4, 8)), ('b', (8, 12))):
        folder = tmp_path / stamp / 'vis_data'
        folder.mkdir(parents=True)
        (folder / 'scalars.json').write_text(
            ''.join(f'{{"loss": 1.0, "step": {step}}}\n' for step in steps)
        )
    (tmp_path / 'b' / 'vis_data' / 'scalars.json').open('a').write('{"loss": 0.')
    steps = [entry['step'] for entry in RunFolder(tmp_path).logged()]
    assert steps == [4, 8, 8, 12]


def test_the_last_checkpoint_moves_with_its_folder(tmp_path):
    folder = RunFolder(tmp_path)
    with pytest.raises(FileNotFoundError, match='last_checkpoint, which a test'):
        folder.last_checkpoint()
    (tmp_path / 'last_checkpoint').write_text('/elsewhere/epoch_3.pth')
    with pytest.raises(FileNotFoundError, match='epoch_3.pth, .* is not there: delete'):
        folder.last_checkpoint()
    (tmp_path / 'epoch_3.pth').touch()
    assert folder.last_checkpoint() == tmp_path / 'epoch_3.pth'


def test_results_are_those_of_the_test_on_a_part(tmp_path):
    folder = RunFolder.of(tmp_path, 'net', 3, 'anna')
    assert folder.path == tmp_path / 'net' / 'seed3' / 'anna'
    results = RateResults(1, {1: ConditionResult({'video/top1': 0.5})})
    results.save(folder.test('val'))
    assert folder.is_tested('val') and not folder.is_tested('test')
    assert folder.results('val') == results
