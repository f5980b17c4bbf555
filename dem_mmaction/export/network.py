"""A recognizer as one function of clips."""

import torch
from torch import Tensor, nn

from dem_mmaction import models


class ClipClassifier(nn.Module):
    """A trained ``Recognizer3D``, from the pixels of clips to the scores of classes.

    What MMAction2 does in several objects is one graph here: the normalisation of its
    data preprocessor, the backbone with folded norms (:func:`fuse`), the neck, the head
    and a softmax. Each clip is scored by itself; the score of a video is the mean over
    its clips, as with ``average_clips='prob'``.

    Input: (N, C, T, H, W), pixels from 0 to 255, float32, in the order of channels that
    the config's pipeline gives, which is RGB. Output: (N, classes), each row sums to 1.

    Args:
        recognizer: A ``Recognizer3D`` with its weights; it is not changed.

    Raises:
        ValueError: It is none, or its preprocessor does more than to normalise.
    """

    def __init__(self, recognizer: nn.Module) -> None:
        super().__init__()
        kind = type(recognizer).__name__
        if kind != 'Recognizer3D':
            raise ValueError(f'A {kind} cannot be exported: it must be a Recognizer3D.')
        preprocessor = recognizer.data_preprocessor
        for name, needed in (('to_rgb', False), ('format_shape', 'NCTHW')):
            own = getattr(preprocessor, name)
            if own != needed:
                raise ValueError(
                    f'data_preprocessor.{name}={own!r} cannot be exported, only '
                    f'{needed!r}.'
                )
        fused = models.fuse(recognizer)
        self.backbone, self.cls_head = fused.backbone, fused.cls_head
        self.neck = fused.neck if fused.with_neck else None
        shape = (1, -1, 1, 1, 1)
        normalises = preprocessor._enable_normalize
        mean = preprocessor.mean if normalises else torch.zeros(1)
        std = preprocessor.std if normalises else torch.ones(1)
        self.register_buffer('mean', mean.detach().float().reshape(shape).clone())
        self.register_buffer('std', std.detach().float().reshape(shape).clone())
        self.eval()

    def forward(self, clips: Tensor) -> Tensor:
        """The scores of clips."""
        features = self.backbone((clips - self.mean) / self.std)
        if self.neck is not None:
            features, _ = self.neck(features)
        return self.cls_head(features).softmax(dim=1)
