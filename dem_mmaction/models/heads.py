"""Classification head that keeps the scores of every clip."""

from mmaction.models import I3DHead
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor

from .checkpoints import CLASSIFIERS, as_linear


@MODELS.register_module()
class ClipVideoHead(I3DHead):
    """``I3DHead`` that trains on several clips a video and keeps each clip's logits.

    MMAction2 gives either the mean over the clips of a video or, with
    ``average_clips=None``, the clips alone, which its metrics and inference tools do
    not understand. The thesis reports clip and video accuracy of one test run (section
    4.1.3): here ``pred_score``, (num_classes, ), is the mean of the clips' softmax as
    everywhere in MMAction2, and ``clip_logits``, (clips, num_classes), is for
    :class:`ClipVideoAccuracy`.

    A classifier that a checkpoint does not have, or has for other classes, must be
    trained before it predicts: a test would give an accuracy of chance. torchvision's
    counts as one, where it is of as many classes.

    Args:
        average_clips: What ``pred_score`` averages, as in MMAction2: ``'prob'``, the
            clips' softmax, or ``'score'``, their logits.
        **kwargs: Other arguments of ``I3DHead``.
    """

    def __init__(self, *args, average_clips: str = 'prob', **kwargs) -> None:
        super().__init__(*args, average_clips=average_clips, **kwargs)
        self._not_loaded = ''

    def adapt_checkpoint(self, state_dict: dict, prefix: str) -> None:
        """Take torchvision's classifier, or note that there is none that fits.

        Args:
            state_dict: All tensors of the checkpoint by name. It is changed.
            prefix: Beginning of the head's names in the model.
        """
        self._not_loaded = ''
        for name, own in self.fc_cls.named_parameters():
            key = f'{prefix}fc_cls.{name}'
            for classifier in CLASSIFIERS:
                theirs = state_dict.get(classifier + name)
                if (
                    key not in state_dict
                    and theirs is not None
                    and as_linear(theirs).shape == own.shape
                ):
                    state_dict[key] = as_linear(state_dict.pop(classifier + name))
            loaded = state_dict.get(key)
            if loaded is None:
                self._not_loaded = f"has no '{key}'"
            elif loaded.shape != own.shape:
                self._not_loaded = (
                    f'is of {len(loaded)} classes, this network of {self.num_classes}'
                )

    def loss_by_feat(self, cls_scores: Tensor, data_samples: SampleList) -> dict:
        """The loss of a batch, in which a video may have several clips.

        Args:
            cls_scores: Logits, (videos * clips, num_classes), clips of a video in turn.
            data_samples: One sample a video, with its label.

        Returns:
            ``loss_cls``, the mean over all clips, and MMAction2's accuracies of clips.

        Raises:
            ValueError: A label is not a class of this head.
        """
        self._not_loaded = ''  # it is trained now
        labels = [i for sample in data_samples for i in sample.gt_label.tolist()]
        if not 0 <= min(labels) <= max(labels) < self.num_classes:
            raise ValueError(
                f'Labels {min(labels)} to {max(labels)} with num_classes='
                f'{self.num_classes} of the head: labels must be 0 to '
                f'{self.num_classes - 1}. Set num_classes of cls_head and of the data '
                'sets to the number of classes.'
            )
        clips = len(cls_scores) // len(data_samples)
        data_samples = [sample for sample in data_samples for _ in range(clips)]
        return super().loss_by_feat(cls_scores, data_samples)

    def predict_by_feat(
        self, cls_scores: Tensor, data_samples: SampleList
    ) -> SampleList:
        """Add ``clip_logits`` to each sample.

        Args:
            cls_scores: Logits, (videos * clips, num_classes), clips of a video in turn.
            data_samples: One sample a video.

        Returns:
            The samples, with MMAction2's predictions, too.

        Raises:
            ValueError: The checkpoint had no such classifier, nor was it trained since.
        """
        if self._not_loaded:
            raise ValueError(
                f'The classifier is untrained: the checkpoint {self._not_loaded}. Test '
                "a checkpoint of this config's own training, or train first "
                '(load_from=... keeps what fits).'
            )
        clips = cls_scores.float().view(len(data_samples), -1, cls_scores.shape[-1])
        for sample, logits in zip(data_samples, clips, strict=True):
            sample.set_field(logits, 'clip_logits')
        return super().predict_by_feat(cls_scores, data_samples)
