"""A cluster of real processes for a test: a broker, workers, and clients against it.

    with Cluster(slots=2) as cluster:
        result = cluster.run("2+3*4")             # a client: stdout, stderr, code
        cluster.workers[0].kill()

    cluster = Cluster(slots=2)                    # one for all tests of a file
    setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__

Programs come from the folder that DCALC_BIN names. Everything talks over sockets in a folder of its
own, or with tcp=True over free loopback ports; all processes are gone, and the folder too, when the
block is left. Nothing waits for a time: `wait_until` waits for a condition.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BIN = os.path.abspath(os.environ.get("DCALC_BIN", "build/release"))

# A condition that does not come true within this many seconds never will.
PATIENCE = float(os.environ.get("DCALC_TEST_PATIENCE", "60"))


def program(name):
    return os.path.join(BIN, name)


def wait_until(condition, what, seconds=PATIENCE):
    """Wait until `condition()` is true, and return what it returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"it did not come true within {seconds} s: {what}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment():
    """The environment without what could change a program's settings."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("DCALC_") and name not in ("COLUMNS", "NO_COLOR",
                                                               "CLICOLOR_FORCE")}
    kept["LC_ALL"] = "C.UTF-8"
    kept["DCALC_CONFIG"] = "none"  # and not what this person or machine has
    return kept


class Result:
    """How a client ended: `out` and `err` as text, `raw` as bytes, `code`."""

    def __init__(self, out, err, code):
        self.raw, self.err, self.code = out, err.decode("utf-8", "replace"), code
        self.out = out.decode("utf-8", "replace")
        self.lines = self.out.splitlines()


def run_client(arguments, stdin=None, environment=None, **options):
    """Run a client to its end. `stdin` is bytes, text or a file; by default nothing is there."""
    if isinstance(stdin, str):
        stdin = stdin.encode()
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin or subprocess.DEVNULL}
    done = subprocess.run([program("dcalc-client"), *arguments], timeout=options.pop("timeout", PATIENCE),
                          env={**clean_environment(), **(environment or {})}, check=False,
                          stdout=options.pop("stdout", subprocess.PIPE),
                          stderr=subprocess.PIPE, **given, **options)
    return Result(done.stdout or b"", done.stderr, done.returncode)


def end_client(client):
    """Kill a client that was started, if it still runs, and close what it was read through."""
    if client.poll() is None:
        client.kill()
    client.wait()
    for stream in (client.stdin, client.stdout, client.stderr):
        if stream:
            stream.close()


class Cluster:
    def __init__(self, workers=1, slots=2, tcp=False, broker_options=(), worker_options=(),
                 data="none", keeps=False, environment=None):
        """With `keeps` its broker has a store, in the cluster's folder. `environment` is what all of its
        programs have beside the clean one, clients too."""
        self.folder = tempfile.mkdtemp(prefix="dcalc-test-")
        if tcp:
            self.frontend, self.backend = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))
        else:
            self.frontend, self.backend = (f"ipc://{self.folder}/{end}" for end in ("clients", "slots"))
        self.broker_options, self.worker_options = list(broker_options), list(worker_options)
        self.broker, self.workers, self.logs = None, [], []
        self.counts = (workers, slots)
        self.data = self.path("store") if keeps else data
        self.environment = environment or {}

    def __enter__(self):
        try:
            self.start_broker()
            for _ in range(self.counts[0]):
                self.start_worker(self.counts[1])
            self.wait_for_slots(self.counts[0] * self.counts[1])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in [*self.workers, self.broker]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in [*self.workers, self.broker]:
            if not process:
                continue
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for log in self.logs:
            log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        """Where a file of the test may be, in the cluster's folder."""
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def _start(self, name, arguments):
        log = open(self.path(f"{name}-{len(self.logs)}.log"), "wb")
        self.logs.append(log)
        return subprocess.Popen([program(name), *arguments], stdin=subprocess.DEVNULL, stdout=log,
                                stderr=log, env={**clean_environment(), **self.environment})

    def start_broker(self):
        self.broker = self._start("dcalc-broker", ["--frontend", self.frontend, "--backend",
                                                   self.backend, "--data", self.data,
                                                   *self.broker_options])
        return self.broker

    def restart_broker(self):
        """kill -9, and another one."""
        self.broker.kill()
        self.broker.wait()
        self.start_broker()

    def start_worker(self, slots=1, *options):
        worker = self._start("dcalc-worker", ["--backend", self.backend, "-j", str(slots),
                                              *self.worker_options, *options])
        self.workers.append(worker)
        return worker

    def log(self):
        """What broker and workers have said."""
        text = ""
        for log in self.logs:
            with open(log.name, encoding="utf-8", errors="replace") as file:
                text += file.read()
        return text

    def slot_count(self):
        result = self.run("ping", "-o", "csv", "--wait", "200ms")
        return int(result.lines[1].split(",")[3]) if result.code == 0 else 0

    def wait_for_slots(self, count):
        wait_until(lambda: self.slot_count() >= count, f"{count} slots are there; {self.log()}")

    def arguments(self, arguments):
        """Those of a client that talks to this cluster's broker."""
        return ["--broker", self.frontend, *arguments]

    def run(self, *arguments, **options):
        environment = {**self.environment, **(options.pop("environment", None) or {})}
        return run_client(self.arguments(arguments), environment=environment, **options)

    def status(self, batch):
        return json.loads(self.run("status", batch, "-o", "json").out)

    def await_end(self, batch):
        ended = ("done", "failed", "cancelled", "deadline")
        wait_until(lambda: self.status(batch)["state"] in ended, f"{batch} ends")

    def start(self, *arguments, **options):
        """Start a client; the caller waits for it."""
        options.setdefault("stdin", subprocess.PIPE)
        return subprocess.Popen([program("dcalc-client"), *self.arguments(arguments)],
                                stdout=options.pop("stdout", subprocess.PIPE),
                                stderr=subprocess.PIPE,
                                env={**clean_environment(), **self.environment}, **options)
