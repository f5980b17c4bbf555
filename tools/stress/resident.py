"""What processes hold in memory."""

import os
from pathlib import Path


def resident(pid: int | str = 'self') -> float:
    """Resident memory of a process in MB."""
    pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


def of_family() -> float:
    """Resident memory of this process and of those that its main thread started."""
    children = Path(f'/proc/self/task/{os.getpid()}/children').read_text()
    return resident() + sum(map(resident, children.split()))
