"""One expression, a whole cluster: long reductions are split, and give the same digits whatever happens."""

import json
import os
import signal
import sys
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, wait_until  # noqa: E402

# Sanitizers are five to twenty times slower: fewer terms, the same splits.
IS_FAST = os.environ.get("DCALC_KIND", "release") == "release"
TERMS = "1e9" if IS_FAST else "5e7"
LIMIT_S = 240
OPTIONS = ("--timeout", f"{LIMIT_S}s")

# What is split where a worker may split; each is more than 10^8 steps.
LONG = [
    f"sum(1/k^2, k, 1, {TERMS})",
    f"prod(1 + 1/k^2, k, 1, {'1e8' if IS_FAST else '4e7'})",
    f"1 + 2*mean(hypot(uniform(1, k), uniform(2, k)) < 1, k, 1, {'3e7' if IS_FAST else '2e7'})",
    "sum(sum(1/(j + k), j, 1, 1e4), k, 1, 8000)",
]


def slot_pids(worker):
    with open(f"/proc/{worker.pid}/task/{worker.pid}/children") as file:
        return [int(pid) for pid in file.read().split()]


def rows(cluster, command):
    return [json.loads(line) for line in cluster.run(command, "-o", "json").lines]


def wait_for_split(cluster):
    """Wait until slots have split the job that runs, and parts of it are open."""
    wait_until(lambda: any(batch["parts"] for batch in rows(cluster, "list")), "the job is split")


class Split(unittest.TestCase):
    def evaluate(self, cluster, *expressions):
        result = cluster.run(*OPTIONS, *expressions, timeout=LIMIT_S)
        self.assertEqual((result.code, result.err), (0, ""))
        return result.lines

    def test_the_same_digits_on_any_number_of_slots(self):
        digits = []
        for slots in (1, 2, 3, 7):
            with Cluster(workers=1, slots=slots) as cluster:
                digits.append(self.evaluate(cluster, *LONG))
        for other in digits[1:]:
            self.assertEqual(other, digits[0])

    def test_the_same_digits_while_slots_are_killed(self):
        with Cluster(workers=1, slots=2) as cluster:
            calm = self.evaluate(cluster, LONG[0])
            client = cluster.start(*OPTIONS, LONG[0])
            # Fewer times than a part may be lost before it fails.
            for _ in range(2):
                wait_for_split(cluster)
                victim = slot_pids(cluster.workers[0])[0]
                os.kill(victim, signal.SIGKILL)
                self.assertIsNone(client.poll(), "it was killed while the job ran")
                wait_until(lambda: len(set(slot_pids(cluster.workers[0])) - {victim}) == 2,
                           "the slot is started again")
            out, err = client.communicate(timeout=LIMIT_S)
            self.assertEqual((client.returncode, err), (0, b""))
            self.assertEqual(out.decode().splitlines(), calm)

    def test_all_slots_work_at_it(self):
        with Cluster(workers=1, slots=2) as cluster:
            self.evaluate(cluster, LONG[0])
            answered = [slot["jobs"] for slot in rows(cluster, "workers")]
            self.assertEqual(len(answered), 2)
            self.assertGreater(min(answered), 1, "each slot has computed parts")

    def test_rows_are_split_as_well(self):
        with Cluster(workers=1, slots=2) as cluster:
            table = cluster.write("in.csv", "n\n2e8\n3\n0\nx\n2e8\n")
            result = cluster.run(*OPTIONS, "batch", table, "-t", "sum(1/k^2, k, 1, n)", "-o", "text",
                                 timeout=LIMIT_S)
            self.assertEqual(result.code, 1)
            self.assertEqual(result.lines[0], result.lines[4])
            self.assertEqual(result.lines[1:3], ["1.3611111111111112", "0"])
            self.assertTrue(result.lines[3].startswith("error"))

    def test_a_plain_client_gets_its_replies_in_order(self):
        with Cluster(workers=1, slots=2) as cluster:
            client = zmq.Context.instance().socket(zmq.DEALER)
            client.linger, client.rcvtimeo = 0, LIMIT_S * 1000
            client.connect(cluster.frontend)
            for request in (b"sum(k, k, 1, 1.1e8)", b"1+1", b"sum(k % 7, k, 1, 1.1e8)", b"2+2"):
                client.send_multipart([b"", request])
            replies = [client.recv_multipart()[1] for _ in range(4)]
            client.close()
            self.assertEqual(replies, [b"6050000055000000", b"2", b"330000000", b"4"])

    def test_a_cancelled_job_leaves_its_slots_to_others(self):
        with Cluster(workers=1, slots=2) as cluster:
            client = cluster.start("-q", *OPTIONS, "sum(sin(k)/k, k, 1, 1e10)")
            wait_for_split(cluster)
            client.send_signal(signal.SIGINT)
            client.communicate(timeout=LIMIT_S)
            self.assertEqual(client.returncode, 130)
            self.assertEqual(cluster.run("6*7").out, "42\n")
            wait_until(lambda: cluster.run("list").out == "", "nothing is left of it")

    def test_the_first_fault_counts(self):
        with Cluster(workers=1, slots=2) as cluster:
            text = "sum(k == 9e7 or k == 1.5e8 ? gcd(k/7, 1) : k, k, 1, 2e8)"
            result = cluster.run(*OPTIONS, text, timeout=LIMIT_S)
            self.assertEqual((result.code, result.out), (1, ""))
            self.assertIn("12857142.857142", result.err)

    def test_time_is_limited(self):
        with Cluster(workers=1, slots=2) as cluster:
            result = cluster.run("--timeout", "1s", "sum(sin(k)/k, k, 1, 1e10)")
            self.assertEqual((result.code, result.out), (1, ""))
            self.assertIn("longer than 1s (--timeout)", result.err)


# Each is a fault within its limit, and the next job is normal.
HOSTILE = {
    "sum(1, k, 1, 1e18)": "step-limit",
    "sum(sum(1/(j+k), j, 1, 1e9), k, 1, 1e9)": "step-limit",
    "integrate(sin(1/x)/x^2, x, 0, 1)": None,
    "integrate(uniform(1, floor(x*1e15)), x, 0, 1)": None,
    "solve(x^2 + 1, x, -1e300, 1e300)": None,
    "(" * 65536: "too-deep",
    "1" + "^1" * 32767: None,
    "sum(" * 16384: None,
    "sum(k, k, 1, " * 40 + "1" + ")" * 40: None,
    "f(x) = sum(x + k, k, 1, 1e6); f(f(f(f(1))))": None,
}


class Hostile(unittest.TestCase):
    def test_it_is_boring(self):
        with Cluster(workers=1, slots=1) as cluster:
            pids = slot_pids(cluster.workers[0])
            for text, code in HOSTILE.items():
                with self.subTest(text=text[:40]):
                    path = cluster.write("in", text + "\n")
                    with open(path, "rb") as lines:
                        result = cluster.run("--timeout", "2s", "-q", stdin=lines)
                    self.assertEqual(len(result.lines), 1)
                    if code:
                        self.assertEqual(result.out, f"error: {code}\n")
                    self.assertIn(result.code, (0, 1))
                    self.assertEqual(cluster.run("2+2").out, "4\n")
            self.assertEqual(slot_pids(cluster.workers[0]), pids, "the slot has lived through it")


if __name__ == "__main__":
    unittest.main(verbosity=2)
