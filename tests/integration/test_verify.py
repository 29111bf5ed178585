"""Batches each of whose rows two slots compute."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, run_client, wait_until  # noqa: E402
from slow import terms  # noqa: E402

ROWS = 3000


def rows():
    """Some of which fail, and one of which is split."""
    lines = [f"10/({i}%7-3)" for i in range(ROWS)] + [f"sum(1/k^2, k, 1, {terms(300_000_000)})"]
    return "\n".join(lines) + "\n"


class Verify(unittest.TestCase):
    maxDiff = None

    def test_two_slots_say_the_same_of_each_row(self):
        with Cluster(workers=1, slots=2) as cluster:
            once = cluster.run("batch", "-q", stdin=rows())
            twice = cluster.run("batch", "-q", "--verify", stdin=rows())
            self.assertEqual((twice.code, once.code), (1, 1))
            self.assertEqual(twice.lines, once.lines)
            self.assertNotIn("workers-disagree", twice.out)
            slots = [json.loads(line) for line in cluster.run("workers", "-o", "json").lines]
            # A row counts for a slot once at most for each of the batches, and each row was computed
            # by both for the second one.
            self.assertGreaterEqual(sum(slot["jobs"] for slot in slots), 3 * ROWS)
            self.assertGreaterEqual(min(slot["jobs"] for slot in slots), ROWS)

    def test_a_private_cluster_of_one_slot_is_refused(self):
        result = run_client(["batch", "-r", "x=1:3", "-t", "x", "--verify", "--local=1"])
        self.assertEqual((result.out, result.err, result.code), (
            "", "dcalc: --verify: each job is computed by two slots, and --local=1 has one of them; say "
                "--local=2\n", 64))

    def test_one_slot_alone_waits_and_says_why(self):
        with Cluster(workers=1, slots=1) as cluster:
            client = cluster.start("batch", "--verify", "--name", "checked")
            self.addCleanup(client.wait)
            client.stdin.write(b"1+1\n")
            client.stdin.close()

            def why():
                result = cluster.run("status", "checked", "-o", "json")
                return result.code == 0 and json.loads(result.out).get("why")

            wait_until(lambda: why() == "it needs a second slot, to check the results of the first",
                       "it says what it needs")
            self.assertEqual(client.stderr.readline(), b"dcalc: b1 waits: it needs a second slot, to check the results "
                             b"of the first\n")
            cluster.start_worker()
            self.assertEqual(client.stdout.read(), b"2\n")
            self.assertEqual(client.wait(), 0)
            client.stdout.close()
            client.stderr.close()


if __name__ == "__main__":
    unittest.main()
