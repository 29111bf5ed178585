"""Broker and worker as services: what they tell the manager that started them, and their units."""

import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, PATIENCE, clean_environment, program, run_client, wait_until  # noqa: E402

UNITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "systemd")


class Service:
    """A program, started as a service manager does; `told` is what it has said so far."""

    def __init__(self, case, name, *arguments, **environment):
        self.path = os.path.join(case.folder, name + ".notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE)
        self.told = []
        self.process = subprocess.Popen([program(name), *arguments], stdin=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL,
                                        env={**clean_environment(), "NOTIFY_SOCKET": self.path, **environment})
        case.addCleanup(self.end)

    def wait_for(self, pattern):
        """Wait until it says something of that kind, and return the match."""
        while True:
            self.told.append(self.socket.recv(4096).decode())
            found = re.fullmatch(pattern, self.told[-1])
            if found:
                return found

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


class Told(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dcalc-service-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.front, self.back = (f"ipc://{self.folder}/{end}" for end in ("clients", "slots"))

    def start_broker(self, **environment):
        return Service(self, "dcalc-broker", "--frontend", self.front, "--backend", self.back,
                       STATE_DIRECTORY=os.path.join(self.folder, "state"), **environment)

    def start_worker(self, **environment):
        return Service(self, "dcalc-worker", "--backend", self.back, "-j", "2", **environment)

    def test_the_broker_is_ready_when_it_can_be_used(self):
        broker = self.start_broker()
        broker.wait_for("READY=1")
        self.assertEqual(broker.told, ["READY=1"])
        self.assertEqual(run_client(["-b", self.front, "ping", "--wait", "0"]).code, 0)
        self.assertTrue(os.path.exists(os.path.join(self.folder, "state", "store.db")))

    def test_the_broker_says_what_it_does_and_that_it_ends(self):
        broker = self.start_broker()
        broker.wait_for(r"STATUS=0 workers, 0 slots, 0 jobs waiting, 0/s")
        self.start_worker().wait_for("READY=1")
        broker.wait_for(r"STATUS=1 worker, 2 slots, 0 jobs waiting, 0/s")
        broker.process.send_signal(signal.SIGTERM)
        broker.wait_for("STOPPING=1")
        self.assertEqual(broker.process.wait(PATIENCE), 0)
        self.assertNotIn("WATCHDOG=1", broker.told)

    def test_a_worker_says_how_many_slots_run(self):
        self.start_broker().wait_for("READY=1")
        worker = self.start_worker()
        worker.wait_for("READY=1")
        worker.wait_for("STATUS=2 of 2 slots run")
        worker.process.send_signal(signal.SIGTERM)
        worker.wait_for("STOPPING=1")
        self.assertEqual(worker.process.wait(PATIENCE), 0)

    def test_who_is_watched_tells_that_the_loop_turns(self):
        services = [self.start_broker(WATCHDOG_USEC="2000000"), self.start_worker(WATCHDOG_USEC="2000000")]
        for service in services:
            with self.subTest(service=service.path):
                service.wait_for("READY=1")
                for _ in range(3):
                    service.wait_for("WATCHDOG=1")


class Logged(unittest.TestCase):
    """The first lines of a program that starts and ends, as they come to whoever collects them."""

    def log(self, name, *arguments, **environment):
        """All that it logs until it is told to end; stderr is what `open` gives."""
        folder = tempfile.mkdtemp(prefix="dcalc-log-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "log")
        ends = {"dcalc-broker": ["--frontend", f"ipc://{folder}/a", "--backend", f"ipc://{folder}/b",
                                 "--data", "none"],
                "dcalc-worker": ["--backend", f"ipc://{folder}/b", "-j1"]}
        with open(path, "w+b") as file:
            if environment.pop("is_journal", False):
                told = os.fstat(file.fileno())
                environment["JOURNAL_STREAM"] = f"{told.st_dev}:{told.st_ino}"
            process = subprocess.Popen([program(name), *ends[name], *arguments], stderr=file,
                                       stdin=subprocess.DEVNULL,
                                       env={**clean_environment(), **environment})
            try:
                wait_until(lambda: os.path.getsize(path), "it has begun")
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(PATIENCE), 0)
            finally:
                process.kill()
                process.wait(PATIENCE)
            file.seek(0)
            return file.read().decode()

    def test_a_file_has_plain_lines(self):
        for environment in ({}, {"JOURNAL_STREAM": "1:2"}, {"JOURNAL_STREAM": ""}):
            first = self.log("dcalc-broker", **environment).splitlines()[0]
            self.assertRegex(first, r"^[-0-9]{10}T[:0-9]{8}\.[0-9]{3}Z info listening frontend=ipc://")

    def test_the_journal_has_the_level_as_a_prefix(self):
        for name in ("dcalc-broker", "dcalc-worker"):
            for line in self.log(name, is_journal=True).splitlines():
                self.assertRegex(line, "^<[3467]>[a-z]")
        self.assertRegex(self.log("dcalc-broker", "--log-format", "journal"), "^<6>listening ")
        self.assertRegex(self.log("dcalc-broker", "--log-format", "plain", is_journal=True), "^[0-9]{4}-")

    def test_programs_get_objects(self):
        for name, message in (("dcalc-broker", "listening"), ("dcalc-worker", "worker started")):
            variable = name.upper().replace("-", "_") + "_LOG_FORMAT"
            lines = [json.loads(line) for line in self.log(name, **{variable: "json"}).splitlines()]
            self.assertIn(message, [line["message"] for line in lines])
            for line in lines:
                self.assertIn(line["level"], ("info", "warn"))
                self.assertRegex(line["time"], r"^[-0-9]{10}T[:0-9]{8}\.[0-9]{3}Z$")

    def test_a_terminal_has_colours_where_they_are_wanted(self):
        for environment, mark in (({"TERM": "xterm"}, "\033[33mwarn\033[0m "), ({"TERM": "dumb"}, "warn "),
                                  ({"TERM": "xterm", "NO_COLOR": "1"}, "warn ")):
            try:
                near, far = os.openpty()
            except OSError:
                self.skipTest("this system has no terminals to give")
            with open(near, "rb", buffering=0) as terminal:
                worker = subprocess.Popen([program("dcalc-worker"), "--backend", "ipc:///nowhere/at/all",
                                           "-j1", "--liveness", "1", "--heartbeat", "100ms"], stderr=far,
                                          stdin=subprocess.DEVNULL, env={**clean_environment(), **environment})
                os.close(far)
                said = b""
                while b"warn" not in said or not said.endswith(b"\n"):
                    said += terminal.read(1000)
                worker.send_signal(signal.SIGTERM)
                self.assertEqual(worker.wait(PATIENCE), 0)
            line = next(line for line in said.decode().splitlines() if "warn" in line)
            self.assertRegex(line, "^[-0-9T:.]+Z " + re.escape(mark) + "[a-z]")
            self.assertEqual(line.count("\033"), mark.count("\033"))


class Units(unittest.TestCase):
    def test_systemd_understands_them(self):
        analyze = shutil.which("systemd-analyze")
        if not analyze:
            self.skipTest("there is no systemd-analyze")
        folder = tempfile.mkdtemp(prefix="dcalc-units-")
        self.addCleanup(shutil.rmtree, folder)
        units = []
        for source in sorted(glob.glob(os.path.join(UNITS, "*.service"))):
            with open(source, encoding="utf-8") as file:
                text = file.read()
            # As `make install` does it.
            self.assertIn("ExecStart=/usr/local/bin/dcalc-", text)
            units.append(os.path.join(folder, os.path.basename(source)))
            with open(units[-1], "w", encoding="utf-8") as file:
                file.write(text.replace("/usr/local/bin", BIN))
        self.assertEqual(len(units), 2)
        done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False,
                              timeout=PATIENCE)
        complaints = [line for line in done.stderr.splitlines() if "dcalc-" in line]
        self.assertEqual((done.returncode, complaints), (0, []))


if __name__ == "__main__":
    unittest.main()
