import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from video_training import PIPELINE, TEST_PIPELINE, loader, video_runner
from videos import write_list, write_video

from dem_mmaction.datasets import NoReadableVideoError, VideoReadError
from dem_mmaction.engine import BadVideosHook, TooManyBadVideosError

HOOK = dict(type='BadVideosHook', max_share=0.3, limit=20)


@pytest.fixture
def videos(tmp_path):
    return write_list(tmp_path / 'videos', 8, bad=(3, 6))


def with_trouble(step):
    """The pipeline with a step before it."""
    return [step, *PIPELINE]


def abort_at_5(info):
    if info['filename'].endswith('005.mp4'):
        os.abort()
    return info


def names(text):
    return sorted(Path(line.split('\t')[1]).name for line in text.splitlines())


@pytest.mark.parametrize('workers', [0, 2])
def test_training_replaces_them_and_names_each_once(videos, tmp_path, workers, capsys):
    train = loader(videos, with_trouble(abort_at_5), workers)
    hook = dict(HOOK, max_share=0.4)
    runner = video_runner(tmp_path / 'w', train, epochs=3, custom_hooks=[hook])
    runner.train()
    assert runner.iter == 12
    seen = Counter(Path(own).name for own in runner.model.files)
    assert sum(seen.values()) == 24
    assert not set(seen) & {'003.mp4', '005.mp4', '006.mp4'}
    # Every other video is there in each epoch, and nine draws replace the bad ones.
    assert all(seen[f'00{i}.mp4'] >= 3 for i in (0, 1, 2, 4, 7))
    text = (tmp_path / 'w/bad_videos.txt').read_text()
    assert names(text) == ['003.mp4', '005.mp4', '006.mp4']
    assert 'it crashed the decoder (SIGABRT)' in text
    out = capsys.readouterr().out  # MMEngine's logger, which pytest does not get
    said = [line for line in out.splitlines() if 'cannot be read' in line]
    assert len(said) == 3 and 'in train so far: 3' in said[-1]


def test_what_is_drawn_instead_is_the_same_each_time(videos, tmp_path):
    files = []
    for name in 'ab':
        runner = video_runner(
            tmp_path / name,
            loader(videos, workers=1),
            epochs=2,
            custom_hooks=[HOOK, dict(type='ReseedEpochHook')],
        )
        runner.train()
        files.append(runner.model.files)
    assert files[0] == files[1] and len(set(files[0])) > 2


@pytest.mark.parametrize('limit', [20, None])
def test_without_a_limit_videos_are_read_in_this_process(videos, tmp_path, limit):
    read_here = []

    def note(info):
        read_here.append(info['filename'])
        return info

    train = loader(videos, with_trouble(note), 0)
    hook = dict(HOOK, limit=limit)
    video_runner(tmp_path / 'w', train, epochs=1, custom_hooks=[hook]).train()
    assert bool(read_here) == (limit is None)
    text = (tmp_path / 'w/bad_videos.txt').read_text()
    assert names(text) == ['003.mp4', '006.mp4']  # either way they are replaced


@pytest.mark.parametrize('workers', [0, 1])
def test_in_a_process_or_not_batches_are_the_same_to_the_bit(videos, workers):
    files, clips = [], []
    for limit in (20, None):
        torch.manual_seed(0), np.random.seed(0)  # of workers and of this process
        config = dict(loader(videos, workers=workers), batch_size=4)
        own = Runner.build_dataloader(config, seed=0)
        own.dataset.guard(limit, replace=True)
        batches = [batch for _ in range(2) for batch in own]
        files.append([one.filename for own in batches for one in own['data_samples']])
        clips.append([torch.stack(own['inputs']) for own in batches])
    assert files[0] == files[1]
    assert len(clips[0]) == 4
    torch.testing.assert_close(clips[0], clips[1], rtol=0, atol=0)


def test_samples_that_seed_themselves_are_all_read_by_one_process(tmp_path):
    videos = write_list(tmp_path / 'videos', 8)
    weights, read_by = [], []
    for limit in (20, None):
        pids = tmp_path / f'pids_{limit}'

        def note(info, pids=pids):
            with pids.open('a') as file:
                file.write(f'{os.getpid()}\n')
            return info

        hooks = [dict(HOOK, limit=limit), dict(type='ReseedEpochHook')]
        train = loader(videos, with_trouble(note), workers=1)
        runner = video_runner(
            tmp_path / f'{limit}', train, epochs=2, custom_hooks=hooks
        )
        runner.train()
        weights.append(runner.model.weight.weight.detach())
        read_by.append(Counter(pids.read_text().split()))
    # The child of the worker, or the worker.
    assert [sorted(own.values()) for own in read_by] == [[16], [16]]
    torch.testing.assert_close(*weights, rtol=0, atol=0)


def children():
    """The processes that this one has started and that are still there."""
    tasks = Path('/proc/self/task').iterdir()
    return {pid for own in tasks for pid in (own / 'children').read_text().split()}


def test_no_process_is_left_after_a_training_and_a_test(videos, tmp_path):
    before, test = children(), loader(videos, TEST_PIPELINE)
    seen = []

    class Look(Hook):
        def after_train_iter(self, runner, *args, **kwargs):
            seen.append(children() - before)

        after_test_iter = after_train_iter

    hooks = [HOOK, Look()]
    runner = video_runner(tmp_path, loader(videos), test=test, custom_hooks=hooks)
    for run in (runner.train, runner.test, runner.test):
        run()
        assert seen.pop() and not children() - before


def test_too_many_end_the_training_with_the_list(videos, tmp_path):
    runner = video_runner(
        tmp_path, loader(videos), custom_hooks=[dict(HOOK, max_share=0.2)]
    )
    with pytest.raises(TooManyBadVideosError, match='2 of 8 .*003.mp4|006.mp4.*'):
        runner.train()


def test_a_resumed_training_knows_those_of_before(videos, tmp_path, capsys):
    for _ in range(2):
        capsys.readouterr()
        video_runner(tmp_path, loader(videos), custom_hooks=[HOOK]).train()
    assert 'cannot be read' not in capsys.readouterr().out
    assert len(names((tmp_path / 'bad_videos.txt').read_text())) == 2


@pytest.mark.parametrize('workers', [0, 1])
def test_strict_stops_at_the_first_with_its_name(videos, tmp_path, workers):
    runner = video_runner(
        tmp_path,
        loader(videos, workers=workers),
        custom_hooks=[dict(HOOK, strict=True)],
    )
    # torch hands on the text of a worker's error, and its type where it can.
    with pytest.raises((VideoReadError, RuntimeError), match=r'00[36].mp4'):
        runner.train()
    assert not (tmp_path / 'bad_videos.txt').exists()


def test_a_list_of_which_nothing_is_there_ends_at_once(videos, tmp_path):
    for path in videos.parent.glob('*.mp4'):
        path.unlink()
    runner = video_runner(tmp_path, loader(videos), custom_hooks=[dict(HOOK)])
    with pytest.raises(NoReadableVideoError, match='10 videos in a row.*No such file'):
        runner.train()


def test_a_test_leaves_them_out(videos, tmp_path, capsys):
    runner = video_runner(
        tmp_path / 'w', test=loader(videos, TEST_PIPELINE), custom_hooks=[HOOK]
    )
    metrics = runner.test()
    assert 'Accuracy is that of 6 of 8 videos. Not read: ' in capsys.readouterr().out
    assert names((tmp_path / 'w/bad_videos.txt').read_text()) == ['003.mp4', '006.mp4']
    lines = videos.read_text().splitlines()
    good = tmp_path / 'videos/good.txt'
    good.write_text('\n'.join(lines[i] for i in (0, 1, 2, 4, 5, 7)))
    other = video_runner(tmp_path / 'o', test=loader(good, TEST_PIPELINE)).test()
    assert metrics == other
    assert [own['videos'] for own in per_class(runner)] == [3, 3]


def per_class(runner):
    return runner.test_loop.evaluator.metrics[0].per_class.values()


def test_a_metric_that_counts_all_videos_gets_no_other(videos, tmp_path):
    runner = video_runner(
        tmp_path,
        test=loader(videos, TEST_PIPELINE),
        test_evaluator=dict(type='AccMetric'),
        custom_hooks=[HOOK],
    )
    with pytest.raises(VideoReadError, match='003.mp4'):
        runner.test()


@pytest.mark.parametrize(
    'wrong', [dict(max_share=2), dict(max_share=-0.1), dict(limit=0)]
)
def test_wrong_values_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BadVideosHook(**wrong)


def test_a_list_without_bad_videos_trains_as_without_the_hook(tmp_path):
    ann_file = write_list(tmp_path / 'videos', 4)
    weights = []
    for hooks in ([], [HOOK]):
        runner = video_runner(
            tmp_path / f'{len(hooks)}', loader(ann_file), custom_hooks=hooks
        )
        runner.train()
        weights.append(runner.model.weight.weight.tolist())
    assert weights[0] == weights[1]
    assert not (tmp_path / '1/bad_videos.txt').exists()


def test_frames_of_many_pixels_are_made_smaller(tmp_path):
    from mmaction.registry import TRANSFORMS

    path = write_video(tmp_path / 'big.mp4', 3, (64, 48))
    opened = TRANSFORMS.build(dict(type='VideoInit'))(dict(filename=str(path)))
    opened['frame_inds'] = [0, 1, 2, 2, 1]
    import numpy as np

    def read(**kwargs):
        opener = TRANSFORMS.build(dict(type='VideoInit'))
        decoder = TRANSFORMS.build(dict(type='VideoDecode', **kwargs))
        info = opener(dict(filename=str(path)))
        return decoder(dict(info, frame_inds=np.array([0, 1, 2, 2, 1])))

    whole, small = read(), read(max_pixels=32 * 24)
    assert whole['imgs'][0].shape == (48, 64, 3) and small['img_shape'] == (24, 32)
    for own, big in zip(small['imgs'], whole['imgs'], strict=True):
        means = big.reshape(24, 2, 32, 2, 3).mean(axis=(1, 3))
        assert abs(own - means).max() <= 1
    with pytest.raises(ValueError, match='max_pixels=0'):
        TRANSFORMS.build(dict(type='VideoDecode', max_pixels=0))
