"""Batches that name a tag are computed by the workers that carry it, and by nobody else."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, clean_environment, end_client, program, run_client, wait_until  # noqa: E402

ROWS = "".join(f"{i}*2\n" for i in range(2000))
DOUBLES = "".join(f"{2 * i}\n" for i in range(2000))


def jobs_of(cluster):
    """How many jobs each worker has computed, by its name."""
    counts = {}
    for line in cluster.run("workers", "-o", "json").lines:
        slot = json.loads(line)
        counts[slot["worker"]] = counts.get(slot["worker"], 0) + slot["jobs"]
    return counts


class Tags(unittest.TestCase):
    maxDiff = None

    def test_only_who_carries_the_tag_computes(self):
        with Cluster(workers=0) as cluster:
            cluster.start_worker(1, "--name", "common")
            cluster.start_worker(1, "--name", "special", "--tag", "gpu", "--tag", "ram")
            cluster.wait_for_slots(2)
            result = cluster.run("batch", "-q", "--tag", "gpu", stdin=ROWS)
            self.assertEqual((result.out, result.err, result.code), (DOUBLES, "", 0))
            before = jobs_of(cluster)
            # What was taken back from a slot may have been computed by it all the same.
            self.assertEqual(before["common"], 0)
            self.assertGreaterEqual(before["special"], 2000)
            self.assertEqual(cluster.run("batch", "-q", "--tag", "ram", stdin="6*7\n").out, "42\n")
            after = jobs_of(cluster)
            self.assertEqual(after["common"], 0)
            self.assertGreater(after["special"], before["special"])
            # What needs no tag may go anywhere, and the idle take from the busy.
            self.assertEqual(cluster.run("batch", "-q", stdin=ROWS).out, DOUBLES)
            self.assertGreaterEqual(sum(jobs_of(cluster).values()), 4001)

    def test_who_waits_for_a_tag_is_told_and_a_worker_that_comes_takes_it(self):
        with Cluster(workers=2, slots=1) as cluster:
            client = cluster.start("batch", "-", "-q", "--tag", "gpu", "--name", "waits", "--wait", "inf")
            self.addCleanup(end_client, client)
            client.stdin.write(b"6*7\n")
            client.stdin.close()
            wait_until(lambda: "tag 'gpu'" in cluster.run("status", "waits").out, "it says why")
            self.assertRegex(cluster.run("status", "waits").out,
                             r"^b1 waits   waiting \S+: none of the 2 workers has tag 'gpu'   "
                             r"0 of 1 \(0 %\)   tag gpu\n$")
            told = json.loads(cluster.run("status", "waits", "-o", "json").out)
            self.assertEqual((told["tag"], told["slots"]), ("gpu", 0))
            self.assertEqual(cluster.run("1+1").out, "2\n")  # others go on meanwhile
            cluster.start_worker(1, "--tag", "gpu")
            self.assertEqual(client.stdout.read(), b"42\n")
            self.assertEqual(client.wait(), 0)

    def test_nobody_who_carries_it_comes_in_time(self):
        with Cluster(workers=1, slots=1) as cluster:
            result = cluster.run("batch", "--tag", "gpu", "--wait", "1s", stdin="1\n")
            self.assertEqual((result.out, result.code), ("", 75))
            self.assertIn("dcalc: the one worker that is there does not have tag 'gpu'\n"
                          f"       start a dcalc-worker with that --tag at {cluster.frontend}\n",
                          result.err)

    def test_what_is_no_tag_is_refused(self):
        for arguments, sentence in (
                (["--tag", "two words"], "'two words' has a blank or a control character in it"),
                (["--tag", ""], "'' is empty"),
                (["--tag", "x" * 65], f"'{'x' * 65}' is longer than 64 bytes"),
                (["--tag", "gpu", "--local=1"],
                 "'gpu' is no tag of a private cluster: its workers have none")):
            result = run_client(["batch", *arguments], stdin="1\n")
            self.assertEqual((result.out, result.err, result.code),
                             ("", f"dcalc: --tag: {sentence}\n", 64))

    def test_a_worker_with_a_tag_that_is_none_does_not_start(self):
        for tags, sentence in ((["two words"], "'two words' has a blank or a control character in it"),
                               ([f"t{i}" for i in range(17)], "a worker has at most 16")):
            options = [word for tag in tags for word in ("--tag", tag)]
            done = subprocess.run([program("dcalc-worker"), *options], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=clean_environment(), check=False,
                                  timeout=60)
            self.assertEqual((done.stdout, done.stderr.decode(), done.returncode),
                             (b"", f"dcalc-worker: --tag: {sentence}\n", 64))

    def test_neither_does_one_whose_name_is_no_word(self):
        for name, sentence in (("a b", "'a b' has a blank or a control character in it"),
                               ("x" * 65, f"'{'x' * 65}' is longer than 64 bytes"),
                               ("a\x1b", "'a\x1b' has a blank or a control character in it")):
            done = subprocess.run([program("dcalc-worker"), "--name", name], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=clean_environment(), check=False,
                                  timeout=60)
            self.assertEqual((done.stdout, done.stderr.decode(), done.returncode),
                             (b"", f"dcalc-worker: --name: {sentence}\n", 64))


if __name__ == "__main__":
    unittest.main()
