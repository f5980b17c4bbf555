"""Processes that do not outlive the one that started them."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Let Linux end this process once the thread that started it is gone.

    A parent that is killed takes no leave: its trainings would go on beside those of
    the next call, and its workers would wait for work for ever. Call it in the child:
    as ``preexec_fn`` of :class:`subprocess.Popen`, or first of all in a worker. On
    other systems it does nothing.

    Args:
        with_signal: What the process gets. torchrun ends its own children on SIGTERM.
    """
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(with_signal))
