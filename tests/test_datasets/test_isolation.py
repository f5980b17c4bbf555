import os
import random
import signal
import time

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose

from dem_mmaction.datasets import IsolatedPipeline, SeedSample, VideoReadError


def draws(info):
    return dict(
        python=random.random(),
        numpy=np.random.rand(3),
        torch=torch.rand(2, 2),
        half=torch.zeros(3).bfloat16(),
        nothing=np.zeros((0, 3)),
        number=torch.tensor(5),
        length=len(info['filename']),
    )


def test_results_and_random_numbers_are_those_of_this_process():
    isolated, found = IsolatedPipeline(draws, 20), []
    for pipeline in (draws, isolated):
        random.seed(1), np.random.seed(1), torch.manual_seed(1)
        found.append(
            [pipeline(dict(filename='a')) for _ in range(3)]
            + [random.random(), np.random.rand(), torch.rand(1)]
        )
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=0)
    found[1][0]['numpy'][0] = 7  # as steps do that write into frames


def test_results_of_any_size_stay_as_they_are():
    isolated = IsolatedPipeline(lambda info: torch.arange(info['size']), 20)
    sizes = 10, 1_000_000, 3, 0, 2_000_000
    found = [isolated(dict(filename='a', size=size)) for size in sizes]
    for size, own in zip(sizes, found, strict=True):
        assert torch.equal(own, torch.arange(size))


def trouble(info):
    np.random.rand()
    kind = info['filename']
    if kind == 'abort':
        os.abort()
    elif kind == 'hang':
        time.sleep(60)
    elif kind == 'stop':
        os.kill(os.getpid(), signal.SIGSTOP)
    elif kind == 'error':
        raise VideoReadError('error', 'no reason')
    elif kind == 'odd':

        class Odd(Exception):
            pass

        raise Odd('inside')
    return os.getpid()


@pytest.mark.parametrize(
    'kind, message',
    [
        ('abort', r"'abort' cannot be read: it crashed the decoder \(SIGABRT\)"),
        ('hang', "'hang' cannot be read: it took longer than 1 s"),
        ('stop', "'stop' cannot be read: it took longer than 1 s"),
        ('error', "'error' cannot be read: no reason"),
    ],
)
def test_a_child_that_is_lost_is_a_bad_video(kind, message):
    isolated = IsolatedPipeline(trouble, 1)
    first = isolated(dict(filename='good'))
    np.random.seed(3)
    with pytest.raises(VideoReadError, match=message):
        isolated(dict(filename=kind))
    drawn = np.random.rand()
    np.random.seed(3)
    if kind == 'error':
        np.random.rand()  # of the pipeline, which said what it has drawn
    assert drawn == np.random.rand()
    again = isolated(dict(filename='good'))
    assert (again == first) == (kind == 'error')
    start = time.monotonic()
    with pytest.raises(VideoReadError, match=message):  # not opened again
        isolated(dict(filename=kind))
    assert time.monotonic() - start < 0.9
    isolated.close()
    for pid in {first, again}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_after_a_lost_child_a_seeded_sample_decides_what_is_drawn(monkeypatch):
    monkeypatch.setattr('dem_mmaction.datasets.seed_sample.get_worker_info', lambda: 1)
    seeding = SeedSample(torch.tensor(5))
    bad, drawn = dict(filename='abort', sample_idx=2), []
    for seed in (1, 2):
        isolated = IsolatedPipeline(Compose([seeding, trouble]), 5)
        for _ in range(2):  # lost, and not opened again
            np.random.seed(seed)
            with pytest.raises(VideoReadError, match='SIGABRT'):
                isolated(bad)
            drawn.append(np.random.rand())
    seeding(bad)
    assert drawn == 4 * [np.random.rand()]


def test_any_other_error_comes_with_where_it_was():
    with pytest.raises(RuntimeError, match='(?s)in the process of.*trouble.*Odd'):
        IsolatedPipeline(trouble, 5)(dict(filename='odd'))


def series(pipeline, between, names='abcdef'):
    """What calls with random numbers between them give, and those after them."""
    infos = [dict(filename=name * (place + 1)) for place, name in enumerate(names)]
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    if isinstance(pipeline, IsolatedPipeline):
        pipeline.expect(infos)
    found = []
    for place, info in enumerate(infos):
        found.append(pipeline(info))
        found += between(pipeline, place)
    return [*found, random.random(), np.random.rand(), torch.rand(1)]


@pytest.mark.parametrize(
    'between',
    [
        lambda pipeline, place: [],
        lambda pipeline, place: [np.random.rand()] * (place == 2),
        lambda pipeline, place: [pipeline(dict(filename='other'))] * (place in (0, 3)),
        lambda pipeline, place: [torch.rand(1), pipeline(dict(filename='a'))],
    ],
    ids=['nothing', 'numbers', 'others', 'both'],
)
def test_expected_entries_give_what_single_calls_give(between):
    isolated = IsolatedPipeline(draws, 20)
    expected, found = series(draws, between), series(isolated, between)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_who_draws_between_samples_loses_three_children():
    isolated = IsolatedPipeline(lambda info: os.getpid(), 20)
    pids = []
    for batch in ('abc', 'def', 'ghi', 'jkl'):
        isolated.expect([dict(filename=name) for name in batch])
        for name in batch:
            pids.append(isolated(dict(filename=name)))
            np.random.rand()
    assert len(set(pids)) == 4 and len(set(pids[-5:])) == 1


def test_another_pipeline_can_take_the_place_of_the_first():
    isolated = IsolatedPipeline(lambda info: 'first', 20)
    assert isolated(dict(filename='a')) == 'first'
    isolated.use(lambda info: 'second')
    assert isolated(dict(filename='a')) == 'second'


def test_the_child_goes_on_between_calls_until_two_samples_wait(tmp_path):
    def pipeline(info):
        (tmp_path / info['filename']).touch()
        return torch.full((100_000,), ord(info['filename']))

    def begun():
        return ''.join(sorted(path.name for path in tmp_path.iterdir()))

    isolated = IsolatedPipeline(pipeline, 20)
    isolated.expect([dict(filename=name) for name in 'abcdefg'])
    samples = []
    for name, done in (('a', 'abcd'), ('b', 'abcde'), ('c', 'abcdef')):
        samples.append(isolated(dict(filename=name)))
        end = time.monotonic() + 20
        while begun() != done and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.2)
        assert begun() == done
    samples += [isolated(dict(filename=name)) for name in 'defg']
    assert [chr(int(own[0])) for own in samples] == list('abcdefg')
    assert all(bool((own == own[0]).all()) for own in samples)


@pytest.mark.parametrize('kind', ['abort', 'error'])
def test_among_expected_entries_the_bad_one_is_named(kind):
    names = 'a', 'b', kind, 'c', kind, 'd', 'e', 'f'
    isolated = IsolatedPipeline(trouble, 5)
    np.random.seed(3)
    isolated.expect([dict(filename=name) for name in names])
    pids, drawn = [], []
    for name in names:
        if name == kind:
            with pytest.raises(VideoReadError, match=f"'{kind}' cannot be read"):
                isolated(dict(filename=name))
        else:
            pids.append(isolated(dict(filename=name)))
        drawn.append(np.random.get_state()[2])
    lost = kind == 'abort'
    # Not opened again: another file has not cost a child.
    assert len(set(pids)) == 1 + lost and len(set(pids[2:])) == 1
    np.random.seed(3)
    for name, position in zip(names, drawn, strict=True):
        if name != 'abort':
            np.random.rand()
        assert np.random.get_state()[2] == position
