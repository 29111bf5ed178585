"""dcalc bench: what it says of a cluster, and that it leaves it as it was."""

import csv
import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, run_client, wait_until  # noqa: E402

cluster = Cluster(workers=1, slots=2)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__


def running():
    """The batches that are not over."""
    listed = [json.loads(line) for line in cluster.run("list", "-o", "json").lines]
    return [batch for batch in listed if batch["state"].startswith(("waiting", "running"))]


class Bench(unittest.TestCase):
    def test_for_programs(self):
        result = cluster.run("bench", "--seconds", "1", "-o", "json")
        self.assertEqual((result.code, result.err), (0, ""))
        line, = result.lines
        told = json.loads(line)
        self.assertEqual((told["v"], told["url"], told["workers"], told["slots"]),
                         (1, cluster.frontend, 1, 2))
        for phase in ("alone", "packed", "chunks"):
            self.assertGreater(told[phase]["jobs"], 0, phase)
            self.assertGreater(told[phase]["seconds"], 0.3, phase)
            self.assertAlmostEqual(told[phase]["jobs_per_s"], told[phase]["jobs"] / told[phase]["seconds"],
                                   delta=1)
            self.assertGreater(told[phase]["client_cpu"], 0, phase)
        times = [told["alone"][key] for key in ("p50_ms", "p95_ms", "p99_ms", "max_ms")]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 0)
        # Nobody sends jobs alone as fast as many of them together.
        self.assertGreater(told["chunks"]["jobs"], told["alone"]["jobs"])

    def test_for_people(self):
        result = cluster.run("bench", "--seconds", "1")
        self.assertEqual((result.code, result.err), (0, ""))
        lines = result.out.split("\n")
        self.assertRegex(lines[0], r"^JOBS SENT +DONE +A SECOND +P50 +P95 +P99 +MAX +CLIENT$")
        self.assertEqual([line.split("  ")[0] for line in lines[1:4]], ["alone", "packed", "in chunks"])
        self.assertRegex(lines[4], r" with 2 slots and priority -10; ")

    def test_as_a_table(self):
        rows = list(csv.DictReader(cluster.run("bench", "--seconds", "1", "-o", "csv").lines))
        self.assertEqual([row["phase"] for row in rows], ["alone", "packed", "chunks"])
        self.assertTrue(all(int(row["jobs"]) > 0 and int(row["jobs_per_s"]) > 0 for row in rows))

    def test_it_needs_no_cluster_of_others(self):
        result = run_client(["bench", "--local=1", "--seconds", "1", "-o", "json"])
        self.assertEqual(json.loads(result.out)["slots"], 1)

    def test_it_leaves_nothing_behind(self):
        cluster.run("bench", "--seconds", "1")
        wait_until(lambda: not running(), "nothing of it is left")

    def test_it_has_the_lowest_priority_and_can_be_stopped(self):
        client = cluster.start("bench", "--seconds", "600", stdin=subprocess.DEVNULL)
        batch = wait_until(lambda: next(iter(running()), None), "it runs")
        self.assertEqual(batch["priority"], -10)
        client.send_signal(signal.SIGINT)
        out, err = client.communicate(timeout=60)
        self.assertEqual((out, err, client.returncode), (b"", b"", 130))
        wait_until(lambda: not running(), "nothing of it is left")

    def test_nobody_is_there(self):
        result = run_client(["bench", "--broker", "ipc:///nonexistent/dcalc", "--wait", "0"])
        self.assertEqual((result.out, result.code), ("", 69))
        self.assertIn("no broker at ipc:///nonexistent/dcalc", result.err)
        with Cluster(workers=0) as empty:
            result = empty.run("bench", "--wait", "100ms")
            self.assertEqual((result.out, result.code), ("", 75))


if __name__ == "__main__":
    unittest.main()
