import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample


def test_keeps_clips_beside_the_video_score():
    torch.manual_seed(0)
    args = dict(num_classes=5, in_channels=8)
    head = MODELS.build(dict(type='ClipVideoHead', **args)).eval()
    stock = MODELS.build(dict(type='I3DHead', average_clips='prob', **args)).eval()
    head.init_weights()
    stock.load_state_dict(head.state_dict())
    features = torch.randn(6, 8, 2, 3, 3)  # two videos of three clips

    ours = head.predict(features, [ActionDataSample() for _ in range(2)])
    theirs = stock.predict(features, [ActionDataSample() for _ in range(2)])
    logits = head(features).view(2, 3, 5)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert torch.equal(a.pred_score, b.pred_score)
        assert torch.equal(a.pred_label, b.pred_label)
        assert torch.equal(a.clip_logits, logits[i])


def test_trains_like_the_stock_head():
    head = MODELS.build(dict(type='ClipVideoHead', num_classes=5, in_channels=8))
    samples = [ActionDataSample().set_gt_label(i) for i in range(2)]
    head.loss(torch.randn(2, 8, 1, 2, 2), samples)['loss_cls'].backward()
    assert head.fc_cls.weight.grad is not None


def test_label_outside_the_classes_is_named():
    head = MODELS.build(dict(type='ClipVideoHead', num_classes=5, in_channels=8))
    samples = [ActionDataSample().set_gt_label(i) for i in (1, 5)]
    with pytest.raises(ValueError, match='Labels 1 to 5 with num_classes=5.*0 to 4'):
        head.loss(torch.randn(2, 8, 1, 2, 2), samples)
