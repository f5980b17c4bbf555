import pytest
import torch
from torch.nn import functional as F

from dem_mmaction.models.pooling import pool


@pytest.mark.parametrize(
    'kernel, stride, padding',
    [
        (3, 2, 1),
        (2, 2, 0),
        ((1, 3, 3), (1, 2, 2), (0, 1, 1)),
        ((2, 1, 1), (2, 1, 1), 0),
    ],
)
def test_is_max_pooling(kernel, stride, padding):
    x = torch.randn(2, 3, 5, 6, 7)
    expected = F.max_pool3d(x, kernel, stride, padding)
    assert torch.equal(pool(x, kernel, stride), expected)


def test_leaves_single_frames_and_pixels_alone():
    x = torch.randn(2, 3, 1, 1, 4)
    assert pool(x, 2, 2).shape == (2, 3, 1, 1, 2)
    assert torch.equal(pool(x, (2, 1, 1), (2, 1, 1)), x)
