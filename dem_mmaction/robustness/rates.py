"""The test of Tables 4.1 and 4.2 of the thesis, for any MMAction2 recognizer."""

from collections.abc import Sequence

from mmengine.config import Config
from mmengine.runner import Runner

from .conditions import SamplingRate, find_sampling
from .config import config_under
from .results import RateResults


def own_rate(config: Config) -> int | float:
    """The sub-sampling rate that a config tests at: the interval of its frames.

    Raises:
        ValueError: Its test pipeline has no step that samples frames.
    """
    pipeline = config.test_dataloader.dataset.pipeline
    sampling = pipeline[find_sampling(pipeline)]
    return SamplingRate(sampling.get('frame_interval') or 1).rate


def config_at_rates(config: Config, rates: Sequence[float]) -> Config:
    """Make a config's test one at several sub-sampling rates.

    Args:
        config: A config of any MMAction2 recognizer; changed in place and returned.
        rates: Sub-sampling rates: every rate-th frame of a video. At fractions frames
            repeat.

    Raises:
        ValueError: A rate is none or given twice, or the test pipeline does not sample
            with one of those steps and decode right after it.
    """
    if not rates or len(set(rates)) < len(rates):
        raise ValueError(f'rates={list(rates)} must be different numbers above 0.')
    return config_under(config, [SamplingRate(rate) for rate in rates])


def measure_at_rates(
    config: Config, rates: Sequence[float], reference: float | None = None
) -> RateResults:
    """Test a recognizer at several sub-sampling rates in one pass over the videos.

    Args:
        config: Its config, ``load_from`` naming the checkpoint; changed in place.
        rates: Sub-sampling rates to test at.
        reference: The rate that the model was trained at; by default the config's.

    Returns:
        The results, the same in every process but for the accuracy by class, labels and
        predictions, which the main process alone has.

    Raises:
        ValueError: As in :func:`config_at_rates`.
    """
    reference = SamplingRate(reference or own_rate(config)).rate
    conditions = [SamplingRate(rate) for rate in rates]
    runner = Runner.from_cfg(config_at_rates(config, rates))
    runner.test()
    measured = runner.test_loop.results
    return RateResults(
        reference,
        {own.rate: measured[own.name] for own in conditions},
        sum(parameter.numel() for parameter in runner.model.parameters()),
        runner.test_loop.labels,
        runner.test_loop.multiply_adds,
    )
