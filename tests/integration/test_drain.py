"""Workers that are to leave finish the job that they are at; the rest is done by others at once."""

import json
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, end_client, wait_until  # noqa: E402

# It runs until somebody cancels it, and is not split.
ENDLESS = "all(k > 0, k, 1, 9e15)"


class Drain(unittest.TestCase):
    maxDiff = None

    def start_batch(self, cluster, *rows):
        """A batch of these rows; it runs when this returns."""
        client = cluster.start("batch", "-", "-q", "--name", "b", "--timeout", "10m")
        self.addCleanup(end_client, client)
        client.stdin.write("".join(f"{row}\n" for row in rows).encode())
        client.stdin.close()
        wait_until(lambda: "running" in cluster.run("status", "b").out, "the batch runs")
        return client

    def slots(self, cluster):
        return [json.loads(line) for line in cluster.run("workers", "-o", "json").lines]

    def state(self, cluster, worker):
        return {slot["draining"] for slot in self.slots(cluster) if slot["worker"] == worker}

    def check_that_others_go_on(self, drain):
        """While its first row still runs on the worker that drains, the others are done elsewhere. Returns
        what was logged."""
        with Cluster(workers=0) as cluster:
            old = cluster.start_worker(1, "--name", "old", "--drain", "10m")
            cluster.wait_for_slots(1)
            client = self.start_batch(cluster, ENDLESS, *range(50))
            drain(cluster, old)
            wait_until(lambda: self.state(cluster, "old") == {True}, "it drains")
            self.assertIsNone(old.poll())
            self.assertIn("draining", cluster.run("workers").out)
            cluster.start_worker(1, "--name", "new")
            wait_until(lambda: json.loads(cluster.run("status", "b", "-o", "json").out)["done"] == 50,
                       "all others are computed")
            self.assertEqual(self.state(cluster, "old"), {True})  # it is at the first row still
            self.assertIsNone(client.poll())
            self.assertEqual(cluster.run("cancel", "all", "--yes").code, 0)
            self.assertEqual(client.stdout.read().decode(),
                             "error: cancelled\n" + "".join(f"{i}\n" for i in range(50)))
            self.assertEqual(old.wait(timeout=60), 0)
            return cluster.log()

    def test_an_operator_drains_a_worker(self):
        def drain(cluster, _):
            result = cluster.run("workers", "--drain", "old")
            self.assertEqual((result.out, result.err, result.code), ("old: draining, 1 slot\n", "", 0))
        log = self.check_that_others_go_on(drain)
        self.assertIn("worker drains worker=old slots=1 why=operator\n", log)
        self.assertIn("slot drains why=operator leases=1 slot=0 backend=", log)

    def test_sigterm_drains(self):
        log = self.check_that_others_go_on(lambda _, old: old.send_signal(signal.SIGTERM))
        self.assertIn("slot drains id=s1 worker=old why=worker\n", log)
        self.assertIn("worker drains signal=15\n", log)

    def test_a_second_sigterm_ends_at_once(self):
        with Cluster(workers=0) as cluster:
            old = cluster.start_worker(1, "--name", "old", "--drain", "10m")
            cluster.wait_for_slots(1)
            client = self.start_batch(cluster, ENDLESS)
            old.send_signal(signal.SIGTERM)
            wait_until(lambda: self.state(cluster, "old") == {True}, "it drains")

            def is_over():
                old.send_signal(signal.SIGTERM)
                return old.poll() is not None
            wait_until(is_over, "it ends")
            self.assertIsNone(client.poll())  # and the row waits for the next worker

    def test_who_runs_longer_than_may_be_is_given_up(self):
        with Cluster(workers=0) as cluster:
            old = cluster.start_worker(1, "--name", "old", "--drain", "500ms")
            cluster.wait_for_slots(1)
            self.start_batch(cluster, ENDLESS)
            cluster.run("workers", "--drain", "old")
            self.assertEqual(old.wait(timeout=60), 0)
            wait_until(lambda: "no worker is there" in cluster.run("status", "b").out,
                       "the row waits for another")

    def test_an_idle_worker_leaves_at_once(self):
        with Cluster(workers=0) as cluster:
            old = cluster.start_worker(2, "--name", "old")
            cluster.wait_for_slots(2)
            told = json.loads(cluster.run("workers", "--drain", "old", "-o", "json").out)
            self.assertEqual(told, {"v": 1, "worker": "old", "slots": 2})
            self.assertEqual(old.wait(timeout=60), 0)

    def test_a_name_that_nobody_has(self):
        with Cluster(workers=0) as cluster:
            cluster.start_worker(1, "--name", "alpha")
            cluster.wait_for_slots(1)
            for name, near in (("alhpa", "; did you mean 'alpha'?"), ("zeta-17", "")):
                result = cluster.run("workers", "--drain", name)
                self.assertEqual((result.out, result.err, result.code), (
                    "", f"dcalc: there is no worker '{name}'{near}\n"
                        "       those there are: dcalc workers\n", 66))
            self.assertEqual(cluster.run("workers", "--drain", "alpha", "-o", "csv").out,
                             "worker,state,slots\nalpha,draining,1\n")


if __name__ == "__main__":
    unittest.main()
