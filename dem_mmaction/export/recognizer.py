"""An exported file in the place of a recognizer, to be tested like one."""

from collections.abc import Sequence
from pathlib import Path

import torch
from mmaction.structures import ActionDataSample
from mmengine.model import BaseModel
from torch import Tensor

from .formats import FORMATS


class ExportedRecognizer(BaseModel):
    """Runs a file of ``tools/export.py`` in MMEngine's test loop.

    Args:
        path: The file; its suffix tells the format.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No format has this suffix.
        ImportError: What runs it is not installed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"No file '{path}'.")
        by_suffix = {own.suffix: own for own in FORMATS.values()}
        if path.suffix not in by_suffix:
            raise ValueError(
                f"'{path}' must end in {', '.join(by_suffix)}, as tools/export.py "
                'writes it.'
            )
        by_suffix[path.suffix].check()
        self._run = by_suffix[path.suffix].load(path)

    def forward(
        self,
        inputs: Sequence[Tensor],
        data_samples: Sequence[ActionDataSample],
        mode: str = 'predict',
    ) -> list[ActionDataSample]:
        """Add ``pred_score``, the mean over a video's clips, and ``clip_logits``.

        Args:
            inputs: The pixels of each video, (clips, C, T, H, W).
            data_samples: One sample a video.
            mode: ``'predict'`` alone.
        """
        for clips, sample in zip(inputs, data_samples, strict=True):
            scores = torch.from_numpy(self._run(clips.float().cpu().numpy()))
            sample.set_pred_score(scores.mean(0))
            sample.set_pred_label(scores.mean(0).argmax())
            # Logarithms of scores are logits: their softmax gives the scores.
            sample.set_field(scores.clamp_min(1e-12).log(), 'clip_logits')
        return list(data_samples)
