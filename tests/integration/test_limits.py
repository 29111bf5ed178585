"""Expressions that are longer than the operator of the broker allows."""

import os
import signal
import sys
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, wait_until  # noqa: E402

TOLD = "and the broker takes 10 at most (--max-expr)"


class MaxExpr(unittest.TestCase):
    maxDiff = None

    def start(self, *options, **settings):
        cluster = Cluster(broker_options=options, **settings)
        cluster.__enter__()
        self.addCleanup(cluster.__exit__)
        return cluster

    def ends(self, result, out, err, code):
        self.assertEqual((result.out, result.code), (out, code), result.err)
        self.assertIn(err, result.err)

    def test_longer_ones_fail_and_say_why(self):
        cluster = self.start("--max-expr", "10")
        self.ends(cluster.run("1+2+3+4+50"), "60\n", "", 0)
        self.ends(cluster.run("1+2+3+4+500"), "", f"dcalc: the expression has 11 bytes, {TOLD}\n", 1)
        self.ends(cluster.run("batch", stdin="1+2\n1+2+3+4+500\n3+4\n"), "3\nerror: too-long\n7\n",
                  f"the expression has 11 bytes, {TOLD}", 1)
        # What is no expression may be as long as it was.
        table = "a,expr\n" + "x" * 100 + ",1+2\n,1+2+3+4+500\n"
        self.ends(cluster.run("batch", "-", "--from", "csv", "-o", "text", stdin=table), "3\nerror: too-long\n",
                  TOLD, 1)

    def test_a_longer_template_is_refused(self):
        cluster = self.start("--max-expr", "10", keeps=True)
        rows = ["batch", "-r", "x=1:3", "-q"]
        self.ends(cluster.run(*rows, "-t", "x*x*x*x+10"), "11\n26\n91\n", "", 0)
        told = f"dcalc: the template has 11 bytes, {TOLD}\n"
        self.ends(cluster.run(*rows, "-t", "x*x*x*x+100"), "", told, 64)
        self.ends(cluster.run(*rows, "-t", "x*x*x*x+100", "-d"), "", told, 64)
        # Nothing is left of what was refused, as soon as the broker has heard it.
        wait_until(lambda: len(cluster.run("list", "-o", "csv").lines) == 1, "only the heading is listed")

    def test_a_line_of_a_plain_request_fails_alone(self):
        cluster = self.start("--max-expr", "10")
        with zmq.Context() as context, context.socket(zmq.REQ) as client:
            client.linger, client.rcvtimeo = 0, 60000
            client.connect(cluster.frontend)
            client.send(b"1+2\n1+2+3+4+500\n3+4")
            self.assertEqual(client.recv().decode().splitlines(), [
                "3", f"error: too-long at 1: the expression has 11 bytes, {TOLD}", "7"])
            client.send(b"1+2+3+4+500")
            self.assertEqual(client.recv().decode(), f"error: too-long at 1: the expression has 11 bytes, {TOLD}")

    def test_the_limit_is_read_again(self):
        cluster = self.start("--max-expr", "100")
        file = cluster.write("dcalc.conf", "[broker]\nmax-expr = 100\n")
        cluster.broker.terminate()
        cluster.broker.wait()
        cluster.broker_options = ["--config", file]
        cluster.start_broker()
        cluster.wait_for_slots(2)
        self.ends(cluster.run("1+2+3+4+500"), "510\n", "", 0)
        cluster.write("dcalc.conf", "[broker]\nmax-expr = 10\n")
        cluster.broker.send_signal(signal.SIGHUP)
        wait_until(lambda: "settings read again" in cluster.log(), "the broker reads its settings")
        self.ends(cluster.run("1+2+3+4+500"), "", f"dcalc: the expression has 11 bytes, {TOLD}\n", 1)

    def test_more_than_workers_take_is_no_limit(self):
        cluster = Cluster(workers=0, broker_options=("--max-expr", "1M"))
        self.addCleanup(cluster.__exit__)
        self.assertEqual(cluster.start_broker().wait(), 64)
        self.assertIn("--max-expr", cluster.log())
        self.assertIn("64k", cluster.log())


if __name__ == "__main__":
    unittest.main()
