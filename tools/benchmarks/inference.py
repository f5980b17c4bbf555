#!/usr/bin/env python
"""Time inference of R(2+1)D-18 on a CPU: torch, ONNX Runtime and OpenVINO.

The network without DEM and with DEM everywhere, as `tools/export.py` writes it, in
fp32, bf16 and int8, and MMAction2's ResNet2Plus1d-18 in torch. All take turns on the
same random clips. Prints the time of a batch, how many times as fast each is as the
fused network in torch and as MMAction2's (median, least and most of the passes), and by
how much its scores of random weights differ from those of torch in fp32, as part of
their deviation. `tools/test_exported.py` prints the accuracy that is left to a trained
network.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from alternating import in_turns, machine, ratio
from networks import EVERYWHERE, PEER, WITHOUT, build

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.export import FORMATS
from dem_mmaction.export.formats import OpenVino
from dem_mmaction.models import fuse
from dem_mmaction.utils import markdown_table

TORCH = 'torch fp32'
RUNTIMES = {'ONNX Runtime': FORMATS['onnx'], 'OpenVINO': OpenVino('f32')}
Scores = Callable[[np.ndarray], np.ndarray]


def in_torch(net: torch.nn.Module, dtype: torch.dtype) -> Scores:
    """A network in torch, in a precision."""

    def run(clips: np.ndarray) -> np.ndarray:
        with torch.no_grad(), torch.autocast('cpu', dtype, dtype != torch.float32):
            return net(torch.from_numpy(clips)).float().numpy()

    return run


def runtimes(
    net: torch.nn.Module, clips: torch.Tensor, folder: Path, wanted: Sequence[str]
) -> dict[str, Scores]:
    """What can run a network here, by name.

    Args:
        net: The network, fused, in eval mode.
        clips: Clips of the size that it takes.
        folder: Where files are written.
        wanted: The runtimes beside torch, of ``RUNTIMES``.
    """
    found = {
        TORCH: in_torch(net, torch.float32),
        'torch bf16': in_torch(net, torch.bfloat16),
    }
    batch = torch.cat([clips, clips])[: max(2, len(clips))]
    for name in wanted:
        chosen = RUNTIMES[name]
        try:
            chosen.check(int8=True)
        except ImportError as error:
            print(f'{name}: {error}')
            continue
        path = folder / f'net{chosen.suffix}'
        chosen.write(net, batch, path)
        found[f'{name} fp32'] = chosen.load(path)
        if name == 'OpenVINO':
            found['OpenVINO bf16'] = OpenVino('bf16').load(path)
        quantised = folder / f'int8{chosen.suffix}'
        chosen.write(net, batch, quantised)
        chosen.quantize(quantised, [torch.randn_like(clips).numpy() for _ in range(4)])
        found[f'{name} int8'] = chosen.load(quantised)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--clips', type=int, default=1, help='in a batch (default 1)')
    parser.add_argument('--frames', type=int, default=16)
    parser.add_argument('--size', type=int, default=112, help='side of a frame')
    parser.add_argument('--passes', type=int, default=11)
    names = [WITHOUT, EVERYWHERE]
    parser.add_argument('--networks', nargs='+', choices=names, default=names)
    parser.add_argument(
        '--runtimes', nargs='+', choices=RUNTIMES, default=list(RUNTIMES)
    )
    args = parser.parse_args()
    torch.manual_seed(0)
    clips = torch.randn(args.clips, 3, args.frames, args.size, args.size)
    works: dict[tuple[str, str], Scores] = {
        (PEER, TORCH): in_torch(build(PEER).eval(), torch.float32)
    }
    with tempfile.TemporaryDirectory() as folder:
        for name in args.networks:
            own = Path(folder, name.replace(' ', '_'))
            own.mkdir()
            net = fuse(build(name).eval())
            for runtime, run in runtimes(net, clips, own, args.runtimes).items():
                works[name, runtime] = run
        pixels = clips.numpy()
        seconds = in_turns(
            {
                f'{name}, {runtime}': (lambda run=run: run(pixels))
                for (name, runtime), run in works.items()
            },
            args.passes,
        )
        scores = {key: run(pixels) for key, run in works.items()}
    rows = []
    peer = seconds[f'{PEER}, {TORCH}']
    for name, runtime in works:
        own = seconds[f'{name}, {runtime}']
        expected = scores[name, TORCH]
        difference = np.abs(scores[name, runtime] - expected).max() / expected.std()
        rows.append(
            (
                name,
                runtime,
                f'{1000 * statistics.median(own):.1f}',
                ratio(seconds[f'{name}, {TORCH}'], own),
                ratio(peer, own),
                f'{difference:.1e}',
            )
        )
    print(machine())
    size = f'{args.clips}x{args.frames}x{args.size}x{args.size}'
    head = ('runtime', f'ms for {size}', 'to torch fp32', f'to {PEER}', 'difference')
    print(markdown_table(('network', *head), rows, left=2))


if __name__ == '__main__':
    main()
