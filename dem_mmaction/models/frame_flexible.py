"""Frame Flexible Network: one network trained for several sub-sampling rates.

Zhang et al., "Frame Flexible Network", CVPR 2023. The paper's sub-networks differ in
the number of frames that they take from a video; here they differ in the interval of
the frames, of which each clip has equally many (docs/dem.md says why).
"""

from collections.abc import Sequence

from mmaction.models import Recognizer3D
from mmaction.registry import MODELS
from mmaction.utils import SampleList
from torch import Tensor
from torch.nn import functional as F

from dem_mmaction.utils import check_rates, nearest_rate

from .checks import one_of
from .rate_specific import at_rate, make_rate_specific


@MODELS.register_module()
class FrameFlexibleRecognizer3D(Recognizer3D):
    r"""``Recognizer3D`` with norms and adapters for each rate, trained on all at once.

    Training takes what :class:`SampleMultiRate` samples, clips of a moment at every
    rate. Those at the model's own rate are trained to the label, the others to the
    scores of those (the paper's multi-frequency alignment):

    .. math::
        L = \mathrm{CE}(p_{own}, y) + \lambda \sum_{r \neq own}
            \mathrm{KL}(p_{own} \,\|\, p_r), \quad p_{own} \text{ detached}

    A test takes the norms and adapters of the rate that is nearest to the clips' own.
    It finds that in their samples: ``PackActionInputs`` needs ``'frame_interval'``
    among its ``meta_keys``, in training as in tests. ``mode='tensor'`` takes those of
    the own rate.

    Args:
        rates: Sub-sampling rates, those of :class:`SampleMultiRate` in the same order.
        own_rate: The rate whose clips are trained to the label. By default the lowest,
            which sees motion in the finest steps, as the most frames do in the paper.
        distill_weight: Lambda, the weight of the divergence; 1 in the paper.
        **kwargs: Arguments of ``Recognizer3D``. A neck is not supported.

    Raises:
        ValueError: An argument is not one of those above, or the backbone has no norms
            or residual blocks that could be made for each rate.
    """

    def __init__(
        self,
        *args,
        rates: Sequence[int],
        own_rate: int | None = None,
        distill_weight: float = 1.0,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rates = check_rates(rates)
        self.own_rate = min(self.rates) if own_rate is None else own_rate
        one_of('own_rate', self.own_rate, self.rates)
        if not distill_weight >= 0:
            raise ValueError(f'distill_weight={distill_weight} must be 0 or more.')
        self.distill_weight = distill_weight
        if self.with_neck:
            raise ValueError('FrameFlexibleRecognizer3D does not support a neck.')
        make_rate_specific(self.backbone, len(self.rates))

    def loss(self, inputs: Tensor, data_samples: SampleList, **kwargs) -> dict:
        """The losses of a batch of videos.

        Args:
            inputs: Clips, (N, clips, C, rates * T, H, W): T frames at each rate.
            data_samples: One sample a video, with its label and ``frame_interval``.

        Returns:
            What the head returns for the clips at the own rate, and ``loss_kl_sr<r>``
            for each other rate r, the mean over clips of the divergence.

        Raises:
            ValueError: The clips are not sampled at the rates of this network.
        """
        found = _interval(data_samples)
        if found != self.rates:
            raise ValueError(
                f'The clips to train on are sampled at {found}, the model has rates='
                f'{list(self.rates)}: let SampleMultiRate in the training pipeline '
                'have the rates of the model, in the same order.'
            )
        by_rate = inputs.unflatten(3, (len(self.rates), -1)).movedim(3, 0)
        features, _ = self.extract_feat(by_rate.flatten(0, 1).contiguous())
        scores = self.cls_head(features).chunk(len(self.rates))
        scores = dict(zip(self.rates, scores, strict=True))
        own = scores.pop(self.own_rate)
        losses = self.cls_head.loss_by_feat(own, data_samples)
        target = own.detach().softmax(dim=-1)
        for rate, other in scores.items():
            losses[f'loss_kl_sr{rate}'] = self.distill_weight * F.kl_div(
                other.log_softmax(dim=-1), target, reduction='batchmean'
            )
        return losses

    def predict(self, inputs: Tensor, data_samples: SampleList, **kwargs) -> SampleList:
        """``Recognizer3D.predict`` with the norms and adapters of the nearest rate.

        Args:
            inputs: Clips of one rate, (N, clips, C, T, H, W).
            data_samples: One sample a video, with its ``frame_interval``.

        Raises:
            ValueError: The samples have no ``frame_interval``, or different ones.
        """
        rate = nearest_rate(self.rates, _interval(data_samples))
        with at_rate(self.backbone, self.rates.index(rate)):
            return super().predict(inputs, data_samples, **kwargs)

    def _forward(self, inputs: Tensor, *args, **kwargs) -> Tensor:
        with at_rate(self.backbone, self.rates.index(self.own_rate)):
            return super()._forward(inputs, *args, **kwargs)


def _interval(data_samples: SampleList) -> float | tuple[int, ...]:
    """The interval of frames that all samples of a batch have."""
    intervals = {sample.metainfo.get('frame_interval') for sample in data_samples}
    if None in intervals:
        raise ValueError(
            'FrameFlexibleRecognizer3D chooses its norms by the interval of the '
            "frames: add 'frame_interval' to meta_keys of PackActionInputs, behind a "
            'sampling step whose interval is fixed.'
        )
    if len(intervals) > 1:
        raise ValueError(
            f'A batch has clips of the frame intervals {sorted(intervals, key=str)}, '
            'but norms are chosen for the whole batch: test one interval at a time.'
        )
    return intervals.pop()
