import numpy as np
import pytest
import torch
from mmaction.apis import inference_recognizer, init_recognizer
from mmcv.transforms import BaseTransform
from mmengine.config import Config
from mmengine.dataset import Compose
from timed_video import CONFIG, write_video

from dem_mmaction.classification import WindowClassifier


class Shift(BaseTransform):
    """Moves a sampled clip by some frames."""

    def __init__(self, by):
        self.by = by

    def transform(self, results):
        return dict(results, frame_inds=results['frame_inds'] + self.by)


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A config and a checkpoint that holds class names."""
    folder = tmp_path_factory.mktemp('trained')
    config = folder / 'net.py'
    config.write_text(CONFIG)
    torch.manual_seed(1)
    model = init_recognizer(Config.fromfile(config), device='cpu')
    model.cls_head.fc_cls.weight.data.normal_(std=3)
    names = dict(dataset_meta=dict(classes=['sit', 'run', 'wave']))
    torch.save(dict(state_dict=model.state_dict(), meta=names), folder / 'net.pth')
    return str(config), str(folder / 'net.pth')


def test_scores_are_those_of_mmaction2_on_each_window(trained, tmp_path):
    whole = write_video(tmp_path / 'whole.mp4', 40)
    # Windows of 16 frames: 0 to 15, 12 to 27, 24 to 39.
    own = WindowClassifier(*trained, stride=0.75, batch_size=2).classify(whole)
    assert own.starts == (0, 12, 24) and own.classes == ('sit', 'run', 'wave')
    model = init_recognizer(*trained, device='cpu')
    reader, sample, *others = model.cfg.test_pipeline
    sample.num_clips = 1  # frames 12 to 27
    for start, scores in zip(own.starts, own.scores, strict=True):
        steps = Compose([reader, sample, Shift(start - 12), *others])
        expected = inference_recognizer(model, whole, steps).pred_score.softmax(-1)[0]
        np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-6)
    assert own.scores.std(0).max() > 1e-3  # the windows differ


def test_names_are_given_or_numbers(trained, tmp_path):
    config, checkpoint = trained
    video = write_video(tmp_path / 'v.mp4', 20)
    given = WindowClassifier(config, checkpoint, classes=list('abc'))
    assert given.classify(video).classes == ('a', 'b', 'c')
    bare = tmp_path / 'bare.pth'
    torch.save(torch.load(checkpoint)['state_dict'], bare)
    unnamed = WindowClassifier(config, str(bare)).classify(video)
    assert unnamed.classes == ('class 0', 'class 1', 'class 2')
    with pytest.raises(ValueError, match='2 names for the 3 classes'):
        WindowClassifier(config, checkpoint, classes=['a', 'b']).classify(video)


@pytest.mark.parametrize('wrong', [dict(window=0), dict(stride=-1), dict(batch_size=0)])
def test_wrong_values_are_said_first(trained, wrong):
    (said,) = (f'{name}={value}' for name, value in wrong.items())
    with pytest.raises(ValueError, match=said):
        WindowClassifier(*trained, **wrong)


def test_a_window_has_the_seconds_it_is_given(trained, tmp_path):
    video = write_video(tmp_path / 'v.mp4', 40)
    own = WindowClassifier(*trained, window=2.0, stride=1).classify(video)
    assert own.span == 20 and own.starts == (0, 20)
