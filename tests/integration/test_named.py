"""Rows that say which worker computed them."""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, end_client  # noqa: E402
from slow import terms  # noqa: E402


class Named(unittest.TestCase):
    maxDiff = None

    def workers(self, result):
        """The `worker` of each row."""
        self.assertEqual(result.code, 0, result.err)
        return [json.loads(line).get("worker") for line in result.lines]

    def start(self, keeps=False):
        cluster = Cluster(workers=0, keeps=keeps)
        cluster.__enter__()
        self.addCleanup(cluster.__exit__)
        for name in ("alpha", "bo"):
            cluster.start_worker(1, "--name", name, "--tag", name)
        cluster.wait_for_slots(2)
        return cluster

    def test_rows_name_who_computed_them(self):
        cluster = self.start()
        rows = ["batch", "-r", "x=1:9", "-t", "x", "-q", "-o", "json"]
        for name in ("alpha", "bo", "alpha"):
            self.assertEqual(self.workers(cluster.run(*rows, "--tag", name, "-v")), [name] * 9)
            self.assertEqual(self.workers(cluster.run(*rows, "--tag", name)), [None] * 9)
        self.assertLessEqual(set(self.workers(cluster.run(*rows, "--verify", "-v"))), {"alpha", "bo"})
        failed = json.loads(cluster.run("1/0", "-o", "json", "-v").out)
        self.assertEqual(failed["error"]["code"], "divide-by-zero")
        self.assertIn(failed["worker"], ("alpha", "bo"))

    def test_a_job_that_was_split_names_nobody(self):
        result = self.start().run(f"sum(1/k^2, k, 1, {terms(300_000_000)})", "-o", "json", "-v")
        self.assertEqual(self.workers(result), [None])

    def test_a_stored_batch_keeps_the_names(self):
        cluster = self.start(keeps=True)
        batches = {name: cluster.run("batch", "-d", "-r", "x=1:5000", "-t", "x", "--tag", name).out.strip()
                   for name in ("alpha", "bo")}
        for batch in batches.values():
            cluster.await_end(batch)
        cluster.restart_broker()
        cluster.wait_for_slots(2)
        for name, batch in batches.items():
            results = ["results", batch, "-q", "-o", "json"]
            self.assertEqual(self.workers(cluster.run(*results, "-v")), [name] * 5000)
            self.assertEqual(self.workers(cluster.run(*results)), [None] * 5000)

    def test_who_was_killed_is_named_where_it_has_computed(self):
        with Cluster(workers=0) as cluster:
            alpha = cluster.start_worker(1, "--name", "alpha")
            cluster.wait_for_slots(1)
            client = cluster.start("batch", "-r", "x=1:400", "-t", f"x + 0*sum(sin(k), k, 1, {terms(500_000)})",
                                   "-q", "-o", "json", "-v", "--wait", "inf")
            self.addCleanup(end_client, client)
            lines = [client.stdout.readline()]
            alpha.kill()
            cluster.start_worker(1, "--name", "bo")
            lines += client.stdout.readlines()
            self.assertEqual(client.wait(), 0)
        rows = [json.loads(line) for line in lines]
        self.assertEqual([row["value"] for row in rows], list(range(1, 401)))
        names = [row["worker"] for row in rows]
        self.assertEqual((names[0], names[-1]), ("alpha", "bo"))
        self.assertEqual(names, sorted(names))


if __name__ == "__main__":
    unittest.main()
