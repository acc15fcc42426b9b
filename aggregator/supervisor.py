"""Keeps a few programs running together: when one ends, or we are told to, all of them end.

Imports no Django; knows nothing of what the programs are.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

TICK_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def supervise(
    commands: Mapping[str, Sequence[str]],
    *,
    say: Callable[[str], None],
    on_tick: Callable[[], None] = lambda: None,
    stop_seconds: float = 15.0,
) -> int:
    """Run `commands` (by name) until one of them ends or a signal asks us to stop; then stop all.

    Args:
        say: where a sentence for the person at the terminal goes.
        on_tick: called about ten times a second while everything runs.
        stop_seconds: how long a program may take to finish what it is doing before it is killed.

    Returns:
        0 if we were asked to stop, 1 if a program ended by itself.
    """
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in STOP_SIGNALS}
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            children[name] = _start(command)
        while not asked:
            for name, child in children.items():
                if child.poll() is not None:
                    say(f"{name} ended by itself, code {child.returncode}: stopping the rest.")
                    return 1
            on_tick()
            time.sleep(TICK_SECONDS)
        say("Stopping.")
        return 0
    finally:
        _stop_all(children, stop_seconds)
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # Its own session: Ctrl-C in the terminal reaches us alone, and we stop the programs in order.
    # Should we be killed outright, the kernel tells the program (setpriv is in util-linux).
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    return subprocess.Popen([*prefix, *command], start_new_session=True, stdin=subprocess.DEVNULL)


def _stop_all(children: Mapping[str, subprocess.Popen[bytes]], stop_seconds: float) -> None:
    # Only each leader is asked: it knows how to let its own helpers finish.
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + stop_seconds
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in children.values():
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
