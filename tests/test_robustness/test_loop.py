import torch
from mmengine.hooks import Hook
from tiny_runner import tiny_runner

CONDITIONS = dict(type='ConditionTestLoop', conditions=['sr1', 'sr3'])


class Seen(Hook):
    """Notes what it is called for."""

    def __init__(self):
        self.calls = []

    def before_test(self, runner):
        self.calls.append('before_test')

    def before_test_epoch(self, runner):
        self.calls.append('before_test_epoch')

    def before_test_iter(self, runner, batch_idx, data_batch=None):
        self.calls.append(('before_test_iter', batch_idx, sorted(data_batch)))

    def after_test_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.calls.append(('after_test_iter', batch_idx, sorted(data_batch), outputs))

    def after_test_epoch(self, runner, metrics=None):
        self.calls.append(('after_test_epoch', metrics))

    def after_test(self, runner):
        self.calls.append('after_test')


def test_hooks_are_called_as_in_any_test(tmp_path):
    runner, seen = tiny_runner(tmp_path, CONDITIONS), Seen()
    runner.register_hook(seen)
    metrics = runner.test()
    keys = ['clips', 'too_short']
    assert seen.calls == [
        'before_test',
        'before_test_epoch',
        ('before_test_iter', 0, keys),
        ('after_test_iter', 0, keys, [dict(pred=1)]),
        ('after_test_epoch', metrics),
        'after_test',
    ]
    assert metrics == {
        'sr1/videos': 1,
        'sr1/too_short': 0,
        'sr3/videos': 1,
        'sr3/too_short': 1,
    }


def test_results_are_kept_by_condition(tmp_path):
    runner = tiny_runner(tmp_path, CONDITIONS)
    runner.test()
    results = runner.test_loop.results
    assert {name: own.metrics for name, own in results.items()} == {
        'sr1': dict(videos=1),
        'sr3': dict(videos=1),
    }
    assert [own.too_short for own in results.values()] == [0, 1]
    assert not results['sr1'].classes  # a metric that gives none


def test_the_network_is_in_eval_mode_and_keeps_no_graph(tmp_path):
    runner = tiny_runner(tmp_path, CONDITIONS)
    states = []
    runner.model.register_forward_pre_hook(
        lambda model, _: states.append((model.training, torch.is_grad_enabled()))
    )
    runner.model.train()
    runner.test()
    assert states == [(False, False)] * 2
