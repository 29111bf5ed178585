"""On what terms batches are computed: priority, deadline, held or not; and how they end early."""

import csv
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, clean_environment, end_client, program, run_client, wait_until  # noqa: E402
from slow import terms  # noqa: E402

NOWHERE = ["-b", "ipc:///nowhere/at/all"]

# Some seconds for one slot: it is not split, and only its end says that it is true. What is given
# up is not computed to its end.
SLOW = "all(k > 0, k, 1, 2e10)"

cluster = Cluster(workers=1, slots=1)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__


class Case(unittest.TestCase):
    maxDiff = None

    def check(self, result, out, code=0, err=""):
        """All that came out, and nothing else."""
        self.assertEqual((result.out, result.err, result.code), (out, err, code))

    def start(self, *arguments, rows=b"1+1\n", at=None):
        """A batch that goes on: its first row is computed, and more could come."""
        client = (at or cluster).start("batch", "-", "--name", self.id().split(".")[-1], *arguments)
        self.addCleanup(end_client, client)
        client.stdin.write(rows)
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        return client, self.id().split(".")[-1]


class Usage(Case):
    def fails(self, *arguments, code=64, **options):
        result = run_client([*arguments, *NOWHERE], stdin="1\n", **options)
        self.assertEqual((result.out, result.code), ("", code))
        return result.err

    def test_a_deadline_that_has_passed_is_told_at_once(self):
        for deadline in ("2026-01-01", "2026-11-23T18:30:00Z", "0s", "0"):
            for command in (["batch"], ["set", "b17"]):
                self.assertRegex(self.fails(*command, "--deadline", deadline),
                                 rf"^dcalc: --deadline: '{deadline}' has passed: it is "
                                 r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d now\n$")

    def test_what_is_no_time_is_told(self):
        for deadline in ("soon", "30", "25:00", "2026-02-30", "inf", ""):
            self.assertEqual(self.fails("batch", "--deadline", deadline),
                             f"dcalc: --deadline: '{deadline}' is not a time, such as 5m, 18:30, "
                             "tomorrow 07:00, 2026-11-24T18:30, none\n")
        self.assertIn("--deadline: 'soon' is not a time",
                      self.fails("batch", environment={"DCALC_DEADLINE": "soon"}, code=78))

    def test_priorities_have_limits_and_words(self):
        self.assertEqual(self.fails("batch", "--priority", "11"),
                         "dcalc: --priority: '11' is not within -10 and 10\n")
        self.assertEqual(self.fails("set", "b1", "--priority", "urgent"),
                         "dcalc: --priority: 'urgent' is not a whole number from -10 to 10, "
                         "nor one of: low normal high\n")
        self.assertIn("'eval' does not take the option '--priority'",
                      self.fails("eval", "1", "--priority", "1"))

    def test_names_are_names(self):
        for name in ("all", "last", "17", "b17", "3-7", "a,b"):
            self.assertEqual(self.fails("batch", "--name", name),
                             f"dcalc: --name: '{name}' means other batches to 'status' and "
                             "'cancel'\n")
        self.assertIn("is no name", self.fails("batch", "--name", ""))
        self.assertIn("is no name", self.fails("batch", "--name", "a\tb"))
        self.assertIn("64 bytes are the limit", self.fails("batch", "--name", "ä" * 33))
        self.assertIn("--retries: '256' is not within", self.fails("batch", "--retries", "256"))

    def test_set_must_be_told_what(self):
        self.assertEqual(self.fails("set", "b17"),
                         "dcalc: set: what is to change? --priority N, --deadline WHEN, --hold or "
                         "--release\n")
        self.assertEqual(self.fails("set", "b17", "--hold", "--release"),
                         "dcalc: set: --hold and --release exclude each other\n")
        self.assertEqual(self.fails("set", "--hold"),
                         "dcalc: set: which batch? dcalc list shows them\n")
        self.assertIn("'set' does not take the option '--template'",
                      self.fails("set", "b17", "-t", "x"))
        self.assertIn("did you mean 'set'?", self.fails("hold"))
        # Variables are for new batches.
        self.assertIn("what is to change?", self.fails("set", "b17", environment={
            "DCALC_PRIORITY": "5", "DCALC_DEADLINE": "5m", "DCALC_HOLD": "yes"}))


class Deadline(Case):
    def run_late(self, *arguments, rows="1+1\n1/0\n" + f"{SLOW}\n" * 3, **options):
        """A batch of which two rows are computed by its deadline."""
        result = cluster.run("batch", "-q", "--deadline", "1s", *arguments, stdin=rows, **options)
        self.assertEqual(result.code, 124)
        return result

    def test_each_row_that_has_no_result_says_so_in_its_place(self):
        late = "error: deadline\n" * 3
        self.check(self.run_late(), "2\nerror: divide-by-zero\n" + late, 124)
        rows = "\n".join(["1+1", "1/0", SLOW, "x" * 300000, SLOW]) + "\n"
        self.check(self.run_late(rows=rows), "2\nerror: divide-by-zero\nerror: deadline\n"
                                             "error: too-long\nerror: deadline\n", 124)

    def test_tables_keep_their_columns(self):
        table = 'id,expr\n1,1+1\n2,1/0\n' + "".join(f'{n},"{SLOW}"\n' for n in (3, 4))
        result = self.run_late("--from", "csv", rows=table)
        self.assertEqual([(row["id"], row["result"], row["error"])
                          for row in csv.DictReader(result.lines)],
                         [("1", "2", ""), ("2", "", "divide-by-zero"), ("3", "", "deadline"),
                          ("4", "", "deadline")])

    def test_json(self):
        result = self.run_late("-o", "json")
        rows = [json.loads(line) for line in result.lines]
        self.assertEqual([row["row"] for row in rows], [1, 2, 3, 4, 5])
        self.assertEqual(rows[4], {"v": 1, "batch": rows[0]["batch"], "row": 5, "expr": SLOW,
                                   "error": {"code": "deadline",
                                             "message": "the deadline has passed"}})

    def test_rows_without_order_are_each_there(self):
        result = self.run_late("-u")
        self.assertEqual(sorted(result.lines),
                         ["1\t2", "2\terror: divide-by-zero"]
                         + [f"{row}\terror: deadline" for row in (3, 4, 5)])

    def test_the_summary_says_how_many(self):
        result = cluster.run("batch", "--deadline", "1s", stdin=f"1+1\n1/0\n{SLOW}\n{SLOW}\n")
        self.assertEqual((result.lines[2:], result.code), (["error: deadline"] * 2, 124))
        self.assertRegex(result.err, r"^stdin:2:2: division by zero\n"
                                     r"dcalc: 1 of 4 jobs computed by the deadline, 1 failed, "
                                     r"2 not computed, batch b\d+\n"
                                     r"       --errors FILE keeps what is missing, to send it "
                                     r"alone\n$")

    def test_rows_that_were_not_even_sent_have_their_lines(self):
        result = cluster.run("batch", "-r", "x=1:2e6", "-t", f"x == 1 ? 2 : ({SLOW} ? 1 : 0)",
                             "--deadline", "500ms")
        self.assertEqual((len(result.lines), result.code), (2000000, 124))
        self.assertEqual(set(result.lines[1:]), {"error: deadline"})
        self.assertRegex(result.err, r"^dcalc: [01] of 2,000,000 jobs computed by the deadline, "
                                     r"(2,000,000|1,999,999) not computed, batch b\d+\n")

    def test_the_file_is_there_by_then(self):
        target, errors = cluster.path("late.txt"), cluster.path("late.jsonl")
        self.check(self.run_late("-O", target, "--errors", errors), "", 124)
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "2\nerror: divide-by-zero\n" + "error: deadline\n" * 3)
        with open(errors, encoding="utf-8") as file:
            kept = [json.loads(line) for line in file]
        self.assertEqual([(row["row"], row["expr"], row["error"]["code"]) for row in kept],
                         [(2, "1/0", "divide-by-zero")]
                         + [(row, SLOW, "deadline") for row in (3, 4, 5)])

    def test_what_was_computed_is_reduced(self):
        result = self.run_late("--reduce", "sum", "-o", "json", rows=f"1+1\n{SLOW}\n{SLOW}\n")
        told = json.loads(result.out)
        self.assertEqual((told["value"], told["rows"], told["failed"]), (2, 3, 2))
        self.check(self.run_late("--reduce", "mean", rows=f"{SLOW}\n"), "error: no-terms\n", 124,
                   "dcalc: 'mean' needs a row with a value\n")

    def test_a_pipe_that_stays_open_is_not_waited_for(self):
        client, _ = self.start("--deadline", "500ms")
        self.assertEqual(client.wait(timeout=30), 124)
        self.assertEqual(client.stdout.read(), b"")
        self.assertRegex(client.stderr.read().decode(),
                         r"^dcalc: 1 of 1 job computed by the deadline, batch b\d+; there was more "
                         r"input\n$")

    def test_without_broker_or_worker_it_is_kept(self):
        result = run_client(["batch", "--deadline", "300ms", *NOWHERE], stdin="1\n2\n")
        self.check(result, "error: deadline\n" * 2, 124,
                   "dcalc: 0 of 2 jobs computed by the deadline, 2 not computed\n"
                   "       --errors FILE keeps what is missing, to send it alone\n")
        with Cluster(workers=0) as alone:
            result = alone.run("batch", "-q", "--deadline", "300ms", stdin="1\n2\n")
            self.check(result, "error: deadline\n" * 2, 124)

    def test_who_is_in_time_notices_nothing(self):
        for deadline in ("1m", "tomorrow 07:00", "tomorrow", "2999-12-31T23:59:59Z", "none"):
            self.check(cluster.run("batch", "-q", "--deadline", deadline, stdin="1+1\n"), "2\n")

    def test_another_may_set_it(self):
        client, name = self.start(rows=f"1+1\n{SLOW}\n".encode())
        self.assertEqual(cluster.run("set", name, "--deadline", "200ms").code, 0)
        client.stdin.close()
        self.assertEqual((client.stdout.read(), client.wait(timeout=30)),
                         (b"error: deadline\n", 124))


class Cancelled(Case):
    def cancel(self, *arguments):
        client, name = self.start(*arguments, rows=f"1+1\n{SLOW}\n{SLOW}\n".encode())
        wait_until(lambda: cluster.status(name)["running"], "the second row runs")
        self.assertEqual(cluster.run("cancel", name).code, 0)
        client.stdin.close()
        return client.stdout.read().decode(), client.wait(timeout=30), client.stderr.read().decode()

    def test_each_row_has_a_line_and_who_did_it_is_told(self):
        out, code, err = self.cancel()
        self.assertEqual((out, code), ("error: cancelled\n" * 2, 75))
        self.assertRegex(err, r"^dcalc: somebody cancelled batch b\d+ \(dcalc cancel\)\n"
                              r"dcalc: 1 of 3 jobs computed, 2 cancelled, batch b\d+\n"
                              r"       --errors FILE keeps what is missing, to send it alone\n$")

    def start_reduction(self):
        client = cluster.start("batch", "-", "--reduce", "sum", "--name", "reduction")
        self.addCleanup(end_client, client)
        client.stdin.write(f"1+1\n{SLOW}\n".encode())
        client.stdin.flush()
        return client

    def test_a_part_of_the_rows_makes_no_value(self):
        client = self.start_reduction()
        wait_until(lambda: cluster.run("status", "reduction").code == 0, "the batch is open")
        self.assertEqual(cluster.run("cancel", "reduction").code, 0)
        self.assertEqual((client.wait(timeout=30), client.stdout.read()), (75, b""))
        self.assertRegex(client.stderr.read().decode(),
                         r"^dcalc: somebody cancelled batch b\d+ \(dcalc cancel\)\n"
                         r"(dcalc: stopped with 1 row computed, and no value\n)?$")

    def test_a_file_does_not_get_its_name(self):
        target = cluster.path("cancelled.txt")
        client = cluster.start("batch", "-", "-O", target, "--name", "filed")
        self.addCleanup(end_client, client)
        client.stdin.write(f"1+1\n{SLOW}\n".encode())
        client.stdin.close()
        wait_until(lambda: os.path.exists(target + ".part") and os.path.getsize(target + ".part"),
                   "the first row is written")
        self.assertEqual(cluster.run("cancel", "filed").code, 0)
        self.assertEqual(client.wait(timeout=30), 75)
        self.assertTrue(client.stderr.read().decode().endswith(
            "\n       continue: the same command, with the same input, and --resume\n"))
        with open(target + ".part", encoding="utf-8") as file:
            self.assertEqual(file.read(), "2\nerror: cancelled\n")
        self.assertFalse(os.path.exists(target))


class Set(Case):
    def test_several_things_at_once(self):
        client, name = self.start("--priority", "low")
        batch = cluster.status(name)["batch"]
        self.assertEqual(cluster.status(name)["priority"], -5)
        self.check(cluster.run("set", name, "--priority", "high", "--hold"),
                   f"{batch}: priority 5, held\n")
        self.check(cluster.run("set", batch, "--deadline", "2h", "--priority", "-3"),
                   f"{batch}: priority -3, held, ends in 2 h\n")
        told = cluster.status(name)
        self.assertEqual((told["priority"], told["held"], told["state"]), (-3, True, "held"))
        self.assertTrue(7100000 < told["deadline_ms"] <= 7200000, told)
        self.check(cluster.run("set", batch[1:], "--deadline", "none", "--release"),
                   f"{batch}: priority -3, waiting\n")
        told = cluster.status(name)
        self.assertNotIn("deadline_ms", told)
        self.assertNotIn("held", told)
        client.stdin.close()
        self.assertEqual(client.wait(timeout=30), 0)

    def test_formats(self):
        _, name = self.start()
        batch = cluster.status(name)["batch"]
        self.check(cluster.run("set", name, "--priority", "2", "--hold", "-o", "csv"),
                   f"id,state,priority,deadline_ms\n{batch},held,2,\n")
        line = cluster.run("set", name, "--deadline", "1h", "-o", "tsv").lines[1].split("\t")
        self.assertEqual(line[:3], [batch, "held", "2"])
        self.assertTrue(3500000 < int(line[3]) <= 3600000, line)
        told = json.loads(cluster.run("set", name, "--priority", "0", "-o", "json").out)
        self.assertEqual((told["v"], told["batch"], told["priority"], told["state"]),
                         (1, batch, 0, "held"))

    def test_an_unknown_batch(self):
        self.check(cluster.run("set", "b999999", "--hold"), "", 66,
                   "dcalc: there is no batch 'b999999'\n       those there are: dcalc list\n")

    def test_one_that_is_not_there_does_not_stop_the_others(self):
        _, name = self.start()
        batch = cluster.status(name)["batch"]
        self.check(cluster.run("set", "b999999", name, "nobody", "--priority", "4"),
                   f"{batch}: priority 4, waiting\n", 66,
                   "".join(f"dcalc: there is no batch '{one}'\n       those there are: dcalc list\n"
                           for one in ("b999999", "nobody")))

    def test_many_batches(self):
        with Cluster() as other:
            first = self.start(at=other)[0]
            second = self.start(at=other)[0]
            self.check(other.run("set", "all", "--priority", "1"),
                       "b1: priority 1, waiting\nb2: priority 1, waiting\n")
            self.check(other.run("set", "1,2", "--priority", "2", "-o", "csv"),
                       "id,state,priority,deadline_ms\nb1,waiting,2,\nb2,waiting,2,\n")
            for client in (first, second):
                client.stdin.close()
                self.assertEqual(client.wait(timeout=30), 0)

    def test_what_is_held_begins_nothing_and_goes_on(self):
        client, name = self.start()
        self.assertEqual(cluster.run("set", name, "--hold").code, 0)
        client.stdin.write(b"2+2\n")
        client.stdin.close()
        wait_until(lambda: cluster.status(name)["waiting"], "the second row waits")
        self.check(cluster.run("batch", "-q", stdin="3+3\n"), "6\n")  # others go on
        self.assertEqual(cluster.status(name)["done"], 1)
        self.assertEqual(cluster.run("set", name, "--release").code, 0)
        self.assertEqual((client.stdout.read(), client.wait(timeout=30)), (b"4\n", 0))


class Looking(Case):
    def test_list_and_status_show_what_is_unusual(self):
        _, name = self.start()
        listed = cluster.run("list").lines
        self.assertRegex(listed[0], r"  AGE$")
        self.assertRegex(listed[-1], r"  waiting .* \d+s$")
        self.assertNotRegex(cluster.run("status", name).out, r"priority|ends in|held")
        cluster.run("set", name, "--priority", "7", "--deadline", "90m", "--hold")
        listed = cluster.run("list").lines
        self.assertRegex(listed[0], r"  AGE  PRIORITY  DEADLINE$")
        self.assertRegex(listed[-1], r"  held .* \d+s +7 +1h30m$")
        batch = cluster.status(name)["batch"]
        self.assertRegex(cluster.run("status", name).out,
                         rf"^{batch} {name}   held: dcalc set {batch} --release lets it go on   "
                         r"1 done, its client still sends(   \S+/s)?   priority 7   ends in 90 min\n$")
        row, = csv.DictReader(cluster.run("status", name, "-o", "csv").lines)
        self.assertEqual((row["priority"], row["state"], row["why"]), ("7", "held", "it is held"))
        self.assertTrue(5000000 < int(row["deadline_ms"]) <= 5400000, row)

    def test_what_is_held_finishes_what_it_began(self):
        client, name = self.start(rows=f"1+1\n{SLOW}\n".encode())
        wait_until(lambda: cluster.status(name)["running"], "the second row runs")
        self.assertRegex(cluster.run("set", name, "--hold").out, r"^b\d+: priority 0, running, held\n$")
        self.assertRegex(cluster.run("status", name).out, r"   running, held   ")
        cluster.run("cancel", name)
        client.stdin.close()
        self.assertEqual(client.wait(timeout=30), 75)

    def test_who_waits_is_told_why(self):
        with Cluster() as other:
            master, terminal = os.openpty()
            client = subprocess.Popen([program("dcalc-client"), *other.arguments(["batch", "-"])],
                                      stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                      stderr=terminal, env=clean_environment())
            os.close(terminal)
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            wait_until(lambda: other.run("set", "last", "--hold").code == 0, "the batch is open")
            client.stdin.write(b"2+2\n")
            client.stdin.close()
            said = ""
            while "\r\x1b[Kb1 waits: it is held; dcalc set b1 --release" not in said:
                said += os.read(master, 65536).decode()
            other.run("set", "b1", "--release")
            self.assertEqual(client.wait(timeout=30), 0)
            said = os.read(master, 65536).decode()
            self.assertTrue(said.startswith("\r\x1b[K"), said)
            os.close(master)


class Priority(Case):
    # About a second each, longer than what is between two looks.
    LOW = f"all(k > 0, k, 1, {terms(1_000_000_000)})\n"

    def test_what_is_urgent_waits_for_one_job_at_most(self):
        client, name = self.start("--priority", "low", rows=b"1+1\n" + self.LOW.encode() * 6)
        wait_until(lambda: cluster.status(name)["running"], "a long row runs")
        before = cluster.status(name)["done"]
        self.check(cluster.run("batch", "-q", "--priority", "high", stdin="6*7\n"), "42\n")
        # One that ran when the urgent one came, and one that may have ended on its way.
        self.assertLessEqual(cluster.status(name)["done"] - before, 2)
        self.assertLess(cluster.status(name)["done"], 7)
        cluster.run("cancel", name)
        client.stdin.close()
        self.assertEqual(client.wait(timeout=30), 75)

    def start_row(self, name, priority, order):
        """A batch of one long row that is noted in the file `order` when it has ended."""
        file = cluster.write(name + ".txt", self.LOW)
        client = subprocess.Popen(
            f"'{program('dcalc-client')}' -b {cluster.frontend} batch -q '{file}' --name {name} "
            f"--priority {priority} && echo {name} >>'{order}'",
            shell=True, env=clean_environment(), stdout=subprocess.DEVNULL)
        wait_until(lambda: cluster.run("status", name).code == 0, f"batch {name} is open")
        return client

    def test_what_waits_goes_by_priority(self):
        blocker, block = self.start(rows=f"1+1\n{SLOW}\n".encode())
        wait_until(lambda: cluster.status(block)["running"], "the slot is busy")
        order = cluster.path("order")
        clients = [self.start_row(name, priority, order)
                   for name, priority in (("lower", "low"), ("usual", "0"), ("higher", "high"))]
        cluster.run("cancel", block)
        for client in clients:
            self.assertEqual(client.wait(timeout=60), 0)
        with open(order, encoding="utf-8") as file:
            self.assertEqual(file.read().split(), ["higher", "usual", "lower"])
        blocker.stdin.close()
        self.assertEqual(blocker.wait(timeout=30), 75)


if __name__ == "__main__":
    unittest.main()
