import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from recognizers import CLIPS, PIXELS, clips, recognizer

from dem_mmaction.export import ClipClassifier


@pytest.mark.parametrize('preprocessor', [PIXELS, CLIPS])
def test_scores_are_those_of_mmaction2(preprocessor):
    model = recognizer(preprocessor)
    videos = clips(6).unflatten(0, (2, 3))  # two of three clips
    if preprocessor is CLIPS:
        videos = (videos - 127) / 58
    samples = [ActionDataSample().set_gt_label(0) for _ in videos]
    data = dict(inputs=list(videos), data_samples=samples)
    expected = torch.stack([own.pred_score for own in model.test_step(data)])
    scores = ClipClassifier(model)(videos.flatten(0, 1)).unflatten(0, (2, 3)).mean(1)
    torch.testing.assert_close(scores, expected)
    assert expected.std() > 1e-3  # of some interest
    assert model.backbone.conv1.conv.bn_s.weight.requires_grad  # not changed


def test_what_cannot_be_exported_is_named():
    stock = dict(type='ResNet', depth=18, pretrained=None)
    head = dict(type='TSNHead', num_classes=5, in_channels=512)
    model = MODELS.build(dict(type='Recognizer2D', backbone=stock, cls_head=head))
    with pytest.raises(ValueError, match='A Recognizer2D cannot be exported'):
        ClipClassifier(model)
    for wrong in (dict(to_rgb=True), dict(format_shape='NCHW')):
        (said,) = (f'{name}={value!r}' for name, value in wrong.items())
        with pytest.raises(ValueError, match=said):
            ClipClassifier(recognizer({**PIXELS, **wrong}))
