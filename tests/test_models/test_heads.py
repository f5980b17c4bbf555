import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from torch.nn.functional import cross_entropy


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
    head, stock = (
        MODELS.build(dict(type=type, num_classes=5, in_channels=8, dropout_ratio=0))
        for type in ('ClipVideoHead', 'I3DHead')
    )
    stock.load_state_dict(head.state_dict())
    features = torch.randn(2, 8, 1, 2, 2)
    losses = []
    for trained in (head, stock):
        samples = [ActionDataSample().set_gt_label(i) for i in (3, 1)]
        losses.append(trained.loss(features, samples))
        losses[-1]['loss_cls'].backward()
    assert losses[0] == losses[1] and 'top1_acc' in losses[0]
    for ours, theirs in zip(head.parameters(), stock.parameters(), strict=True):
        assert ours.grad.abs().sum() > 0
        assert torch.equal(ours.grad, theirs.grad)


def test_every_clip_of_a_video_is_trained_to_its_label():
    torch.manual_seed(0)
    head = MODELS.build(dict(type='ClipVideoHead', num_classes=5, in_channels=8))
    logits = 3 * torch.randn(6, 5, requires_grad=True)  # two videos of three clips
    samples = [ActionDataSample().set_gt_label(label) for label in (3, 1)]
    losses = head.loss_by_feat(logits, samples)
    labels = torch.tensor([3, 1]).repeat_interleave(3)
    assert torch.equal(losses['loss_cls'], cross_entropy(logits, labels))
    right = (logits.argmax(1) == labels).double().mean()
    assert losses['top1_acc'].item() == pytest.approx(right.item())


def test_label_outside_the_classes_is_named():
    head = MODELS.build(dict(type='ClipVideoHead', num_classes=5, in_channels=8))
    for labels, named in (((1, 5), '1 to 5'), ((-1, 0), '-1 to 0')):
        samples = [ActionDataSample().set_gt_label(i) for i in labels]
        with pytest.raises(ValueError, match=f'{named} with num_classes=5.*0 to 4'):
            head.loss(torch.randn(2, 8, 1, 2, 2), samples)
