"""A test at several sub-sampling rates in one pass over the videos."""

from pathlib import Path

import torch
from mmaction.registry import LOOPS
from mmengine import dist
from mmengine.runner import Runner, TestLoop, autocast
from torch.utils.data import DataLoader

# Arguments of metrics that name a file to write: each rate gets one of its own.
_FILES = ('per_class_file', 'out_file_path')


@LOOPS.register_module()
class RateTestLoop(TestLoop):
    """Test on what :class:`SampleRates` returns, each rate with its own evaluator.

    Metrics are those of the config's evaluator, their names behind ``sr<rate>/``, and
    ``sr<rate>/too_short``, how many videos are shorter than one clip at that rate. A
    file that a metric writes gets ``_sr<rate>`` at the end of its name.

    Args:
        runner: The runner.
        dataloader: The test loader, or its config.
        evaluator: The config of the evaluator; built once a rate.
        rates: The rates of ``SampleRates``.
        fp16: Test in mixed precision.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        evaluator: dict | list,
        rates: list[int],
        fp16: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        meta = self.evaluator.dataset_meta
        self.evaluators = {
            str(rate): runner.build_evaluator(_of_rate(evaluator, rate))
            for rate in rates
        }
        for built in self.evaluators.values():
            built.dataset_meta = meta

    def run(self) -> dict[str, float]:
        """Test; the metrics of all rates, the same in every process."""
        self.runner.call_hook('before_test')
        self.runner.call_hook('before_test_epoch')
        self.runner.model.eval()
        self.short = dict.fromkeys(self.evaluators, 0)
        for idx, data_batch in enumerate(self.dataloader):
            self.run_iter(idx, data_batch)

        videos = len(self.dataloader.dataset)
        metrics = {}
        for rate, evaluator in self.evaluators.items():
            for name, value in evaluator.evaluate(videos).items():
                metrics[f'sr{rate}/{name}'] = value
            count = torch.tensor(self.short[rate])
            dist.all_reduce(count)
            metrics[f'sr{rate}/too_short'] = min(int(count), videos)
        self.runner.call_hook('after_test_epoch', metrics=metrics)
        self.runner.call_hook('after_test')
        return metrics

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Test a batch of videos at every rate."""
        self.runner.call_hook('before_test_iter', batch_idx=idx, data_batch=data_batch)
        outputs = []
        for rate, evaluator in self.evaluators.items():
            with autocast(enabled=self.fp16):
                outputs = self.runner.model.test_step(data_batch[rate])
            evaluator.process(data_samples=outputs, data_batch=data_batch[rate])
            self.short[rate] += sum(map(int, data_batch['too_short'][rate]))
        self.runner.call_hook(
            'after_test_iter', batch_idx=idx, data_batch=data_batch, outputs=outputs
        )


def _of_rate(evaluator: dict | list, rate: int) -> dict | list:
    """The config of an evaluator whose files are named after a rate."""
    if isinstance(evaluator, (list, tuple)):
        return [_of_rate(metric, rate) for metric in evaluator]
    files = {key: Path(evaluator[key]) for key in _FILES if evaluator.get(key)}
    return dict(
        evaluator,
        **{
            key: str(path.with_name(f'{path.stem}_sr{rate}{path.suffix}'))
            for key, path in files.items()
        },
    )
