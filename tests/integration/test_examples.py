"""The examples of clients in Python, against a real cluster."""

import os
import signal
import subprocess
import sys
import threading
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, clean_environment, free_port, wait_until  # noqa: E402

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "client", "examples")


def start(name, url, patience=None):
    """Start an example. `patience`: for how many seconds it waits for a reply."""
    command = [sys.executable, os.path.join(EXAMPLES, name), url]
    if patience:
        script = f"import runpy, sys; sys.argv = sys.argv[1:]; m = runpy.run_path(sys.argv[0]); " \
                 f"m['main'].__globals__['PATIENCE_S'] = {patience}; m['main']()"
        command = [sys.executable, "-c", script, *command[1:]]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env=clean_environment())


def run(name, url, text, **options):
    """Run an example to its end; returns what it printed, what it complained of, its exit code."""
    process = start(name, url, **options)
    try:
        out, err = process.communicate(text, timeout=PATIENCE)
    finally:
        process.kill()
    return out, err, process.returncode


class Plain(unittest.TestCase):
    def test_a_line_each(self):
        with Cluster(slots=1) as cluster:
            self.assertEqual(run("plain.py", cluster.frontend, "10+2*3\n1/0\nsqrt(2)\n"),
                             ("16\nerror: divide-by-zero at 2: division by zero\n1.4142135623730951\n", "", 0))

    def test_who_gets_no_reply_asks_anew(self):
        url = f"tcp://127.0.0.1:{free_port()}"
        with zmq.Context() as context, context.socket(zmq.ROUTER) as deaf:
            deaf.linger = 0
            deaf.rcvtimeo = int(PATIENCE * 1000)
            deaf.bind(url)
            process = start("plain.py", url, patience=0.5)
            process.stdin.write("6*7\n")
            process.stdin.close()
            first = deaf.recv_multipart()
            second = deaf.recv_multipart()
            self.assertEqual(second[1:], [b"", b"6*7"])
            self.assertNotEqual(first[0], second[0])  # on another connection
            deaf.send_multipart([second[0], b"", b"error: busy no room, try again in 1 ms"])
            third = deaf.recv_multipart()
            deaf.send_multipart([third[0], b"", b"42"])
            self.assertEqual(process.stdout.read(), "42\n")
            self.assertEqual(process.wait(PATIENCE), 0)
            process.stdout.close()
            process.stderr.close()

    def test_where_nobody_is_it_ends(self):
        out, err, code = run("plain.py", f"tcp://127.0.0.1:{free_port()}", "1\n", patience=0.1)
        self.assertEqual((out, code), ("", 1))
        self.assertIn("no reply from tcp://127.0.0.1:", err)


class Batch(unittest.TestCase):
    # More than the broker gives credit for at once, lines of many lengths, none at the end.
    JOBS = 60000

    def text(self):
        return "\n".join(f"{i}+{'0' * (i % 29)}1" for i in range(self.JOBS))

    def results(self):
        return "".join(f"{i + 1}\n" for i in range(self.JOBS))

    def test_many_in_order(self):
        with Cluster(slots=2) as cluster:
            out, err, code = run("batch.py", cluster.frontend, self.text())
        self.assertEqual((err, code), ("", 0))
        self.assertTrue(out == self.results())

    def test_a_slot_that_dies_takes_nothing_with_it(self):
        with Cluster(workers=2, slots=1) as cluster:
            process = start("batch.py", cluster.frontend)
            writer = threading.Thread(target=lambda: (process.stdin.write(self.text()), process.stdin.close()))
            writer.start()
            out = process.stdout.readline()
            cluster.workers[0].kill()
            out += process.stdout.read()
            writer.join()
            self.assertEqual(process.wait(PATIENCE), 0, process.stderr.read())
            self.assertTrue(out == self.results())
            process.stdout.close()
            process.stderr.close()

    def test_what_comes_slowly_is_answered_at_once(self):
        with Cluster(slots=1) as cluster:
            process = start("batch.py", cluster.frontend)
            for text, result in ("6*7\n", "42\n"), ("1/0\n", "error: divide-by-zero\n"), ("x", None):
                process.stdin.write(text)
                process.stdin.flush()
                if result:
                    self.assertEqual(process.stdout.readline(), result)
            process.stdin.close()
            self.assertEqual(process.stdout.read(), "error: unknown-name\n")
            self.assertEqual(process.wait(PATIENCE), 0)
            process.stdout.close()
            process.stderr.close()

    def test_of_nothing_nothing_comes(self):
        with Cluster(slots=1) as cluster:
            self.assertEqual(run("batch.py", cluster.frontend, ""), ("", "", 0))

    def test_a_broker_that_is_gone_is_told(self):
        with Cluster(slots=1) as cluster:
            process = start("batch.py", cluster.frontend)
            process.stdin.write("1\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), "1\n")
            cluster.broker.send_signal(signal.SIGSTOP)
            try:
                wait_until(lambda: process.poll() is not None, "it has given up")
            finally:
                cluster.broker.send_signal(signal.SIGCONT)
            self.assertIn("the broker does not answer", process.stderr.read())
            self.assertEqual(process.returncode, 1)
            for pipe in (process.stdin, process.stdout, process.stderr):
                pipe.close()


if __name__ == "__main__":
    unittest.main()
