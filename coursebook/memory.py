"""How much memory a process has had, and how much Binder grants."""

from pathlib import Path

#: Of server and kernel together.
BINDER_MEBIBYTES = 1024
#: What `scripts/binder_trial.py` measures of the server alone, an open notebook included.
SERVER_MEBIBYTES = 120
KERNEL_MEBIBYTES = BINDER_MEBIBYTES - SERVER_MEBIBYTES


def peak_mebibytes(pid: int) -> int | None:
    """Return the peak resident memory of a process; None where the system has no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return None
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return round(int(lines[0].split()[1]) / 1024) if lines else None
