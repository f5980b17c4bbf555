import multiprocessing
import os
import signal
import threading
import time

import pytest
import torch
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter

from dem_mmaction.datasets import Notes, WatchedLoader, WorkerLostError


class Files(Dataset):
    """Four samples; something happens at the third."""

    def __init__(self, notes, trouble):
        self.notes, self.trouble = notes, trouble

    def __len__(self):
        return 4

    def __getitem__(self, index):
        self.notes.write(torch.utils.data.get_worker_info().id, f'/videos/{index}.mp4')
        if index == 2:
            self.trouble()
        return index


def loader(trouble, patience):
    notes = Notes(1)
    plain = DataLoader(Files(notes, trouble), num_workers=1, batch_size=1)
    return WatchedLoader(plain, notes, patience)


def test_a_stopped_worker_is_named_with_its_file():
    def stop():
        os.kill(os.getpid(), signal.SIGSTOP)

    batches, seen, start = loader(stop, 2), [], time.monotonic()
    with pytest.raises(
        WorkerLostError, match=r"for 2 s: worker 0 .*stopped\) began '/videos/2.mp4'"
    ):
        for batch in batches:
            seen.append(int(batch))
    # What a killed worker has sent but not handed over is lost.
    assert seen[:1] == [0] and time.monotonic() - start < 60


def test_a_worker_that_ends_is_named_with_its_file():
    with pytest.raises(WorkerLostError, match="gone.*began '/videos/2.mp4'"):
        list(loader(lambda: os._exit(3), 60))


def test_a_worker_whose_connection_breaks_first_is_named_with_its_file(monkeypatch):
    # It dies while it hands over its batch: seen under load, played here.
    def break_off(*args):
        (worker,) = multiprocessing.active_children()
        threading.Timer(0.2, worker.kill).start()
        raise ConnectionResetError(104, 'Connection reset by peer')

    batches = iter(loader(lambda: None, 60))
    assert int(next(batches)) == 0
    monkeypatch.setattr(_MultiProcessingDataLoaderIter, '_next_data', break_off)
    with pytest.raises(WorkerLostError, match="killed.*began '/videos/"):
        next(batches)


def test_a_slow_batch_is_waited_for():
    # Longer than the time between two looks.
    batches = loader(lambda: time.sleep(1.5), 60)
    assert [int(one) for one in batches] == [0, 1, 2, 3]
    assert len(batches) == 4 and batches.num_workers == 1
