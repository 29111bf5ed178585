"""What people who share a cluster must not do to each other by mistake."""

import csv
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, clean_environment, end_client, program, wait_until  # noqa: E402

# It runs for much longer than anybody waits.
ENDLESS = "all(k > 0, k, 1, 9e15)"


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.cluster = Cluster(slots=1, keeps=True)
        self.enterContext(self.cluster)

    def start(self, name, count):
        """Somebody's batch of `count` rows, which does not end by itself."""
        client = self.cluster.start("batch", "-", "--name", name, "--timeout", "10m")
        self.addCleanup(end_client, client)
        client.stdin.write(f"{ENDLESS}\n".encode() * count)
        client.stdin.close()
        wait_until(lambda: re.search(rf" {name} +\S+ +{count} ", self.cluster.run("list").out),
                   f"{name} is there with all its jobs")
        return client

    def keep(self, rows, *arguments):
        """A batch that is kept, and has ended."""
        batch = self.cluster.run("batch", "-d", *arguments, stdin=rows).out.strip()
        self.assertIn(self.cluster.run("results", batch).code, (0, 1))
        return batch

    def states(self):
        return {row.split(",")[0]: row.split(",")[2]
                for row in self.cluster.run("list", "-o", "csv").lines[1:]}

    def at_terminal(self, answer, *arguments):
        """What a person sees, and the exit code, who gives `answer` when they are asked."""
        try:
            person, terminal = os.openpty()
        except OSError:
            raise unittest.SkipTest("this system has no terminals to give")
        client = subprocess.Popen([program("dcalc-client"), *self.cluster.arguments(arguments)],
                                  stdin=terminal, stdout=terminal, stderr=terminal,
                                  env=clean_environment())
        os.close(terminal)
        seen = b""
        while True:
            try:
                part = os.read(person, 4096)
            except OSError:  # everybody else has closed it
                break
            if not part:
                break
            seen += part
            if answer is not None and b"[y/N]" in seen:
                os.write(person, answer)
                answer = None
        code = client.wait(timeout=PATIENCE)
        os.close(person)
        # What is waited for stands in a line that does not stay.
        return re.sub(r"\r\x1b\[K[^\r]*\r\x1b\[K", "", seen.decode().replace("\r\n", "\n")), code


class All(Case):
    def test_without_a_terminal_it_needs_a_yes(self):
        self.start("mine", 1)
        for command in ("cancel", "delete"):
            for ids in (("all",), ("b7", "*"), ("b7,all",)):
                result = self.cluster.run(command, *ids)
                self.assertEqual((result.out, result.code), ("", 64))
                self.assertEqual(result.err, (
                    f"dcalc: {command}: 'all' are everybody's batches, and there is no terminal to ask at\n"
                    f"       if that is meant: dcalc {command} all --yes      which there are: dcalc list\n"))
        self.assertEqual(self.cluster.run("cancel", "all", "--yes").out, "b1: cancelled\n")
        result = self.cluster.run("cancel", "all", "-y")
        self.assertEqual((result.out, result.err, result.code), ("", "dcalc: there is nothing to cancel\n", 0))

    def test_who_is_asked_may_say_no(self):
        self.start("mine", 1)
        self.start("yours", 3)
        question = "2 batches of 2 clients, 4 jobs not computed yet: cancel them? [y/N] "
        for answer in (b"\n", b"n\n", b"yesterday\n", b"\x04"):
            seen, code = self.at_terminal(answer, "cancel", "all")
            self.assertEqual(code, 130)
            self.assertIn(question, seen)
            self.assertTrue(seen.endswith("dcalc: nothing was cancelled\n"), seen)
        self.assertEqual(len(self.states()), 2)
        for answer in (b"Yes\n",):
            seen, code = self.at_terminal(answer, "cancel", "all")
            self.assertEqual((seen, code), (f"{question}Yes\nb1: cancelled\nb2: cancelled\n", 0))

    def test_all_that_has_ended_is_deleted_and_the_rest_is_counted(self):
        kept = [self.keep("1+1\n2+2\n"), self.keep("1/0\n")]
        self.start("mine", 1)
        seen, code = self.at_terminal(b"y\n", "delete", "all")
        self.assertEqual((seen, code), (
            "dcalc: 1 batch stays, which has not ended\n"
            "2 batches with the results of 3 jobs: delete them? [y/N] y\n"
            f"{kept[0]}: deleted\n{kept[1]}: deleted\n", 0))
        self.assertEqual(self.states(), {"b3": "running"})
        seen, code = self.at_terminal(None, "delete", "all", "--yes", "-q")
        self.assertEqual((seen, code), ("", 0))


class Last(Case):
    def test_whoever_steers_the_last_is_told_which_that_is(self):
        said = "dcalc: last is b1 'mine'\n"
        self.start("mine", 1)
        result = self.cluster.run("set", "last", "--priority", "3")
        self.assertEqual((result.out, result.err), ("b1: priority 3, running\n", said))
        result = self.cluster.run("set", "last", "--priority", "4", "-q")
        self.assertEqual((result.out, result.err), ("b1: priority 4, running\n", ""))
        result = self.cluster.run("cancel", "b9", "last", "-o", "csv")
        self.assertEqual((result.out, result.code), ("id,state\nb1,cancelled\n", 66))
        self.assertTrue(result.err.startswith(said), result.err)
        self.assertEqual(self.cluster.run("status", "b1").code, 66)

    def test_likewise_of_those_that_are_kept(self):
        kept = self.keep("1+1\n1/0\n")
        result = self.cluster.run("retry", "last")
        self.assertEqual((result.out, result.err), (f"b2: 1 job of {kept} again\n", f"dcalc: last is {kept}\n"))
        self.assertIn(self.cluster.run("results", "b2").code, (0, 1))
        result = self.cluster.run("delete", "last")
        self.assertEqual((result.out, result.err), ("b2: deleted\n", "dcalc: last is b2\n"))


class Names(Case):
    def test_who_mistypes_a_name_is_told_the_one_that_is_there(self):
        self.keep("1+1\n", "--name", "nightly")
        for command in ("status", "cancel", "delete", "results", "attach", "retry"):
            result = self.cluster.run(command, "nigthly")
            self.assertEqual((result.out, result.err, result.code), (
                "", "dcalc: there is no batch 'nigthly'; did you mean 'nightly'?\n"
                    "       those there are: dcalc list\n", 66))
        self.assertEqual(self.cluster.run("status", "b7").err,
                         "dcalc: there is no batch 'b7'\n       those there are: dcalc list\n")


class Tables(Case):
    def memory(self):
        worker, = csv.DictReader(self.cluster.run("workers", "-o", "csv").lines)
        return worker["memory_bytes"]

    def test_what_has_ended_has_no_rate(self):
        self.keep("1+1\n")
        lines = self.cluster.run("list").lines
        self.assertEqual(lines[0].split(), ["ID", "STATE", "JOBS", "DONE", "FAILED", "AGE", "KEPT"])
        self.assertRegex(lines[1], r"^b1  done +1   all +0 +\d+s +\w+$")
        self.assertNotIn("/s", self.cluster.run("status", "b1").out)

    def test_what_programs_read_has_its_unit_in_the_header(self):
        self.keep("1+1\n1/0\n", "--name", "a b", "--keep", "1h")
        row, = csv.DictReader(self.cluster.run("status", "b1", "-o", "csv").lines)
        self.assertEqual(list(row), ["id", "name", "state", "jobs", "done", "failed", "jobs_per_s", "age_ms",
                                     "priority", "deadline_ms", "keep_ms", "waiting", "running", "left_ms",
                                     "why"])
        self.assertEqual([row[name] for name in ("name", "jobs", "done", "failed", "deadline_ms")],
                         ["a b", "2", "2", "1", ""])
        self.assertTrue(3e6 < int(row["keep_ms"]) <= 3.6e6)
        self.assertEqual(self.cluster.run("list", "-o", "tsv").lines[0].split("\t"), list(row)[:11])
        wait_until(self.memory, "the slot has said how much memory is left")
        self.assertGreater(int(self.memory()), 2 ** 20)


class Waiting(Case):
    def test_who_attaches_is_told_what_is_waited_for_once(self):
        self.start("mine", 2)
        kept = self.cluster.run("batch", "-d", "--after", "mine", stdin="6*7\n").out.strip()
        for command in ("attach", "results"):
            client = self.cluster.start(command, kept)
            self.addCleanup(end_client, client)
            self.assertEqual(client.stderr.readline().decode(), f"dcalc: {kept} waits: after b1 (0 % done)\n")
            client.terminate()
            self.assertNotIn(b"waits", client.stderr.read())


class Gone(Case):
    def test_a_client_that_is_gone_is_not_said_to_send(self):
        client = self.cluster.start("batch", "-d", "--key", "k", "-")
        self.addCleanup(end_client, client)
        client.stdin.write(b"6*7\n" * 3)
        client.stdin.flush()
        wait_until(lambda: " 3 done, its client still sends" in self.cluster.run("status", "b1").out,
                   "all that has come is computed")
        client.kill()
        client.wait()
        wait_until(lambda: "gone" in self.cluster.run("status", "b1").out, "the broker has seen it")
        self.assertRegex(self.cluster.run("status", "b1").out,
                         r"^b1 -   \w+: its client is gone, and has \d+ s to come back   3 done(   \S+/s)?\n$")


    def test_workers_that_are_coming_back_are_not_gone(self):
        client = self.cluster.start("batch", "-", "--wait", "60s")
        self.addCleanup(end_client, client)
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        self.cluster.restart_broker()
        client.stdin.write(b"2+2\n")
        client.stdin.close()
        self.assertEqual(client.stdout.read(), b"4\n")
        said = client.stderr.read().decode()
        self.assertRegex(said, r"^dcalc: lost the broker .*\ndcalc: 2 jobs in .*\n$")


if __name__ == "__main__":
    unittest.main()
