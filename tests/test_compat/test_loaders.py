import pytest
from mmengine.runner import Runner

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe


@pytest.fixture
def loader(tmp_path):
    """The config of a loader of 8 videos."""
    generate_probe(tmp_path, ProbeSpec(train=0, test=8, frames=16, size=(32, 32)))
    dataset = dict(
        type='VideoListDataset', ann_file=str(tmp_path / 'test.txt'), pipeline=[]
    )
    sampler = dict(type='DefaultSampler', shuffle=False)
    return dict(dataset=dataset, sampler=sampler, batch_size=3, drop_last=True)


def test_without_workers_none_persists(loader):
    workers = dict(num_workers=0, persistent_workers=True)
    built = Runner.build_dataloader({**loader, **workers})
    assert len(built) == 2 and not built.persistent_workers
    workers['num_workers'] = 1
    assert Runner.build_dataloader({**loader, **workers}).persistent_workers


def test_less_than_a_batch_is_named(loader, tmp_path):
    loader['batch_size'] = 9
    with pytest.raises(
        ValueError, match='has 8 samples .* fewer than a batch of 9'
    ) as error:
        Runner.build_dataloader(loader)
    assert str(tmp_path / 'test.txt') in str(error.value)
    assert 'Set batch_size of its loader to 8 or less' in str(error.value)
    assert len(Runner.build_dataloader({**loader, 'drop_last': False})) == 1
