import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch

from dem_mmaction.evaluation import evaluate_dump
from dem_mmaction.evaluation.dump import read_dump


def sample(**kwargs):
    own = dict(
        clip_logits=torch.tensor([[2.0, 0.0], [1.0, 3.0]]), gt_label=torch.tensor([0])
    )
    return {**own, **kwargs}


@pytest.mark.parametrize('protocol', [2, 4, 5])
def test_what_mmaction2_dumps_is_read(tmp_path, protocol):
    odd = dict(
        a=np.float32(3),
        b=np.arange(4),
        c=OrderedDict(x=1),
        d=torch.arange(6)[1:5].view(2, 2),
    )
    path = tmp_path / 'dump.pkl'
    path.write_bytes(pickle.dumps([sample(**odd)], protocol))
    (found,) = read_dump(path)
    assert found['d'].tolist() == [[1, 2], [3, 4]] and found['b'].tolist() == [
        0,
        1,
        2,
        3,
    ]
    assert (found['a'], found['c']) == (3, dict(x=1))
    # Softmax of the clips, averaged: the second clip is surer of class 1.
    assert (
        evaluate_dump(path)['video/top1'] == 0
        and evaluate_dump(path)['clip/top1'] == 0.5
    )


class Payload:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def nested(mark):
    import io

    file = io.BytesIO()
    torch.save(Payload(os.mkdir, mark), file)
    return Payload(torch.storage._load_from_bytes, file.getvalue())


@pytest.mark.parametrize(
    'make',
    [
        lambda mark: Payload(os.mkdir, mark),
        lambda mark: Payload(eval, f'open({mark!r}, "w")'),
        lambda mark: Payload(getattr, Payload, '__reduce__'),
        nested,
    ],
)
def test_nothing_is_executed(tmp_path, make):
    path, mark = tmp_path / 'dump.pkl', tmp_path / 'mark'
    path.write_bytes(pickle.dumps([sample(a=make(str(mark)))]))
    with pytest.raises(ValueError, match="dump.pkl' is no dump of predictions"):
        evaluate_dump(path)
    assert not mark.exists()


@pytest.mark.parametrize('content', [b'', b'text', pickle.dumps(3), pickle.dumps([3])])
def test_other_files_are_named(tmp_path, content):
    path = tmp_path / 'dump.pkl'
    path.write_bytes(content)
    with pytest.raises(ValueError, match="dump.pkl' is no dump"):
        read_dump(path)
