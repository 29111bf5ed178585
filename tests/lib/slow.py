"""Jobs that take a while, and processes that are slowed down, as though their machine were: stopped and
continued by turns."""

import os
import signal
import threading

PERIOD_S = 0.05


def terms(count):
    """How many terms take as long as `count` do in a release: ThreadSanitizer makes each ten times as dear."""
    return count // 10 if os.environ.get("DCALC_KIND") == "tsan" else count


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
