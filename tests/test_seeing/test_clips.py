import pytest
import torch
from timed_video import FPS

from dem_mmaction.seeing import ClipMaker


@pytest.fixture
def make(config):
    return ClipMaker(config.test_pipeline)


@pytest.mark.parametrize(
    'rate, expected',
    [
        (1, [22, 24, 26, 28, 30, 32, 34, 36]),
        (2, [14, 18, 22, 26, 30, 34, 38, 42]),
        (0.5, [26, 27, 28, 29, 30, 31, 32, 33]),
        (8, [0, 0, 0, 14, 30, 46, 59, 59]),  # the ends repeat
    ],
)
def test_the_frame_in_the_middle_is_the_same_at_every_rate(make, video, rate, expected):
    clip = make(video, rate)
    assert (clip.seconds * FPS).round().astype(int).tolist() == expected
    assert clip.frames.shape == (8, 32, 32, 3)
    middle = make(video, 1).frames[4]
    assert (clip.frames[4] == middle).all()


def test_the_middle_can_be_chosen(make, video):
    clip = make(video, 1, middle=2.05)
    assert clip.seconds[4] == pytest.approx(2.0)
    with pytest.raises(ValueError, match=r"9 s is not in '.*', which has 6.00 s"):
        make(video, 1, middle=9)
    with pytest.raises(ValueError, match='rate=0 must be above 0'):
        make(video, 0)


def test_it_is_what_the_pipeline_makes(config, make, video):
    from mmengine.dataset import Compose

    sampling = config.test_pipeline[1]
    sampling.num_clips = 1
    results = dict(filename=video, start_index=0, modality='RGB', label=-1)
    expected = Compose(config.test_pipeline)(results)
    # MMAction2's one clip of a test begins in the middle of what is left beside it.
    first = (60 - 8 * 2 + 1) / 2
    sample = make(video, 1, middle=(int(first) + 4 * 2) / FPS).sample
    assert torch.equal(sample['inputs'], expected['inputs'])


def test_pipelines_without_such_clips_are_refused(config):
    pipeline = config.test_pipeline
    with pytest.raises(ValueError, match='SampleFrames or Dense.*it has'):
        ClipMaker([pipeline[0], *pipeline[2:]])
    with pytest.raises(ValueError, match="decodes frames.*'SampleFrames'"):
        ClipMaker([*pipeline[:2], *pipeline[3:]])
