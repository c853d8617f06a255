"""Starts a command, kills it at its limits, and writes down what it used. Run as a script, by `meter`.

It imports little: a process that is started takes over its parent's peak memory as its own
(Linux keeps the larger of both across `exec`), so the parent must be a small one.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time

_LOOK = 0.1  # seconds between two looks at the clock and the memory


def main() -> None:
    """Run `RESULT SECONDS MEBIBYTES COMMAND…`; write seconds, MiB, exit code and what stopped it to RESULT."""
    result, seconds, mebibytes, *command = sys.argv[1:]
    seen: dict[str, float] = {"peak": 0.0}
    stopped: list[str] = []
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def guard() -> None:
        while True:
            seen["peak"] = max(seen["peak"], held := group_memory(process.pid))
            if time.perf_counter() - started > float(seconds):
                stopped.append(f"killed at the limit of {seconds} s")
            elif held > float(mebibytes):
                stopped.append(f"killed at the limit of {mebibytes} MiB")
            if stopped:
                kill_group(process.pid)
                return
            time.sleep(_LOOK)

    threading.Thread(target=guard, daemon=True).start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - started
    finally:
        kill_group(process.pid)
    unit = 1024**2 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB elsewhere
    peak = max(seen["peak"], usage.ru_maxrss / unit)
    code = os.waitstatus_to_exitcode(status)
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs memory
        json.dump({"seconds": took, "peak": peak, "code": code, "stopped": "".join(stopped)}, file)


def kill_group(pid: int) -> None:
    """Kill a process group, if it still is there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def group_memory(group: int) -> float:
    """Return the resident memory of a process group in MiB; shared pages count for each of its processes."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - as above
        listed = subprocess.run(["ps", "-A", "-o", "pgid=,rss="], capture_output=True, text=True, check=False)
        pairs = [line.split() for line in listed.stdout.splitlines()]
        return sum(int(pair[1]) for pair in pairs if pair[0] == str(group)) / 1024
    pages = 0
    for name in os.listdir("/proc"):  # noqa: PTH208 - as above
        with contextlib.suppress(OSError, ValueError, IndexError):
            if name.isdigit():
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
                    fields = file.read().rpartition(")")[2].split()
                if int(fields[2]) == group:
                    pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


if __name__ == "__main__":
    main()
