"""Slots that are much slower than others: what they have is computed by others as well."""

import json
import os
import re
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, wait_until  # noqa: E402
from slow import Slowed, terms  # noqa: E402

# Some tenths of a second for one slot: it is not split, and only its end says that it is true.
JOB = f"all(k > 0, k, 1, {terms(300_000_000)})\n"


class Stragglers(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster(workers=2, slots=1)
        self.cluster.__enter__()
        self.addCleanup(self.cluster.__exit__)

    def slow_down_first(self):
        slots = [json.loads(line) for line in self.cluster.run("workers", "-o", "json").lines]
        slowed = Slowed(slots[0]["pid"], 0.02)
        slowed.__enter__()
        self.addCleanup(slowed.__exit__)

    def doubled(self):
        """How many jobs the broker has leased twice, as it says when it is asked."""
        self.cluster.broker.send_signal(signal.SIGUSR1)
        said = wait_until(lambda: re.search(r"jobs_doubled=(\d+)", self.cluster.log()), "counts")
        return int(said.group(1))

    def test_what_a_slow_slot_does_not_finish_others_do(self):
        self.slow_down_first()
        result = self.cluster.run("batch", "-q", stdin=JOB * 6)
        self.assertEqual((result.out, result.err, result.code), ("true\n" * 6, "", 0))
        self.assertGreaterEqual(self.doubled(), 1)

    def test_short_jobs_do_not_wait_for_a_slow_slot(self):
        self.slow_down_first()
        result = self.cluster.run("batch", "-q", stdin="".join(f"{i}*2\n" for i in range(20000)))
        self.assertEqual((result.err, result.code), ("", 0))
        self.assertEqual(result.lines, [str(2 * i) for i in range(20000)])


if __name__ == "__main__":
    unittest.main()
