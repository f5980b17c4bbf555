"""What a process gets is what another has sent, in memory of its own."""

import os
import pickle
from multiprocessing import Pipe

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as some

from dem_mmaction.datasets.handover import SharedMemory, UsedAgain, dump, receive, send

ARRAYS = some.arrays(
    st.sampled_from(['u1', 'i8', 'f4', 'f8', '?']),
    some.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)


def handed(*objects):
    """Objects that have gone through one memory, one after the other."""
    ours, theirs = Pipe()
    memory, ours_alone = SharedMemory(), UsedAgain()
    found = []
    for own in objects:
        send(theirs, own, memory)
        found.append(receive(ours, memory, ours_alone))
    memory.close()
    return found


@settings(max_examples=50, deadline=None)
@given(arrays=st.lists(ARRAYS, max_size=4), order=st.sampled_from('CF'))
def test_arrays_and_tensors_arrive_as_they_were(arrays, order):
    arrays = [np.array(own, order=order) for own in arrays]
    sent = dict(a=arrays, t=[torch.from_numpy(own) for own in arrays], more=('x', None))
    (found,) = handed(sent)
    assert found['more'] == ('x', None)
    for kind in 'at':
        for there, own in zip(found[kind], sent[kind], strict=True):
            assert there.dtype == own.dtype and there.shape == own.shape
            np.testing.assert_array_equal(np.asarray(there), np.asarray(own))


@pytest.mark.parametrize(
    'tensor',
    [
        torch.arange(6.0).view(2, 3).t(),
        torch.arange(12)[::3],
        torch.arange(4.0).bfloat16(),
        torch.tensor(1.5),
        torch.empty(0, 3),
    ],
)
def test_every_kind_of_tensor_arrives(tensor):
    (found,) = handed(tensor)
    assert found.dtype == tensor.dtype and torch.equal(found, tensor)


def test_what_has_arrived_stays_when_the_memory_is_used_again():
    first, second, third = (torch.full((n,), float(n)) for n in (5, 50_000, 7))
    found = handed(first, second, third)
    for there, own in zip(found, (first, second, third), strict=True):
        assert torch.equal(there, own)
    found[0].fill_(0)  # it can be written to
    assert torch.equal(found[2], third)


def test_contents_do_not_go_through_the_pipe():
    clip = torch.zeros(3, 16, 112, 112, dtype=torch.uint8)
    ours, theirs = Pipe()
    send(theirs, dict(inputs=clip, label=3), SharedMemory())
    assert len(ours.recv_bytes()) < 1000 < clip.nbytes


def test_a_fork_fills_the_memory_of_its_parent():
    ours, theirs = Pipe()
    memory = SharedMemory()
    pid = os.fork()
    if not pid:
        send(theirs, np.arange(100_000), memory)
        os._exit(0)
    assert ours.poll(30)
    found = receive(ours, memory, UsedAgain())
    np.testing.assert_array_equal(found, np.arange(100_000))
    assert os.waitpid(pid, 0)[1] == 0


def address(array):
    return array.__array_interface__['data'][0]


def test_memory_is_used_again_when_nobody_has_it(monkeypatch):
    made = []
    new = np.empty
    monkeypatch.setattr(np, 'empty', lambda *args: made.append(args) or new(*args))
    memory = UsedAgain()
    first, second = memory.take(1000), memory.take(1000)
    places = address(first), address(second)
    assert len(set(places)) == len(made) == 2
    part = torch.from_numpy(first[10:20])
    del first
    third = memory.take(900)  # a tensor has a part of the first
    assert address(third) not in places and len(made) == 3
    del part, second
    again = memory.take(1000), memory.take(1000)
    assert {*map(address, again)} == {*places} and len(made) == 3
    del again
    assert len(memory.take(1001)) == 1001 and len(made) == 4  # they were too small
    assert len(memory.take(1001)) == 1001 and len(made) == 4


def test_who_keeps_a_label_keeps_no_clip(monkeypatch):
    made = []
    new = np.empty
    monkeypatch.setattr(
        np, 'empty', lambda size, *more: made.append(size) or new(size, *more)
    )
    clip = torch.zeros(1 << 17, dtype=torch.uint8)
    ours, theirs = Pipe()
    memory, pool, labels = SharedMemory(), UsedAgain(), []
    for number in range(3):
        send(theirs, [clip, torch.tensor([number])], memory)
        labels.append(receive(ours, memory, pool)[1])
    assert [int(own) for own in labels] == [0, 1, 2]
    assert made.count(len(clip)) == 1  # each clip took the place of the one before


def test_tensors_are_aligned_whatever_stands_before_them():
    odd = torch.ones(3, dtype=torch.uint8)
    (found,) = handed([odd, torch.tensor([7]), torch.zeros(1 << 17), torch.ones(2)])
    assert all(own.data_ptr() % 8 == 0 for own in found[1:])


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=200),
    kept=st.sets(st.integers(0, 199)),
)
def test_memory_that_somebody_has_is_never_used_again(sizes, kept):
    memory, held = UsedAgain(), []
    for number, size in enumerate(sizes):
        array = memory.take(size)
        assert array.shape == (size,)
        array[:] = number
        if number in kept:
            held.append((number, torch.from_numpy(array[: size // 2 + 1])))
        del array
    assert all(bool((own == number).all()) for number, own in held)


def test_a_dump_is_a_pickle_and_the_same_for_the_same_object():
    state = dict(a=np.arange(3), b=torch.ones(2))
    assert dump(state) == dump(dict(a=np.arange(3), b=torch.ones(2)))
    assert torch.equal(pickle.loads(dump(state))['b'], state['b'])
