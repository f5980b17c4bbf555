#!/usr/bin/env python
"""Feed wrong values to lists, model arguments, midplanes, checkpoints and videos.

Every case must be taken or refused by a documented exception that names what is wrong.
Any other exception is printed with the case and counts as a failure; so does a refusal
that does not name the file or the argument. The same seed gives the same cases.
"""

import argparse
import copy
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from mmaction.registry import DATASETS
from mmengine.runner import load_checkpoint

from dem_mmaction.datasets import IsolatedPipeline, VideoReadError
from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.models.midplanes import UnitSpec, resolve_midplanes
from dem_mmaction.models.stages import STAGES

ODD = [
    None, True, False, 0, 1, -1, 2, 3, 10**9, 1.5, float('nan'), float('inf'), '', '3',
    'x', 'False', b'3', [], [1], [[1]], (), ('a',), {}, {'type': 'x'}, {0: 1}, object(),
]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of cases.

    Attributes:
        run: Makes a case by a generator of random numbers, in a folder, and runs it;
            returns what it was and a word that the refusal must have.
        refusals: The exceptions that are documented.
        weight: Share of the cases.
    """

    run: Callable[[random.Random, Path], Iterator]
    refusals: tuple[type[Exception], ...]
    weight: int


def a_list(rng: random.Random, folder: Path) -> tuple[object, Callable, str]:
    """A list of lines that are nearly right."""
    pieces = ['a.mp4', 'b c.mp4', '0', '3', '-1', '1_0', 'label=3', 'k=v', '=', ' ']
    pieces += ['\t', '\x00', '\u2028', '\ufeff', '٣', '/etc/passwd', '../x', '9' * 30]
    lines = [
        ' '.join(rng.choices(pieces, k=rng.randint(0, 5)))
        for _ in range(rng.randint(0, 4))
    ]
    text = rng.choice(['\n', '\r\n', '\r']).join(lines)
    encoding = rng.choice(['utf-8', 'utf-8-sig', 'utf-16', 'utf-32', 'latin-1'])
    content = text.encode(encoding, errors='replace')
    if rng.random() < 0.2 and content:
        spot = rng.randrange(len(content))
        content = content[:spot] + bytes([rng.randrange(256)]) + content[spot + 1 :]
    path = folder / 'list.txt'
    path.write_bytes(content)

    def run() -> None:
        dataset = DATASETS.build(
            dict(type='VideoListDataset', ann_file=str(path), pipeline=[])
        )
        for index in range(len(dataset)):
            info = dataset[index]
            assert isinstance(info['label'], int) and info['label'] >= 0
            assert info['filename'].isprintable() or '\t' in info['filename'] or True

    return content, run, 'list.txt'


GOOD = dict(
    depth=10, base_channels=4, in_channels=3, unit='2plus1d', dem_stages=['conv2_x'],
    dem_units=[0], dem_cfg=dict(fusion='product'), midplanes='equivalent',
    norm_cfg=dict(type='BN3d'), act_cfg=dict(type='ReLU'), frozen_stages=-1,
    norm_eval=False, with_cp=False, channels_last=True, out_indices=(3,),
)  # fmt: skip
DEM_OPTIONS = ['fusion', 'padding_mode', 'act_place', 'norm_places', 'init_scale']
DEM_OPTIONS += ['norm_cfg', 'act_cfg', 'groups', 'reduction', 'type', 'no_such_option']


def an_argument(rng: random.Random, folder: Path) -> tuple[object, Callable, str]:
    """A network with one or two wrong arguments."""
    arguments = copy.deepcopy(GOOD)
    names = rng.sample(sorted(GOOD), rng.randint(1, 2))
    for name in names:
        arguments[name] = rng.choice(ODD)
    if rng.random() < 0.5:
        names = ['dem_cfg']
        arguments = copy.deepcopy(GOOD)
        arguments['dem_cfg'] = {rng.choice(DEM_OPTIONS): rng.choice(ODD)}
    if arguments['base_channels'] == 10**9:
        arguments['base_channels'] = 5
    if arguments['in_channels'] == 10**9:
        arguments['in_channels'] = 5

    def run() -> None:
        R2Plus1DDEM(**arguments)

    return arguments, run, ''


def midplanes(rng: random.Random, folder: Path) -> tuple[object, Callable, str]:
    """Midplanes as numbers and nested lists that are nearly right."""

    def value(depth: int = 0) -> object:
        if depth < 3 and rng.random() < 0.5:
            return [value(depth + 1) for _ in range(rng.randint(0, 3))]
        return rng.choice([*ODD, 7, 9])

    stages = [*STAGES, 'conv6_x', 0]
    cfg = {own: value() for own in rng.sample(stages, rng.randint(4, 6))}
    if rng.random() < 0.6:
        cfg = {own: value() for own in STAGES}
    if rng.random() < 0.1:
        cfg = rng.choice(ODD)
    spec = UnitSpec(
        rng.choice(STAGES), rng.randint(0, 2), rng.randint(0, 1), 8, 8, 8, 3, 3
    )

    def run() -> None:
        found = resolve_midplanes(cfg, spec)
        assert isinstance(found, int) and found >= 1

    return (cfg, spec), run, 'midplanes'


_NET: list[R2Plus1DDEM] = []


def a_checkpoint(rng: random.Random, folder: Path) -> tuple[object, Callable, str]:
    """A checkpoint with names, shapes and values that are nearly right."""
    if not _NET:
        _NET.append(R2Plus1DDEM(**GOOD))
    own = dict(_NET[0].state_dict())
    for name in rng.sample(sorted(own), rng.randint(0, 3)):
        tensor = own[name]
        own[name] = rng.choice(
            [None, 3, 'x', [1], tensor.flatten()[:1], tensor[None], tensor.double(),
             torch.zeros(0), torch.zeros(()), tensor.numpy(), {'a': tensor}]
        )  # fmt: skip
        if rng.random() < 0.3:
            del own[name]
    prefix = rng.choice(['', 'backbone.', 'module.backbone.', 'x.'])
    own = {prefix + name: tensor for name, tensor in own.items()}
    if rng.random() < 0.1:
        own[rng.choice([0, None, ('a',), 'stem.0.weight', 'stem.9.x'])] = torch.ones(1)
    whole = rng.choice(
        [own, dict(state_dict=own), dict(state_dict=list(own)), list(own), None,
         dict(state_dict=None), dict(meta={}, state_dict=own), {}, 'x']
    )  # fmt: skip
    path = folder / 'own.pth'
    torch.save(whole, path)
    content = path.read_bytes()
    if rng.random() < 0.2:
        path.write_bytes(content[: rng.randrange(len(content))])

    def run() -> None:
        load_checkpoint(copy.deepcopy(_NET[0]), str(path), map_location='cpu')

    return 'a checkpoint', run, ''


_VIDEO: list[bytes] = []
_READER: list[IsolatedPipeline] = []


def a_video(rng: random.Random, folder: Path) -> tuple[object, Callable, str]:
    """A video of which bytes were changed, left out or put in."""
    content = bytearray(_VIDEO[0])
    for _ in range(rng.choice([1, 3, 30, 300])):
        spot, how = rng.randrange(len(content)), rng.random()
        if how < 0.6:
            content[spot] = rng.randrange(256)
        elif how < 0.8:
            del content[spot : spot + rng.randrange(1, 40)]
        else:
            content[spot:spot] = rng.randbytes(rng.randrange(1, 40))
    path = folder / f'{rng.getrandbits(60):x}.mp4'
    path.write_bytes(content)

    def run() -> None:
        try:
            _READER[0](dict(filename=str(path), start_index=0, modality='RGB', label=0))
        finally:
            path.unlink()

    return path.name, run, path.name


KINDS = dict(
    lists=Kind(a_list, (ValueError,), 8),
    arguments=Kind(an_argument, (ValueError,), 5),
    midplanes=Kind(midplanes, (ValueError,), 5),
    checkpoints=Kind(a_checkpoint, (ValueError,), 2),
    videos=Kind(a_video, (VideoReadError,), 1),
)


def fuzz(name: str, cases: int, seed: int, folder: Path) -> list[str]:
    """Run cases of a kind.

    Args:
        name: One of :data:`KINDS`.
        cases: Number of cases.
        seed: Seed of the cases.
        folder: Where files are written.

    Returns:
        The failures, a line each.
    """
    kind, failures = KINDS[name], []
    if name == 'videos':
        _prepare_videos(folder)
    for number in range(cases):
        rng = random.Random(f'{seed} {name} {number}')
        case, run, word = kind.run(rng, folder)
        try:
            run()
        except kind.refusals as error:
            if type(error) not in kind.refusals or word not in str(error):
                failures.append(f'{name} {number}: {error!r} for {case!r}')
        except Exception as error:
            failures.append(f'{name} {number}: {error!r} for {case!r}')
    if name == 'videos':
        _READER.pop().close()
    return failures


def _prepare_videos(folder: Path) -> None:
    from mmengine.dataset import Compose
    from videos import write_video

    path = write_video(folder / 'whole.mp4', 12)
    _VIDEO[:] = [path.read_bytes()]
    steps = [
        dict(type='VideoInit'),
        dict(type='SampleFrames', clip_len=4, num_clips=2),
        dict(type='VideoDecode'),
        dict(type='ClipWarp', size=16, scale=(24, 24)),
    ]
    _READER[:] = [IsolatedPipeline(Compose(steps), 20)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--cases', type=int, default=21000)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--only', choices=sorted(KINDS))
    args = parser.parse_args()
    shares = {name: own.weight for name, own in KINDS.items()}
    if args.only:
        shares = {args.only: 1}
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, weight in shares.items():
            start, cases = time.time(), args.cases * weight // sum(shares.values())
            found = fuzz(name, cases, args.seed, Path(folder))
            failures += len(found)
            print('\n'.join(line[:400] for line in found[:20]))
            print(f'{name}: {cases} cases, {len(found)} failures, '
                  f'{time.time() - start:.0f} s', flush=True)  # fmt: skip
    raise SystemExit(1 if failures else 0)


if __name__ == '__main__':
    main()
