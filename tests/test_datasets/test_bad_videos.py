"""What takes the place of a video that cannot be read."""

import numpy as np
import pytest
from mmaction.structures import ActionDataSample

from dem_mmaction.datasets import VideoReadError
from dem_mmaction.datasets.bad_videos import (
    NoReadableVideoError,
    at_random,
    bad_videos_of,
    sample_or_another,
)


def seeded(bad):
    """Makes samples that seed numpy by their index, as ``SeedSample`` does."""

    def prepare(index):
        np.random.seed(index)
        if index in bad:
            raise VideoReadError(str(index), 'no reason')
        return dict(data_samples=ActionDataSample(metainfo=dict(index=index)))

    return prepare


@pytest.mark.parametrize('length', range(2, 9))
def test_videos_that_would_draw_each_other_are_left(length):
    for good in range(length):
        bad = {*range(length)} - {good} if length < 4 else {0, 1}
        for index in bad:
            sample = sample_or_another(seeded(bad), index, at_random(length))
            assert sample['data_samples'].index not in bad
            assert bad_videos_of(sample)[0] == (str(index), 'no reason')


def test_what_is_drawn_is_that_of_the_sample_alone():
    found = []
    for before in (1, 2):
        np.random.seed(before)
        sample = sample_or_another(seeded({3}), 3, at_random(100))
        found.append(sample['data_samples'].index)
    assert found[0] == found[1] != 3


def test_a_list_of_bad_videos_alone_is_given_up_with_their_names():
    with pytest.raises(NoReadableVideoError, match=r'10 videos in a row.*no reason'):
        sample_or_another(seeded({0, 1}), 0, at_random(2))
