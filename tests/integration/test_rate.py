"""A broker that limits its clients: it slows them down, in their order, and says so."""

import json
import os
import subprocess
import sys
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, end_client, program, wait_until  # noqa: E402


class Rate(unittest.TestCase):
    def start(self, *options):
        return self.enterContext(Cluster(slots=2, broker_options=options))

    def test_what_is_over_the_rate_waits_and_nothing_is_lost(self):
        cluster = self.start("--rate", "1000", "--burst", "500")
        begun = time.monotonic()
        result = cluster.run("batch", "-r", "x=1:3000", "-t", "2*x")
        self.assertGreaterEqual(time.monotonic() - begun, 2.5)  # 500 at once, then 2500 at 1000/s
        self.assertEqual(result.lines, [str(2 * x) for x in range(1, 3001)])
        self.assertRegex(result.err, r"dcalc: over this client's 1,000 jobs/s; going on in \d\.\d s, and so on\n")
        self.assertEqual(result.code, 0)

    def test_bytes_over_the_rate_wait_as_well(self):
        cluster = self.start("--rate-bytes", "8k", "--burst-bytes", "4k", "--rate", "1M")
        begun = time.monotonic()
        result = cluster.run("batch", "-", stdin="1+1           \n" * 2000)  # 15 bytes each
        self.assertGreaterEqual(time.monotonic() - begun, 2.9)  # 4 KiB at once, then 25 KiB at 8 KiB/s
        self.assertEqual((result.lines, result.code), (["2"] * 2000, 0))
        self.assertRegex(result.err, r"dcalc: over this client's 8k bytes/s; going on in \d\.\d s, and so on\n")
        self.assertNotIn(" 0.0 s", result.err)

    def test_what_is_below_the_rate_is_not_slowed(self):
        cluster = self.start("--rate", "1000")
        result = cluster.run("batch", "-r", "x=1:1000", "-t", "2*x")
        self.assertEqual((len(result.lines), result.code), (1000, 0))
        self.assertNotIn("over this client's", result.err)

    def test_others_are_not_held_up(self):
        cluster = self.start("--rate", "10", "--burst", "10")
        slowed = cluster.start("batch", "-r", "x=1:100000", "-t", "x", "--name", "slowed")
        self.addCleanup(end_client, slowed)
        wait_until(lambda: self.slowed(cluster), "it is over the rate")
        self.assertEqual(cluster.run("2+3").out, "5\n")
        def status():
            return cluster.run("status", "slowed").out
        wait_until(lambda: "   limited to 10 jobs/s\n" in status(), "status says that it is slowed")
        wait_until(lambda: "waiting" in status() and "over its client's 10 jobs/s; it goes on in 0." in status(),
                   "it waits, and says why")
        stats = json.loads(cluster.run("top", "-o", "json").out)
        self.assertEqual(stats["rate_max"], 10)
        self.assertTrue(any(client["over_rate"] for client in stats["by_client"]))

    @staticmethod
    def slowed(cluster):
        return [line for line in cluster.run("list", "-o", "json").lines
                if json.loads(line).get("rate_max") == 10]

    def test_a_plain_client_is_slowed_as_well_in_its_order(self):
        cluster = self.start("--rate", "20", "--burst", "10")
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.linger, socket.rcvtimeo = 0, 60000
            socket.connect(cluster.frontend)
            begun = time.monotonic()
            for number in range(30):
                socket.send_multipart([b"", f"{number}+1".encode()])
            replies = [socket.recv_multipart()[1].decode() for _ in range(30)]
            self.assertEqual(replies, [str(number + 1) for number in range(30)])
            self.assertGreaterEqual(time.monotonic() - begun, 0.9)

    def test_a_plain_client_with_too_many_jobs_open_is_told_when_to_try_again(self):
        cluster = self.start("--outstanding-max", "100", "--rate", "10", "--burst", "10")
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.linger, socket.rcvtimeo = 0, 60000
            socket.connect(cluster.frontend)
            socket.send_multipart([b"", b"\n".join([b"1+1"] * 20)])
            socket.send_multipart([b"", b"\n".join([b"2+2"] * 90)])
            self.assertEqual(socket.recv_multipart()[1], b"\n".join([b"2"] * 20))
            self.assertRegex(socket.recv_multipart()[1],
                             rb"^error: busy 20 jobs of this client are open; try again in \d+ ms$")

    def test_few_jobs_open_are_enough_for_any_batch(self):
        cluster = self.start("--outstanding-max", "100")
        result = cluster.run("batch", "-r", "x=1:200000", "-t", "x")
        self.assertEqual((len(result.lines), result.code), (200000, 0))

    def test_who_is_refused_for_want_of_memory_tries_again_when_told_and_says_so_once(self):
        cluster = self.enterContext(Cluster(workers=0, broker_options=["--memory-max", "1M"]))
        path = cluster.write("large.txt", "1+1 # and nothing else\n" * 150000)
        waiting = cluster.start("batch", path, "--wait", "inf", "--name", "large")
        self.addCleanup(end_client, waiting)
        ping = lambda: json.loads(cluster.run("top", "-o", "json").out)  # noqa: E731
        wait_until(lambda: ping()["memory_bytes"] > 2 ** 20, "the memory is used up")
        result = cluster.run("2+3", "--wait", "3s")
        self.assertEqual(result.code, 75)
        self.assertRegex(result.err, r"^dcalc: the broker holds all the memory that it may; "
                                     r"trying again for 3s\n"
                                     r"dcalc: the broker has no room for more jobs now: "
                                     r"the broker holds all the memory that it may\n"
                                     r"       trying again later may help\n$")
        later = cluster.start("2+3", "--wait", "inf")
        self.addCleanup(end_client, later)
        cluster.run("cancel", "large")
        cluster.start_worker(1)
        self.assertEqual(later.stdout.read(), b"5\n")

    def test_limits_that_are_none_are_refused(self):
        for option in ("--rate", "--burst", "--rate-bytes", "--burst-bytes", "--outstanding-max"):
            done = subprocess.run([program("dcalc-broker"), option, "0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 64, option)

    def test_what_may_be_saved_up_limits_nothing_alone(self):
        for burst, rate in (("--burst", "--rate"), ("--burst-bytes", "--rate-bytes")):
            done = subprocess.run([program("dcalc-broker"), burst, "10"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, check=False, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr.decode()), (
                64, f"dcalc-broker: {burst}: it does nothing without {rate}: say how much a client may have\n"
                    "              each second as well\n"))


if __name__ == "__main__":
    unittest.main()
