"""Predictions that MMAction2's ``test.py --dump`` wrote, read without executing them.

A pickle is a program: ``pickle.load`` runs whatever a file tells it to. The dump of
predictions needs tensors, arrays and Python's own values, and no more is let in.
"""

import functools
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch


def _storage(content: bytes) -> Any:
    """What ``torch.storage._load_from_bytes`` returns, without running its pickle."""
    return torch.load(io.BytesIO(content), map_location='cpu', weights_only=True)


def _bytes(text: str, encoding: str) -> bytes:
    """What ``_codecs.encode`` returns for bytes in a pickle of protocol 2."""
    if encoding != 'latin1':
        raise pickle.UnpicklingError(f'it asks for the encoding {encoding!r}')
    return text.encode('latin1')


@functools.cache
def _allowed() -> dict[tuple[str, str], Callable]:
    core = np.core if np.lib.NumpyVersion(np.__version__) < '2.0.0' else np._core
    allowed: dict[tuple[str, str], Callable] = {
        ('torch.storage', '_load_from_bytes'): _storage,
        ('torch._utils', '_rebuild_tensor_v2'): torch._utils._rebuild_tensor_v2,
        ('torch._utils', '_rebuild_parameter'): torch._utils._rebuild_parameter,
        ('torch', 'device'): torch.device,
        ('torch', 'Size'): torch.Size,
        ('collections', 'OrderedDict'): dict,
        ('_codecs', 'encode'): _bytes,
        ('numpy', 'ndarray'): np.ndarray,
        ('numpy', 'dtype'): np.dtype,
    }
    # numpy 1 and 2 keep them in modules of different names: read both.
    for function in (core.multiarray._reconstruct, core.multiarray.scalar):
        for package in ('numpy.core', 'numpy._core'):
            allowed[f'{package}.multiarray', function.__name__] = function
    for package in ('numpy.core', 'numpy._core'):  # of protocol 5
        allowed[f'{package}.numeric', '_frombuffer'] = core.numeric._frombuffer
    return allowed


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _allowed()[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f'it asks for {module}.{name}, which no dump of predictions needs'
            ) from None


def read_dump(path: str | Path) -> list[dict]:
    """Read a dump of predictions.

    Args:
        path: The pickle file.

    Returns:
        A dict a video, with tensors.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is damaged, asks for anything but tensors, arrays and plain
            values, or is no list of dicts; names the file.
    """
    with open(path, 'rb') as file:
        try:
            found = _Unpickler(file).load()
        except Exception as error:  # a damaged pickle raises almost any
            reason = str(error) or type(error).__name__
            raise ValueError(
                f"'{path}' is no dump of predictions: {reason}."
            ) from error
    if not isinstance(found, list) or not all(isinstance(own, dict) for own in found):
        raise ValueError(f"'{path}' is no dump of predictions: no list of dicts.")
    return found
