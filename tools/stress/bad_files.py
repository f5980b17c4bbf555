"""Damaged videos, decoders that abort and hang, huge frames, many files."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from forks import forked
from mmaction.registry import DATASETS
from mmengine.dataset import Compose
from resident import of_family, resident
from scenario import Outcome
from video_training import END, PIPELINE, TEST_PIPELINE
from videos import write_list, write_video

from dem_mmaction.datasets import IsolatedPipeline, VideoReadError


def _kinds(content: bytes, rng: random.Random) -> dict[str, Callable[[], bytes]]:
    """15 kinds of damage, each drawn anew."""
    n = len(content)
    spot = lambda: rng.randrange(n)  # noqa: E731

    def changed(count: int, first: int = 0) -> bytes:
        own = bytearray(content)
        for _ in range(count):
            own[rng.randrange(first, n)] = rng.randrange(256)
        return bytes(own)

    def without(size: int) -> bytes:
        start = spot()
        return content[:start] + content[start + size :]

    def boxes(value: bytes) -> bytes:
        own, kind = bytearray(content), rng.choice([b'stsz', b'stco', b'stts', b'moov'])
        at = content.find(kind)
        own[at + 4 : at + 4 + len(value)] = value
        return bytes(own)

    return {
        'empty': lambda: b'',
        'text': lambda: b'not a video\n' * rng.randint(1, 99),
        'noise': lambda: rng.randbytes(n),
        'header alone': lambda: content[: rng.randint(8, 60)],
        'cut off': lambda: content[: spot()],
        'no beginning': lambda: content[spot() :],
        'zeros in the middle': lambda: (
            content[: n // 3] + bytes(n // 3) + content[2 * n // 3 :]
        ),
        'one byte': lambda: changed(1),
        'many bytes': lambda: changed(n // 20),
        'bytes at the end': lambda: changed(40, n // 2),
        'a hole': lambda: without(rng.randint(1, n // 2)),
        'a shift': lambda: content[: n // 4] + rng.randbytes(7) + content[n // 4 :],
        'doubled': lambda: content + content[: spot()],
        'large tables': lambda: boxes(bytes(4) + b'\xff' * 8),
        'negative tables': lambda: boxes(rng.randbytes(16)),
    }


def damaged(a_kind: int = 5, seed: int = 0) -> Iterator[Outcome]:
    """75 damaged files: read or refused by name, in their time, by one process."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        content = write_video(Path(name) / 'whole.mp4', 24).read_bytes()
        reader = IsolatedPipeline(Compose(PIPELINE), 20)
        for kind, make in _kinds(content, rng).items():
            for i in range(a_kind):
                path = Path(name) / f'{kind.replace(" ", "-")}-{i}.mp4'
                path.write_bytes(make())
                start, lost = time.monotonic(), False
                try:
                    reader(
                        dict(filename=str(path), start_index=0, modality='RGB', label=0)
                    )
                    seen = 'read'
                except VideoReadError as error:
                    seen, lost = f'refused: {error.reason}', error.filename != str(path)
                took = time.monotonic() - start
                yield Outcome(
                    f'video, {kind} {i}',
                    'read, or refused by name',
                    f'{seen} in {took:.1f} s',
                    lost=lost,
                    hung=took > 30,
                )
        reader.close()


def _trouble(kind: str) -> Callable[[dict], dict]:
    def step(info: dict) -> dict:
        if info['filename'].endswith('002.mp4'):
            if kind == 'abort':
                os.abort()
            elif kind == 'segfault':
                os.kill(os.getpid(), signal.SIGSEGV)
            elif kind == 'memory':
                os.kill(os.getpid(), signal.SIGKILL)  # as Linux does
            elif kind == 'stop':
                os.kill(os.getpid(), signal.SIGSTOP)
            else:
                time.sleep(3600)
        return info

    return step


def decoders() -> Iterator[Outcome]:
    """Decoders that are lost with a file: the data set goes on, and names the file."""
    for kind in ('abort', 'segfault', 'memory', 'stop', 'hang'):
        with tempfile.TemporaryDirectory() as name:
            ann_file = write_list(Path(name), 6)
            dataset = DATASETS.build(
                dict(
                    type='VideoListDataset',
                    ann_file=str(ann_file),
                    pipeline=[_trouble(kind), *PIPELINE],
                )
            )
            dataset.guard(3.0, True)
            start = time.monotonic()
            samples = [dataset[i]['data_samples'] for i in range(6)]
            took = time.monotonic() - start
            marks = [getattr(own, 'bad_videos', []) for own in samples]
            named = [Path(path).name for own in marks for path, _ in own]
            yield Outcome(
                f'decoder, {kind}',
                'six samples, 002.mp4 named',
                f'{len(samples)} samples, {sorted(set(named))} in {took:.0f} s',
                lost=set(named) != {'002.mp4'},
                hung=took > 60,
            )


def huge() -> Iterator[Outcome]:
    """An 8K video of 3 frames with 4 clips, which took 7.1 GB."""
    with tempfile.TemporaryDirectory() as name:
        path, peak = (
            write_video(Path(name) / '8k.mp4', 3, (7680, 4320)),
            Path(name) / 'peak',
        )

        def read() -> None:
            import resource

            sample = dict(type='SampleFrames', clip_len=16, num_clips=4)
            steps = [dict(type='VideoInit'), sample, *END]
            Compose(steps)(
                dict(filename=str(path), start_index=0, modality='RGB', label=0)
            )
            peak.write_text(
                str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
            )

        code = forked(read, Path(name) / 'log')
        gb = float(peak.read_text()) if peak.exists() else float('nan')
        yield Outcome(
            '8K video, 4 clips',
            'read, below 2.5 GB',
            f'code {code}, {gb:.1f} GB at most',
            lost=code != 0 or not gb < 2.5,
            hung=code is None,
        )


def long_list(lines: int = 200_000) -> Iterator[Outcome]:
    """A list of 200,000 lines."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / 'train.txt'
        path.write_text(
            ''.join(f'class {i % 400}/{i:07}.mp4 {i % 400}\n' for i in range(lines))
        )
        before, start = resident(), time.process_time()
        dataset = DATASETS.build(
            dict(type='VideoListDataset', ann_file=str(path), pipeline=[])
        )
        took, grown = time.process_time() - start, resident() - before
        yield Outcome(
            f'a list of {lines:,} lines',
            'in 10 s of CPU, 200 MB',
            f'{took:.1f} s, {grown:.0f} MB, {len(dataset):,} entries',
            lost=len(dataset) != lines or grown > 200,
            hung=took > 10,
        )


def many_videos(count: int = 5000) -> Iterator[Outcome]:
    """5,000 videos at 10 clips and 3 rates through the guard, with flat memory."""
    sampling = dict(type='SampleFrames', clip_len=4, num_clips=10, test_mode=True)
    steps = [
        TEST_PIPELINE[0],
        dict(
            type='SampleConditions',
            conditions={
                f'sr{r}': [dict(sampling, frame_interval=r)] for r in (1, 2, 4)
            },
            decode=TEST_PIPELINE[2],
            finish=TEST_PIPELINE[3:],
        ),
    ]
    with tempfile.TemporaryDirectory() as name:
        for i in range(20):
            write_video(Path(name) / f'{i}.mp4', 24)
        ann_file = Path(name) / 'test.txt'
        ann_file.write_text(''.join(f'{i % 20}.mp4 0\n' for i in range(count)))
        dataset = DATASETS.build(
            dict(
                type='VideoListDataset',
                ann_file=str(ann_file),
                pipeline=steps,
                test_mode=True,
            )
        )
        dataset.guard(60.0, True)
        early = 0.0
        start = time.monotonic()
        for i in range(count):
            dataset[i]
            if i == count // 5:
                early = of_family()
        late = of_family()
        yield Outcome(
            f'{count:,} videos, 10 clips, 3 rates',
            'memory grows by less than 50 MB after a fifth',
            f'{late - early:+.0f} MB, {time.monotonic() - start:.0f} s',
            lost=late - early > 50,
        )
