"""Processes that are slowed down, as though their machine were: stopped and continued by turns."""

import os
import signal
import threading

PERIOD_S = 0.05


class Slowed:
    """While the block runs, process `pid` has `share` of the time only.

        with Slowed(pid, 0.1):
            ...
    """

    def __init__(self, pid, share):
        self.pid, self.share = pid, share
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.end.is_set():
            os.kill(self.pid, signal.SIGSTOP)
            self.end.wait(PERIOD_S * (1 - self.share))
            os.kill(self.pid, signal.SIGCONT)
            self.end.wait(PERIOD_S * self.share)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
