"""A trained recognizer and the names of its classes."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import numpy as np
import torch
from mmaction.apis import init_recognizer
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.runner import load_checkpoint

from dem_mmaction.utils import pipeline_of_test

from .timeline import Timeline
from .windows import FramesOnce, WindowPipeline, window_starts


class WindowClassifier:
    """Classifies the windows of videos by a recognizer.

    Args:
        config: Config of the recognizer, or its path.
        checkpoint: Its checkpoint. Those that MMEngine writes hold the names of the
            classes where the data set of the training named them.
        classes: Names of the classes in label order. By default those in the
            checkpoint; where there are none, ``class 0``, ``class 1`` ...
        window: Seconds of a window. By default it is as long as a clip.
        stride: Distance between windows, as part of a window, default 0.5.
        batch_size: Windows that the network takes at a time, default 8.
        device: Where it runs. By default a GPU where there is one.

    Raises:
        ValueError: A value is outside its range, the pipeline has no windows (see
            :class:`WindowPipeline`), or nothing of the checkpoint fits the network.
    """

    def __init__(
        self,
        config: Config | str,
        checkpoint: str,
        classes: Sequence[str] | None = None,
        window: float | None = None,
        stride: float = 0.5,
        batch_size: int = 8,
        device: str | None = None,
    ) -> None:
        for name, value in (('window', window), ('stride', stride)):
            if value is not None and not value > 0:
                raise ValueError(f'{name}={value} must be above 0.')
        if batch_size < 1:
            raise ValueError(f'batch_size={batch_size} must be at least 1.')
        self._window, self._stride, self._batch_size = window, stride, batch_size
        device = device or ('cuda' if torch.cuda.is_available() else 'cpu')
        self._model = init_recognizer(config, None, device=device)
        loaded = load_checkpoint(self._model, str(checkpoint), map_location='cpu')
        if self._model.cls_head.average_clips is None:  # it would give logits
            self._model.cls_head.average_clips = 'prob'
        meta = loaded.get('meta') or {}
        self.classes = classes or (meta.get('dataset_meta') or {}).get('classes')
        self._pipeline(1)  # a wrong config is said before the first video

    def _pipeline(self, fps: float) -> WindowPipeline:
        window = None if self._window is None else max(1, round(self._window * fps))
        return WindowPipeline(pipeline_of_test(self._model.cfg), window)

    def classify(
        self, path: str, progress: Callable[[Iterable], Iterable] = iter
    ) -> Timeline:
        """Classify the windows of a video.

        Args:
            path: The video.
            progress: Shows how far it is, such as ``tqdm``: it is given the windows
                and gives them one by one.

        Returns:
            Their scores over time.

        Raises:
            FileNotFoundError: There is no such file.
            VideoReadError: It cannot be read.
            ValueError: The network's classes are not as many as their names.
        """
        video = FramesOnce(path)
        pipeline = self._pipeline(video.fps)
        stride = max(1, round(self._stride * pipeline.span))
        starts = window_starts(video.frames, pipeline.span, stride)
        samples = (pipeline(video, start) for start in progress(starts))
        scores = []
        while batch := list(islice(samples, self._batch_size)):
            with torch.no_grad():
                predicted = self._model.test_step(pseudo_collate(batch))
            scores += [own.pred_score.float().cpu().numpy() for own in predicted]
        return Timeline(
            video=video.path,
            fps=video.fps,
            frames=video.frames,
            span=pipeline.span,
            starts=tuple(starts),
            scores=np.stack(scores),
            classes=self._names(len(scores[0])),
        )

    def _names(self, number: int) -> tuple[str, ...]:
        names = self.classes or [f'class {label}' for label in range(number)]
        if len(names) != number:
            raise ValueError(
                f'{len(names)} names for the {number} classes of the network: give as '
                'many, in label order.'
            )
        return tuple(names)
