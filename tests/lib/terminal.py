"""A shell in which the commands of a document are typed one after the other, as a reader would.

    with Terminal() as terminal:
        terminal.write("loans.csv", "amount,rate\\n...")
        output = terminal.run("dcalc batch loans.csv -t 'amount*rate'")

It is in a folder that is empty but for `scripts` and `build/release`, which is its home as well, with the
programs in its PATH, hosts that are folders (hosts.py), and addresses of its own: what a document says of
ports 5555 and 5556 is said of two free ones. Whatever was started there ends with it.
"""

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

import hosts
from cluster import BIN, PATIENCE, clean_environment, free_port
from document import ROOT

MARK = "\x1e"

# What a client says in between where the machine has no time for its broker or worker for some seconds.
STARVED = r"(?m)^dcalc: (?:lost the broker|no worker has come back|the last worker at) .*\n"


class Terminal:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="dcalc-doc-")
        self.ports = {"127.0.0.1:5555": f"127.0.0.1:{free_port()}", "127.0.0.1:5556": f"127.0.0.1:{free_port()}"}
        os.symlink(os.path.join(ROOT, "scripts"), self.path("scripts"))
        os.mkdir(self.path("bin"))
        os.symlink(sys.executable, self.path("bin/python3"))  # the one that has zmq
        os.mkdir(self.path("build"))
        os.symlink(BIN, self.path("build/release"))
        hosts.install(self.path("bin"))
        frontend, backend = ("tcp://" + port for port in self.ports.values())
        environment = {
            **clean_environment(), "HOME": self.folder, "PATH": f"{BIN}:{self.path('bin')}:{os.environ['PATH']}",
            "DCALC_BROKER": frontend, "DCALC_BROKER_FRONTEND": frontend, "DCALC_BROKER_BACKEND": backend,
            "DCALC_WORKER_BACKEND": backend, "DCALC_TEST_HOSTS": self.path("hosts"),
            # What a broker in the background says between other lines is not what a document is about.
            "DCALC_BROKER_LOG_LEVEL": "error", "DCALC_WORKER_LOG_LEVEL": "error"}
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            environment.pop(name, None)
        self.shell = subprocess.Popen(["bash", "--norc"], cwd=self.folder, env=environment, text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      start_new_session=True)
        self.answers = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End the shell and what it has started: what stands in its session, and a cluster beside it."""
        try:
            self.run("scripts/cluster down --wait 5; kill -s TERM $(jobs -p); wait")
        except AssertionError:
            pass
        try:
            os.killpg(self.shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.shell.wait()
        self.reader.join()
        self.shell.stdin.close()
        self.shell.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self):
        output = ""
        for line in self.shell.stdout:
            if line == MARK + "\n":
                self.answers.put(output)
                output = ""
            else:
                output += line.replace(MARK + "\n", "")
                if line.endswith(MARK + "\n"):  # behind a line that had no end
                    self.answers.put(output + "\n")
                    output = ""
        self.answers.put(None)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(self._ours(text))

    def run(self, command):
        """Type a command; returns what it has printed on stdout and stderr."""
        self.shell.stdin.write(f"{self._ours(command)}\nprintf '{MARK}\\n'\n")
        self.shell.stdin.flush()
        try:
            output = self.answers.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"it does not end: {command}") from None
        if output is None:
            raise AssertionError(f"the shell has ended: {command}")
        return re.sub(STARVED, "", self._theirs(output))

    def _ours(self, text):
        for told, real in self.ports.items():
            text = text.replace(told, real)
        return text

    def _theirs(self, text):
        for told, real in self.ports.items():
            text = text.replace(real, told)
        return text
