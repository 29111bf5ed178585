"""scripts/cluster: processes that it starts, looks after and ends; and no others."""

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
import hosts  # noqa: E402
from cluster import BIN, PATIENCE, clean_environment, run_client, wait_until  # noqa: E402
from slow import terms  # noqa: E402

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "cluster")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dcalc-cluster-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.dir = os.path.join(self.folder, "state", "dcalc", "cluster")
        self.environment = {**clean_environment(), "XDG_STATE_HOME": os.path.join(self.folder, "state"),
                            "PATH": f"{self.folder}:{os.environ['PATH']}",
                            "DCALC_TEST_SSH_LOG": self.path("ssh.log")}
        hosts.install(self.folder)
        self.addCleanup(self.end_all)

    def end_all(self):
        if os.path.isdir(self.dir):
            for pid in self.pids().values():
                self.send(pid, signal.SIGCONT)
            self.cluster("down", "--wait", "5")
            for name in self.pids():
                raise AssertionError(f"{name} is still there")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def send(self, pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def cluster(self, command, *arguments):
        return subprocess.run(["sh", SCRIPT, command, "--bin", BIN, *arguments], env=self.environment, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3 * PATIENCE)

    def up(self, *arguments, code=0):
        """Start on ports of the system's choice, or what is missing of what runs."""
        if not os.path.exists(os.path.join(self.dir, "addresses")):
            arguments = [*arguments, "--frontend", "tcp://127.0.0.1:*", "--backend", "tcp://127.0.0.1:*"]
        done = self.cluster("up", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def pids(self):
        """Of what has been started and not been ended, by name."""
        found = {}
        for name in os.listdir(self.dir):
            if name.endswith(".pid"):
                with open(os.path.join(self.dir, name), encoding="ascii") as file:
                    found[name[:-4]] = int(file.read().split()[0])
        return found

    def status(self):
        done = self.cluster("status")
        return done.stdout, done.returncode

    def kill(self, name):
        self.send(self.pids()[name], signal.SIGKILL)
        wait_until(lambda: f"{name} ".ljust(11) + "gone" in self.status()[0], f"{name} is gone")


class Local(Case):
    def test_up_computes_and_down_leaves_nothing(self):
        done = self.up("--slots", "1")
        url = done.stdout.strip()
        self.assertRegex(url, r"^tcp://127.0.0.1:\d+$")
        self.assertEqual(run_client(["-b", url, "2+3*4"]).out, "14\n")
        pids = self.pids()
        self.assertEqual(sorted(pids), ["broker", "worker-1"])
        out, code = self.status()
        self.assertEqual(code, 0, out)
        self.assertRegex(out, rf"(?m)^broker +running +pid {pids['broker']}$")
        self.assertRegex(out, r"(?m)^ok  tcp://.* 1 worker, 1 slot")
        done = self.cluster("down")
        self.assertEqual((done.returncode, self.pids()), (0, {}), done.stderr)
        for pid in pids.values():
            self.assertFalse(os.path.exists(f"/proc/{pid}/exe"))
        self.assertEqual(self.status()[1], 3)
        self.assertEqual(self.cluster("down").returncode, 0)  # twice is fine

    def test_a_broker_that_is_to_say_little_is_found(self):
        self.environment["DCALC_BROKER_LOG_LEVEL"] = "error"
        self.assertRegex(self.up("--slots", "1").stdout, r"^tcp://127.0.0.1:\d+\n$")

    def test_up_again_starts_only_what_is_missing(self):
        self.up("2", "--slots", "1")
        before = self.pids()
        self.assertIn("everything runs already", self.up("2").stderr)
        self.assertEqual(self.pids(), before)
        self.up("3", "--slots", "1")
        after = self.pids()
        self.assertEqual(sorted(set(after) - set(before)), ["worker-3"])
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertIn("worker-3 is there as well", self.up("2").stderr)

    def test_who_has_crashed_is_told_and_started_again(self):
        self.up("2", "--slots", "1")
        before = self.pids()
        self.kill("worker-2")
        out, code = self.status()
        self.assertEqual(code, 1)
        self.assertRegex(out, r"(?m)^worker-1 +running")
        done = self.up("--slots", "1")
        self.assertIn("worker-2 was gone, and nobody here had ended it", done.stderr)
        after = self.pids()
        self.assertEqual(sorted(name for name in after if after[name] != before[name]), ["worker-2"])
        self.assertEqual(self.status()[1], 0)

    def slots(self, url):
        return re.search(r"(\d+) slots?\b", run_client(["-b", url.strip(), "ping"]).out)[1]

    def test_who_comes_back_has_as_many_slots_as_was_said(self):
        url = self.up("2", "--slots", "3").stdout
        self.kill("worker-2")
        self.up()
        wait_until(lambda: self.slots(url) == "6", "both have three slots")
        self.assertEqual(self.cluster("down").returncode, 0)
        self.assertFalse(os.path.exists(os.path.join(self.dir, "slots")), "it is for another cluster")

    def test_slots_are_those_of_the_environment_where_nobody_says_them(self):
        self.environment["DCALC_WORKER_SLOTS"] = "5"
        url = self.up("1").stdout
        wait_until(lambda: self.slots(url) == "5", "it has five slots")

    def test_a_broker_that_crashed_comes_back_where_it_was(self):
        url = self.up("--slots", "1").stdout
        worker = self.pids()["worker-1"]
        self.kill("broker")
        self.assertEqual(self.status()[1], 1)
        self.assertEqual(self.up("--slots", "1").stdout, url)
        self.assertEqual(self.pids()["worker-1"], worker)
        self.kill("broker")
        self.assertNotIn("runs already", self.up("--slots", "1").stderr)
        self.assertEqual(run_client(["-b", url.strip(), "6*7"]).out, "42\n")

    def test_down_lets_a_job_finish(self):
        self.environment["DCALC_WORKER_DRAIN"] = "10m"  # however busy the machine is
        url = self.up("--slots", "1").stdout.strip()
        job = f"all(k > 0, k, 1, {terms(1_000_000_000)})"
        with subprocess.Popen([os.path.join(BIN, "dcalc-client"), "-b", url, "--timeout", "10m", job],
                              stdout=subprocess.PIPE, text=True, env=clean_environment()) as client:
            wait_until(lambda: client.poll() is not None or
                       ",busy," in run_client(["-b", url, "workers", "-o", "csv"]).out, "it is computed")
            done = self.cluster("down", "--wait", "150")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(client.stdout.read(), "true\n")

    def test_who_does_not_end_is_killed_and_told(self):
        self.up("--slots", "1")
        os.kill(self.pids()["worker-1"], signal.SIGSTOP)
        done = self.cluster("down", "--wait", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("worker-1 did not end within 1 s, and is killed", done.stderr)
        self.assertEqual(self.pids(), {})

    # The number of a process that ended may be another's by now.
    def test_a_process_that_was_not_started_here_is_left_alone(self):
        self.up("--slots", "1")
        pid = self.pids()["worker-1"]
        with subprocess.Popen(["sleep", "600"]) as stranger:
            try:
                file = os.path.join(self.dir, "worker-1.pid")
                with open(file, encoding="ascii") as lines:
                    start = lines.read().split()[1]
                with open(file, "w", encoding="ascii") as lines:
                    lines.write(f"{stranger.pid} {start}\n")
                self.assertRegex(self.status()[0], r"(?m)^worker-1 +gone")
                self.assertIn("worker-1 was gone", self.cluster("down").stderr)
                self.assertIsNone(stranger.poll())
            finally:
                stranger.kill()
                os.kill(pid, signal.SIGKILL)

    def test_logs_are_shown(self):
        self.up("--slots", "1")
        done = self.cluster("logs")
        self.assertIn("listening frontend=", done.stdout)
        self.assertIn("worker started", done.stdout)
        done = self.cluster("logs", "worker-1")
        self.assertNotIn("listening frontend=", done.stdout)
        done = self.cluster("logs", "worker-7")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no 'worker-7'; there are: broker worker-1", done.stderr)
        self.cluster("down")
        self.assertIn("stopping signal=15", self.cluster("logs").stdout, "the last words of who has ended")


class Trouble(Case):
    def check(self, arguments, code, words):
        done = self.cluster(*arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(words, done.stderr)

    def test_wrong_use(self):
        for arguments, words in [(["up", "--slots"], "--slots needs something behind it"),
                                 (["up", "--slots", "x"], "--slots needs a number, not 'x'"),
                                 (["up", "0"], "'0' is no number of workers"),
                                 (["up", "1", "2"], "'2' is one word too many"),
                                 (["start"], "'start' is none of up, down, status, logs"),
                                 (["up", "--fast"], "unknown option '--fast'")]:
            with self.subTest(arguments=arguments):
                self.check(arguments, 64, words)
        self.assertIn("Usage:", self.cluster("--help").stdout)

    def test_programs_that_are_not_built(self):
        self.check(["up", "--bin", "/nonexistent"], 1, "there is no /nonexistent/dcalc-broker: build it (make)")

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.check(["up", "--frontend", f"tcp://127.0.0.1:{port}", "--backend", "tcp://127.0.0.1:*"], 1,
                       f"tcp://127.0.0.1:{port} is taken by another program")
        self.assertEqual(self.status()[1], 3)

    def test_other_addresses_than_those_it_has(self):
        self.up("--slots", "1")
        self.check(["up", "--frontend", "tcp://127.0.0.1:5999"], 1, "a broker runs already")


class Hosts(Case):
    def test_workers_on_hosts(self):
        hosts = self.write("hosts", "# ours\nalpha 2\n\nuser@beta   # as many as it has cores\n")
        url = self.up("--hosts", hosts, "--remote-bin", BIN).stdout.strip()
        with open(os.path.join(self.dir, "addresses"), encoding="ascii") as file:
            port = file.read().strip().rpartition(":")[2]
        self.assertEqual(sorted(self.pids()), ["broker", "host-alpha", "host-user@beta"])
        workers = run_client(["-b", url, "workers", "-o", "csv"]).out
        self.assertEqual(workers.count("\nalpha,"), 2)
        self.assertIn("\nuser@beta,", workers)
        with open(self.path("ssh.log"), encoding="utf-8") as file:
            asked = file.read()
        self.assertEqual(asked.count("BatchMode=yes"), 2)
        self.assertRegex(asked, rf"-R 127\.0\.0\.1:2\d{{4}}:127\.0\.0\.1:{port} -- alpha ")
        self.assertIn("everything runs already", self.up("--hosts", hosts, "--remote-bin", BIN).stderr)
        self.assertEqual(run_client(["-b", url, "6*7"]).out, "42\n")
        # They are told to leave by the broker: a signal to ssh would end them at once.
        done = self.cluster("down")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.dir, "broker.log"), encoding="utf-8") as file:
            self.assertIn("worker drains worker=alpha slots=2 why=operator", file.read())

    def test_a_worker_ends_with_its_connection(self):
        hosts = self.write("hosts", "alpha 1\n")
        url = self.up("--hosts", hosts, "--remote-bin", BIN).stdout.strip()
        self.kill("host-alpha")
        wait_until(lambda: "alpha," not in run_client(["-b", url, "workers", "-o", "csv"]).out, "alpha is gone")

    def test_a_host_that_is_not_there_is_told_and_the_others_work(self):
        hosts = self.write("hosts", "alpha 1\nnowhere\n")
        done = self.up("--hosts", hosts, "--remote-bin", BIN, code=1)
        self.assertIn("host-nowhere does not start. It says:\nssh: Could not resolve hostname nowhere", done.stderr)
        self.assertEqual(sorted(self.pids()), ["broker", "host-alpha"])
        self.assertEqual(run_client(["-b", done.stdout.strip(), "6*7"]).out, "42\n")

    def test_a_host_that_takes_its_time_is_told(self):
        hosts = self.write("hosts", "tardy 1\n")
        log = os.path.join(self.dir, "host-tardy.log")
        with subprocess.Popen(["sh", SCRIPT, "up", "--bin", BIN, "--remote-bin", BIN, "--hosts", hosts,
                               "--frontend", "tcp://127.0.0.1:*", "--backend", "tcp://127.0.0.1:*"],
                              env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as up:
            said = [up.stderr.readline() for _ in range(2)]
            self.assertRegex(said[0], "^broker started, ")
            self.assertEqual(said[1], "waiting for host-tardy to come to the broker, 20 s at most; what it says is "
                             f"in {log}\n")
            out, code = self.status()
            self.assertEqual(code, 1)
            self.assertRegex(out, rf"(?m)^host-tardy running  pid \d+, and is not at the broker; see {log}$")
            self.write("ssh.log.open", "")
            self.assertEqual((up.stderr.read(), up.wait(PATIENCE)), ("host-tardy started\n", 0))
        out, code = self.status()
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^host-tardy running  pid \d+$")

    def test_a_file_of_hosts_that_is_wrong_starts_nothing(self):
        for line, words in [("-oProxyCommand=x", "'-oProxyCommand=x' is no name of a host"),
                            ("alpha many", "'many' is no number of slots"),
                            ("alpha 1 2", "there is more than HOST and SLOTS"),
                            ("beta\nbeta 2", "hosts:3: host beta is there twice")]:
            with self.subTest(line=line):
                hosts = self.write("hosts", "\n".join(["gamma", line]) + "\n")
                done = self.cluster("up", "--hosts", hosts)
                self.assertEqual(done.returncode, 78)
                self.assertIn(words, done.stderr)
                self.assertEqual(self.status()[1], 3)
        self.assertIn("cannot read /nonexistent", self.cluster("up", "--hosts", "/nonexistent").stderr)


if __name__ == "__main__":
    unittest.main()
