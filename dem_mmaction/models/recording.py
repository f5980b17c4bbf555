"""Whether a network runs to be recorded."""

import torch


def is_recorded() -> bool:
    """Whether ``torch.export``, ``torch.jit.trace`` or the ONNX export is recording.

    What is recorded serves inputs of other sizes, so sizes must not choose between
    forms, and the runtime that gets it has forms of its own to choose from.
    """
    if torch.jit.is_tracing():
        return True
    # Before torch 2.7 there is no such function.
    return getattr(getattr(torch, 'compiler', None), 'is_exporting', bool)()
