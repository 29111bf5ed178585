"""What is promised when processes die: every answer right, once, in order, and nobody blamed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, wait_until  # noqa: E402

# Sanitizers are five to twenty times slower: fewer jobs, the same accidents.
IS_FAST = os.environ.get("DCALC_KIND", "release") == "release"
HAS_HOOKS = not IS_FAST
PERIOD_S = 0.5
LIMIT_S = 240


def slot_pids(worker):
    """The slots under a supervisor."""
    path = f"/proc/{worker.pid}/task/{worker.pid}/children"
    with open(path) as file:
        return [int(pid) for pid in file.read().split()]


def rss_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0


class Accidents(threading.Thread):
    """Does something bad every half second until it is told to stop."""

    def __init__(self, accident):
        super().__init__(daemon=True)
        self.accident, self.count, self.is_over = accident, 0, threading.Event()

    def run(self):
        while not self.is_over.wait(PERIOD_S):
            self.accident()
            self.count += 1

    def stop(self):
        self.is_over.set()
        self.join()


class Faults(unittest.TestCase):
    def feed(self, cluster, count, line, seconds):
        """Send lines line(0), line(1), ... over at least `seconds`; returns output and code."""
        with open(cluster.path("out"), "wb") as out:
            client = cluster.start("-q", stdout=out)
            start = time.monotonic()
            block = 10000
            for first in range(0, count, block):
                lines = "".join(line(index) for index in range(first, min(first + block, count)))
                client.stdin.write(lines.encode())
                # Spread over the time, so that there is work for as long as there are accidents.
                ahead = seconds * first / count - (time.monotonic() - start)
                if ahead > 0:
                    time.sleep(ahead)
            client.stdin.close()
            err = client.stderr.read().decode()
            code = client.wait(timeout=LIMIT_S)
            client.stderr.close()
        return err, code

    def assert_all_answered(self, cluster, count, value):
        with open(cluster.path("out")) as out:
            at = 0
            for at, text in enumerate(out, 1):
                if text != value(at - 1):
                    self.fail(f"line {at}: {text!r}, expected {value(at - 1)!r}")
            self.assertEqual(at, count)

    def test_slots_are_killed_every_half_second(self):
        count = 2_000_000 if IS_FAST else 100_000
        with Cluster(workers=1, slots=2) as cluster:
            def kill_one():
                pids = slot_pids(cluster.workers[0])
                if pids:
                    os.kill(random.choice(pids), signal.SIGKILL)

            accidents = Accidents(kill_one)
            accidents.start()
            err, code = self.feed(cluster, count, lambda i: f"{i}*3+1\n", seconds=5)
            accidents.stop()
            self.assertGreaterEqual(accidents.count, 8)
            self.assertEqual((code, err), (0, ""))
            self.assert_all_answered(cluster, count, lambda i: f"{i * 3 + 1}\n")

    def test_requests_in_flight_survive_killed_slots(self):
        """A plain client with a window of requests: each gets its reply, in order."""
        window, kills_min = 1000, 4
        with Cluster(workers=1, slots=2) as cluster:
            def kill_one():
                pids = slot_pids(cluster.workers[0])
                if pids:
                    os.kill(random.choice(pids), signal.SIGKILL)

            client = zmq.Context.instance().socket(zmq.DEALER)
            client.set_hwm(0)
            client.linger = 0
            client.rcvtimeo = LIMIT_S * 1000
            client.connect(cluster.frontend)
            accidents = Accidents(kill_one)
            accidents.start()
            sent = answered = 0
            try:
                while accidents.count < kills_min or answered < sent:
                    while accidents.count < kills_min and sent < answered + window:
                        client.send_multipart([b"", b"%d*2" % sent])
                        sent += 1
                    self.assertEqual(client.recv_multipart(), [b"", b"%d" % (answered * 2)])
                    answered += 1
            finally:
                accidents.stop()
                client.close()

    def begin_anew(self, end):
        """Have `end` end the broker while a batch runs, and start another."""
        count = 500_000 if IS_FAST else 50_000
        with Cluster(workers=1, slots=2) as cluster:
            def restart():
                end(cluster.broker)
                cluster.broker.wait()
                cluster.start_broker()

            timer = threading.Timer(1, restart)
            timer.start()
            err, code = self.feed(cluster, count, lambda i: f"{i}+0.5\n", seconds=3)
            timer.join()
            self.assertEqual(code, 0, err)
            self.assert_all_answered(cluster, count, lambda i: f"{i + 0.5}\n")

    def test_the_broker_is_killed_and_started_again(self):
        self.begin_anew(subprocess.Popen.kill)

    def test_the_broker_is_stopped_and_started_again(self):
        self.begin_anew(subprocess.Popen.terminate)

    def test_who_waits_is_told_that_the_broker_stops(self):
        with Cluster(workers=1, slots=1) as cluster:
            client = cluster.start()
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), b"2\n")
            cluster.broker.terminate()
            self.assertEqual(cluster.broker.wait(timeout=LIMIT_S), 0)
            self.assertIn(b"(the broker is stopping); trying again for", client.stderr.readline())
            cluster.start_broker()
            out, _ = client.communicate(b"2+2\n", timeout=LIMIT_S)
            self.assertEqual((client.returncode, out), (0, b"4\n"))

    def test_a_stopped_slot_loses_its_work_to_others(self):
        count = 300_000 if IS_FAST else 30_000
        with Cluster(workers=2, slots=1) as cluster:
            victim = slot_pids(cluster.workers[0])[0]
            timer = threading.Timer(0.5, os.kill, (victim, signal.SIGSTOP))
            timer.start()
            err, code = self.feed(cluster, count, lambda i: f"{i}-1\n", seconds=2)
            timer.join()
            os.kill(victim, signal.SIGCONT)
            self.assertEqual((code, err), (0, ""))
            self.assert_all_answered(cluster, count, lambda i: f"{i - 1}\n")
            cluster.wait_for_slots(2)  # it is asked who it is, and is taken back

    def test_a_worker_is_killed_with_its_supervisor(self):
        count = 300_000 if IS_FAST else 30_000
        with Cluster(workers=2, slots=1) as cluster:
            pids = slot_pids(cluster.workers[0])
            timer = threading.Timer(0.5, cluster.workers[0].kill)
            timer.start()
            err, code = self.feed(cluster, count, lambda i: f"{i}*2\n", seconds=2)
            timer.join()
            self.assertEqual((code, err), (0, ""))
            self.assert_all_answered(cluster, count, lambda i: f"{i * 2}\n")
            wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids),
                       "a dead supervisor's slots are gone")

    @unittest.skipUnless(HAS_HOOKS, "needs the crash hook of a debug build")
    def test_a_job_that_crashes_its_slot_fails_alone(self):
        count, poison = 100_000, 54_321
        with Cluster(workers=1, slots=2) as cluster:
            _, code = self.feed(cluster, count,
                                lambda i: "__crash()\n" if i == poison else f"{i}\n", seconds=0)
            self.assertEqual(code, 1)
            self.assert_all_answered(
                cluster, count, lambda i: "error: worker-lost\n" if i == poison else f"{i}\n")
            self.assertEqual(cluster.log().count("signal=11"), 2)

    def test_a_slow_reader_costs_no_memory(self):
        count = 3_000_000 if IS_FAST else 100_000
        with Cluster(workers=1, slots=2) as cluster:
            with open(cluster.path("in"), "w") as lines:
                for index in range(count):
                    lines.write(f"{index}+1\n")
            with open(cluster.path("in")) as lines:
                client = cluster.start("-q", stdin=lines)
            time.sleep(1.5)  # nobody reads: everything has come to a stop by now
            other = cluster.run("6*7")
            self.assertEqual((other.out, other.code), ("42\n", 0))
            if IS_FAST:
                self.assertLess(rss_mib(client.pid), 64)
                self.assertLess(rss_mib(cluster.broker.pid), 64)
            out, err = client.communicate(timeout=LIMIT_S)
            self.assertEqual((client.returncode, err), (0, b""))
            self.assertEqual(out, b"".join(b"%d\n" % (i + 1) for i in range(count)))

    def test_a_client_that_dies_leaves_the_cluster_to_others(self):
        with Cluster(workers=1, slots=2, broker_options=["--orphan", "1s"]) as cluster:
            client = cluster.start("-q", stdout=subprocess.DEVNULL)
            client.stdin.write(b"1+1\n" * 1000)
            client.stdin.flush()
            wait_until(lambda: "b1" in cluster.run("list").out, "the batch is there")
            client.kill()
            client.wait()
            client.stdin.close()
            client.stderr.close()
            self.assertEqual(cluster.run("6*7").out, "42\n")
            wait_until(lambda: "b1" not in cluster.run("list").out, "the orphan is dropped")


if __name__ == "__main__":
    unittest.main()
