"""Batches that the broker keeps: batch -d, attach, results, retry, delete; whatever dies meanwhile."""

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, end_client, run_client, wait_until  # noqa: E402

# Some seconds for one slot: it is not split, and only its end says that it is true.
SLOW = "all(k > 0, k, 1, 2e10)"

TABLE = 'id,amount,rate\n1,250,0.5\n2,oops,1\n3,"1\n2",1\n4,8,0\n5,,1\n6,10,2\n'

cluster = Cluster(keeps=True, workers=1, slots=2)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__


def waits_for_signals(pid):
    """Whether it is SIGINT and SIGTERM, and nothing else, that process `pid` reads by itself."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        mask = next(line for line in file if line.startswith("SigBlk:"))
    return int(mask.split()[1], 16) == 1 << signal.SIGINT - 1 | 1 << signal.SIGTERM - 1


class Case(unittest.TestCase):
    maxDiff = None

    def detach(self, *arguments, at=None, **options):
        """Send a batch with -d; its id."""
        result = (at or cluster).run("batch", "-d", *arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        self.assertRegex(result.out, r"^b\d+\n$")
        return result.out.strip()

    def nameless(self, out):
        """Rows without the number of their batch."""
        return re.sub(r'"batch":"b\d+"', '"batch":"b0"', out)

    def start(self, *arguments, at=None, **options):
        client = (at or cluster).start(*arguments, **options)
        self.addCleanup(end_client, client)
        return client


class Sending(Case):
    def test_the_id_stands_alone_and_a_person_is_told_more(self):
        result = cluster.run("batch", "-d", "--name", "nightly", stdin="1+1\n2+2\n")
        self.assertRegex(result.out, r"^b\d+\n$")
        batch = result.out.strip()
        self.assertEqual(result.err, f"dcalc: batch {batch} 'nightly' queued, 2 jobs      follow: "
                                     f"dcalc attach {batch}      stop: dcalc cancel {batch}\n")
        quiet = cluster.run("batch", "-d", "-q", stdin="1\n")
        self.assertEqual((quiet.err, quiet.code), ("", 0))

    def test_programs_are_told_in_their_forms(self):
        told = cluster.run("batch", "-d", "-o", "json", "--name", "forms", stdin="1\n2\n")
        row = json.loads(told.out)
        self.assertRegex(row.pop("batch"), r"^b\d+$")
        self.assertEqual(row, {"v": 1, "name": "forms", "jobs": 2})
        told = cluster.run("batch", "-d", "-o", "csv", stdin="1\n2\n")
        row, = csv.DictReader(told.lines)
        self.assertEqual(row["jobs"], "2")

    def test_an_empty_batch_is_one_too(self):
        batch = self.detach(stdin="")
        result = cluster.run("results", batch)
        self.assertEqual((result.out, result.code), ("", 0))

    def test_what_has_no_use_with_it_is_refused(self):
        file = cluster.write("use.csv", TABLE)
        for given, said in ((["-d", "-O", "x"], "--output-file is of no use with -d"),
                            (["-d", "--errors", "x"], "--errors is of no use with -d"),
                            (["-d", "--max-errors", "1"], "--max-errors is of no use with -d"),
                            (["-d", "-l"], "a private cluster"),
                            (["-d", "--key", ""], "--key: '' names no batch"),
                            (["-d", "--keep", "0"], "--keep: '0' is too short: 1ms is the least"),
                            (["--key", "k"], "--key is of a batch that is kept: give -d too"),
                            (["--keep", "1h"], "--keep is of a batch that is kept")):
            result = run_client(["batch", file, "-t", "amount", *given])
            self.assertEqual((result.out, result.code), ("", 64), given)
            self.assertIn(said, result.err)

    def test_a_row_that_is_too_long_ends_it(self):
        result = cluster.run("batch", "-d", "--name", "too-long", stdin="1\n2\n" + "1" * 300000 + "\n3\n")
        self.assertEqual((result.out, result.code), ("", 65))
        self.assertIn("stdin:3: the row is too long for a batch that is kept", result.err)
        wait_until(lambda: "too-long" not in cluster.run("list").out, "it is dropped")

    def test_a_broker_without_a_store_says_so(self):
        with Cluster(workers=0) as bare:
            result = bare.run("batch", "-d", stdin="1\n")
            self.assertEqual((result.out, result.code), ("", 69))
            self.assertIn("--data", result.err)

    def test_no_worker_is_needed(self):
        with Cluster(keeps=True, workers=0) as idle:
            batch = self.detach("--wait", "0", stdin="1+1\n", at=idle)
            self.assertEqual(idle.status(batch)["state"], "waiting")
            client = self.start("attach", batch, "--wait", "inf", at=idle, stdin=subprocess.DEVNULL)
            idle.start_worker(1)
            self.assertEqual((client.stdout.read(), client.wait(timeout=60)), (b"2\n", 0))


class Results(Case):
    def test_results_of_a_chunk_may_be_more_than_a_client_may_have_on_its_way(self):
        text = "a" * 50000
        batch = self.detach("-r", "n=1:400", "-t", f'n > 0 ? "{text}" : ""')
        for command in "attach", "results":
            result = cluster.run(command, batch, "-q", "-o", "csv", timeout=120)
            self.assertEqual((result.code, result.err), (0, ""))
            rows = list(csv.reader(io.StringIO(result.out)))[1:]
            self.assertEqual([row[:2] for row in rows], [[str(n), text] for n in range(1, 401)])

    def test_those_of_a_chunk_that_are_more_than_is_stored_fail_alone(self):
        text = "a" * 50000
        batch = self.detach("-r", "n=1:1400", "-t", f'n > 0 ? "{text}" : ""')
        result = cluster.run("attach", batch, "-o", "csv", timeout=120)
        self.assertEqual(result.code, 1)
        rows = list(csv.reader(io.StringIO(result.out)))[1:]
        self.assertEqual([row[0] for row in rows], [str(n) for n in range(1, 1401)])
        # 1342 of them, with two quotes and a newline, are 64 MiB.
        self.assertEqual({row[1] for row in rows[:1342]}, {text})
        failed = rows[1342:]
        self.assertEqual({tuple(row[1:]) for row in failed}, {("", "too-large")})
        self.assertIn("the results of its chunk are more than 64 MiB", result.err)
        again = json.loads(cluster.run("retry", batch, "-o", "json", timeout=120).out)["batch"]
        result = cluster.run("attach", again, "-q", "-o", "csv", timeout=120)
        self.assertEqual((result.code, result.out.count(text)), (0, len(failed)))

    def test_those_that_are_more_than_a_batch_may_have_fail_alone(self):
        text = "a" * 1000
        with Cluster(keeps=True, broker_options=("--max-batch", "64KiB")) as at:
            batch = self.detach("-r", "n=1:100", "-t", f'n > 0 ? "{text}" : ""', at=at)
            result = at.run("attach", batch, "-o", "csv")
            self.assertEqual(result.code, 1)
            rows = list(csv.reader(io.StringIO(result.out)))[1:]
            self.assertEqual([row[0] for row in rows], [str(n) for n in range(1, 101)])
            computed = [row for row in rows if row[1] == text]
            self.assertEqual(rows[:len(computed)], computed)
            self.assertTrue(60 <= len(computed) < 65, len(computed))
            self.assertIn("--max-batch of dcalc-broker", result.err)
            self.assertEqual(at.status(batch)["failed"], 100 - len(computed))
            again = json.loads(at.run("retry", batch, "-o", "json").out)["batch"]
            result = at.run("attach", again, "-q")
            self.assertEqual((result.code, result.out), (0, f'"{text}"\n' * (100 - len(computed))))
            # What does not even have room for its rows is nothing to be tried again.
            result = at.run("batch", "-d", stdin="1\n" * 40000)
            self.assertEqual((result.out, result.code), ("", 65), result.err)
            self.assertIn("--max-batch", result.err)

    def test_they_are_those_of_a_batch_that_was_waited_for(self):
        file = cluster.write("loans.csv", TABLE)
        for given in (["-t", "amount*rate"], ["-t", "amount/rate", "-p", "3"],
                      ["-t", "amount/rate", "--format", "%.2f"],
                      ["-t", "amount*rate", "--reduce", "sum"], ["-t", "sqrt(amount)", "--ieee"]):
            batch = self.detach(file, *given)
            for form in ([], ["-o", "json"], ["-o", "text"], ["-o", "tsv"]):
                waited = cluster.run("batch", file, *given, *form, "-q")
                stored = cluster.run("results", batch, *form)
                self.assertEqual((self.nameless(stored.out), stored.code),
                                 (self.nameless(waited.out), waited.code), (given, form))
                told = cluster.run("batch", file, *given, *form).err.splitlines()[:-1]
                self.assertEqual(stored.err.splitlines()[:len(told)], told)

    def test_ranges_lines_and_objects_come_back(self):
        for given, rows in ((["-r", "x=0:1:0.25", "-r", "y=1:2", "-t", "x*y"], None),
                            (["-t", "x*2"], "1\n2\nz\n"), ([], "1+1\n1/0\n\n"),
                            (["--from", "jsonl", "-t", "a+b"], '{"id":7,"a":1,"b":2}\n{"a":1}\n'),
                            (["--from", "tsv", "-t", "a+b"], "a\tb\n1\t2\n3\t4\n")):
            batch = self.detach(*given, stdin=rows)
            for form in ([], ["-o", "csv"]):
                waited = cluster.run("batch", *given, *form, "-q", stdin=rows)
                stored = cluster.run("results", batch, *form, "-q")
                self.assertEqual((self.nameless(stored.out), stored.code),
                                 (self.nameless(waited.out), waited.code), (given, form))

    def test_what_is_wished_now_is_stronger_than_what_was_kept(self):
        batch = self.detach("-p", "3", "--reduce", "sum", stdin="1/3\n2/3\n1\n")
        self.assertEqual(cluster.run("results", batch).out, "2\n")
        self.assertEqual(cluster.run("results", batch, "--reduce", "greatest").out, "1\n")
        self.assertEqual(cluster.run("results", batch, "--reduce", "mean", "-p", "5").out, "0.66667\n")
        self.assertEqual(cluster.run("results", batch, "--jobs", "1-2").out, "0.333\n0.667\n")

    def test_some_rows_can_be_had_alone(self):
        batch = self.detach(stdin="".join(f"{i}\n" for i in range(1, 10001)))
        for wanted, rows in (("10-20", range(10, 21)), ("17", [17]), ("9999-", [9999, 10000]),
                             ("4090-4100", range(4090, 4101)), ("9990-20000", range(9990, 10001))):
            result = cluster.run("results", batch, "--jobs", wanted)
            self.assertEqual((result.lines, result.code), ([str(row) for row in rows], 0), wanted)
        objects = [json.loads(line) for line in
                   cluster.run("results", batch, "--jobs", "5-6", "-o", "json").lines]
        self.assertEqual([(row["row"], row["expr"]) for row in objects], [(5, "5"), (6, "6")])
        beyond = cluster.run("results", batch, "--jobs", "10001")
        self.assertEqual((beyond.out, beyond.code), ("", 64))
        self.assertIn(f"{batch} has 10,000 jobs", beyond.err)

    def test_failed_rows_can_be_had_alone(self):
        batch = self.detach(stdin="1\n1/0\n2\n1+\n")
        result = cluster.run("results", batch, "--failed")
        self.assertEqual((result.out, result.code), ("2\terror: divide-by-zero\n4\terror: syntax\n", 1))
        again = cluster.path("again.jsonl")
        result = cluster.run("results", batch, "--failed", "-o", "json", "--errors", again)
        self.assertEqual([json.loads(line)["row"] for line in result.lines], [2, 4])
        with open(again, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["expr"] for line in file], ["1/0", "1+"])

    def test_they_are_had_again_and_again_and_by_several_at_once(self):
        rows = "".join(f"{i}*2\n" for i in range(30000))
        expected = "".join(f"{i * 2}\n" for i in range(30000)).encode()
        batch = self.detach(stdin=rows)
        clients = [self.start(command, batch, stdin=subprocess.DEVNULL)
                   for command in ("results", "attach", "results", "results")]
        for client in clients:
            self.assertEqual(client.communicate(timeout=60)[0], expected)
            self.assertEqual(client.returncode, 0)
        self.assertEqual(cluster.run("results", batch).raw, expected)

    def test_of_other_batches_nothing_is_kept(self):
        client = self.start("batch", "-", "--name", "waited")
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        for command in ("results", "attach", "retry"):
            result = cluster.run(command, "waited")
            self.assertEqual((result.out, result.code), ("", 66))
            self.assertIn("dcalc batch -d keeps them; --errors FILE keeps what failed", result.err)
        deleted = cluster.run("delete", "waited")
        self.assertEqual((deleted.out, deleted.code), ("", 75))
        self.assertIn("was sent without -d", deleted.err)

    def test_ids_name_one_batch(self):
        batch = self.detach("--name", "one-of", stdin="1\n")
        self.detach("--name", "one-of", stdin="2\n")
        self.assertEqual(cluster.run("results", batch).out, "1\n")
        self.assertEqual(cluster.run("results", batch[1:]).out, "1\n")
        several = cluster.run("results", "one-*")
        self.assertEqual((several.out, several.code), ("", 64))
        self.assertRegex(several.err, r"^dcalc: 'one-\*' names 2 batches: which one\?\n"
                                      r"       the newest: b\d+, b\d+      all: dcalc list\n$")
        none = cluster.run("attach", "nobody")
        self.assertEqual((none.out, none.code), ("", 66))


class Following(Case):
    def test_who_leaves_stops_nothing(self):
        batch = self.detach(stdin=f"1+1\n{SLOW}\n")
        client = self.start("attach", batch, "--progress", "json", stdin=subprocess.DEVNULL)
        self.assertEqual(json.loads(client.stderr.readline())["expected"], 2)  # it is attached
        client.send_signal(signal.SIGINT)
        out, err = client.communicate(timeout=30)
        self.assertEqual(client.returncode, 130)
        self.assertIn(out, (b"", b"2\n"))
        self.assertIn(f"detached from {batch}, which goes on", err.decode())
        self.assertIn(cluster.status(batch)["state"], ("running", "done"))
        cluster.run("cancel", batch)

    def test_who_gives_up_is_told_how_to_come_back(self):
        kept = "       {0} is kept, and goes on without this client      come back: dcalc attach {0}\n"
        with Cluster(keeps=True, slots=1) as at:
            batch = self.detach("--name", "lasting", stdin=f"1+1\n{SLOW}\n", at=at)
            client = self.start("attach", batch, "--progress", "json", "--wait", "1s", at=at,
                                stdin=subprocess.DEVNULL)
            self.assertEqual(json.loads(client.stderr.readline())["expected"], 2)  # it is attached
            at.broker.kill()
            at.broker.wait()
            err = client.communicate(timeout=60)[1].decode()
            self.assertEqual(client.returncode, 69)
            self.assertIn(f"dcalc: no broker at {at.frontend}", err)
            self.assertTrue(err.endswith(kept.format(batch)), err)
            again = at.run("attach", "lasting", "--wait", "0")
            self.assertEqual((again.out, again.code), ("", 69))
            self.assertTrue(again.err.endswith(kept.format("lasting")), again.err)

    def test_who_leaves_before_the_first_row_is_told_so_too(self):
        with Cluster(keeps=True, slots=1) as at:
            batch = self.detach(stdin="1+1\n", at=at)
            at.broker.send_signal(signal.SIGSTOP)
            for command in ["attach", "results"]:
                client = self.start(command, batch, at=at, stdin=subprocess.DEVNULL)
                wait_until(lambda: waits_for_signals(client.pid), "it waits for the broker")
                client.send_signal(signal.SIGINT)
                out, err = client.communicate(timeout=30)
                self.assertEqual((client.returncode, out), (130, b""))
                self.assertEqual(err.decode(), (
                    f"dcalc: stopped waiting for the broker\n       {batch} is kept, and goes on "
                    f"without this client      come back: dcalc attach {batch}\n"))

    def test_of_several_those_that_go_on_are_changed(self):
        done = self.detach("--name", "several", stdin="1\n")
        cluster.await_end(done)
        held = self.detach("--name", "several", stdin=f"{SLOW}\n")
        result = cluster.run("set", "several", "--priority", "3")
        self.assertRegex(result.out, rf"^{held}: priority 3, (waiting|running)\n$")
        self.assertEqual((result.err, result.code),
                         (f"dcalc: {done} has ended: nothing of it can be changed\n", 66))
        cluster.run("cancel", held)
        cluster.run("delete", "several")

    def test_rows_are_shown_as_they_come(self):
        """Of a chunk of which a job still runs."""
        batch = self.detach(stdin="6*7\n1/0\nall(k > 0, k, 1, 9e15)\n")
        client = self.start("attach", batch, stdin=subprocess.DEVNULL)
        self.assertEqual([client.stdout.readline() for _ in range(2)],
                         [b"42\n", b"error: divide-by-zero\n"])
        self.assertIsNone(client.poll())
        self.assertEqual(cluster.status(batch)["state"], "running")
        self.assertEqual(cluster.run("cancel", batch).out, f"{batch}: cancelled\n")
        self.assertEqual(client.stdout.read(), b"error: cancelled\n")
        self.assertEqual(client.wait(timeout=30), 75)
        self.assertEqual(cluster.run("results", batch, "-q").out,
                         "42\nerror: divide-by-zero\nerror: cancelled\n")
        cluster.run("delete", batch)

    def test_what_is_cancelled_keeps_what_it_has(self):
        batch = self.detach("--name", "stopped", stdin=f"6*7\n1/0\n{SLOW}\n{SLOW}\n{SLOW}\n")
        wait_until(lambda: cluster.status(batch)["done"] >= 2, "two are done")
        client = self.start("attach", batch, stdin=subprocess.DEVNULL)
        self.assertEqual(cluster.run("cancel", batch).out, f"{batch}: cancelled\n")
        out = client.communicate(timeout=30)[0].decode().splitlines()
        self.assertEqual((client.returncode, out[:2]), (75, ["42", "error: divide-by-zero"]))
        self.assertIn("error: cancelled", out[2:])
        self.assertEqual(cluster.status(batch)["state"], "cancelled")
        result = cluster.run("results", batch)
        self.assertEqual((result.lines, result.code), (out, 75))
        self.assertEqual(cluster.run("cancel", batch).err, f"dcalc: {batch} has ended already\n")
        cluster.run("delete", batch)

    def test_a_deadline_ends_it_like_any_other(self):
        batch = self.detach("--deadline", "1s", stdin=f"6*7\n{SLOW}\n{SLOW}\n{SLOW}\n{SLOW}\n")
        result = cluster.run("attach", batch)
        self.assertEqual((result.lines[0], result.lines[-1], result.code),
                         ("42", "error: deadline", 124))
        self.assertEqual(cluster.run("results", batch).code, 124)

    def test_a_script_has_the_outcome_of_a_batch_from_status(self):
        """What attach would end with, and 75 while it goes on."""
        well = self.detach(stdin="6*7\n")
        ill = self.detach(stdin="6*7\n1/0\n")
        late = self.detach("--deadline", "1s", stdin=f"{SLOW}\n{SLOW}\n{SLOW}\n")
        skipped = self.detach("--after", late, stdin="1\n")
        waiting = self.detach("--after-any", skipped, stdin=f"{SLOW}\n")
        self.assertEqual(cluster.run("set", waiting, "--hold").code, 0)
        for batch, code in ((well, 0), (ill, 1), (late, 124), (skipped, 1), (waiting, 75)):
            if batch != waiting:
                cluster.await_end(batch)
            plain = cluster.run("status", batch)
            for form in ("text", "json", "csv"):
                told = cluster.run("status", batch, "--exit-code", "-o", form)
                self.assertEqual((told.err, told.code), ("", code), batch)
            self.assertEqual(plain.code, 0)
        self.assertEqual(cluster.run("status", well, ill, "--exit-code").code, 1)
        self.assertEqual(cluster.run("status", waiting, well, ill, "--exit-code").code, 75)
        cluster.run("cancel", waiting)
        self.assertEqual(cluster.run("status", waiting, "--exit-code").code,
                         cluster.run("results", waiting).code)
        self.assertEqual(cluster.run("status", "b999999", "--exit-code").code, 66)
        cluster.run("delete", waiting)

    def test_lists_show_what_is_kept(self):
        batch = self.detach("--name", "shown", "--keep", "2h", stdin="1\n1/0\n")
        cluster.await_end(batch)
        told = cluster.status(batch)
        self.assertTrue(told["detached"])
        self.assertEqual(told["failed"], 1)
        self.assertTrue(7000000 < told["keep_ms"] <= 7200000, told)
        self.assertRegex(cluster.run("status", batch).out, r"1 failed   kept for (2h|1h59m)\n$")
        row, = (row for row in csv.DictReader(cluster.run("list", "-o", "csv").lines)
                if row["id"] == batch)
        self.assertEqual((row["name"], row["failed"]), ("shown", "1"))
        self.assertTrue(int(row["keep_ms"]) <= 7200000)

    def test_some_are_kept_for_ever(self):
        batch = self.detach("--keep", "inf", stdin="1\n")
        cluster.await_end(batch)
        self.assertIsNone(cluster.status(batch)["keep_ms"])
        self.assertRegex(cluster.run("status", batch).out, r"   kept for ever\n$")
        self.assertRegex(cluster.run("list").out, rf"(?m)^{batch} .* for ever$")
        self.assertEqual(cluster.run("delete", batch).code, 0)

    def test_it_is_gone_when_its_time_is_over(self):
        batch = self.detach("--keep", "500ms", stdin="1\n")
        wait_until(lambda: cluster.run("results", batch).code == 66, "it is gone")


class Again(Case):
    def test_the_failed_jobs_make_a_new_batch(self):
        file = cluster.write("retry.csv", TABLE)
        batch = self.detach(file, "-t", "amount*rate", "--name", "table", "--keep", "3h")
        cluster.await_end(batch)
        result = cluster.run("retry", batch)
        self.assertRegex(result.out, rf"^b\d+: 3 jobs of {batch} again\n$")
        self.assertEqual((result.err, result.code), ("", 0))
        new = result.out.split(":")[0]
        rows = list(csv.DictReader(io.StringIO(cluster.run("results", new).out, newline="")))
        self.assertEqual([(row["id"], row["amount"]) for row in rows],
                         [("2", "oops"), ("3", "1\n2"), ("5", "")])
        self.assertTrue(all(row["error"] for row in rows))
        # It is kept as long, and "table" still names one batch.
        self.assertEqual(cluster.status(new)["keep_in_all_ms"], 3 * 3600 * 1000)
        self.assertEqual((cluster.status(new)["name"], cluster.status("table")["batch"]), ("", batch))
        told = json.loads(cluster.run("retry", batch, "-o", "json", "--name", "other").out)
        self.assertEqual((told["of"], told["jobs"], told["name"]), (batch, 3, "other"))
        forever = self.detach("--keep", "inf", stdin="1/0\n")
        cluster.await_end(forever)
        told = json.loads(cluster.run("retry", forever, "-o", "json").out)
        self.assertIsNone(cluster.status(told["batch"])["keep_in_all_ms"])
        told = json.loads(cluster.run("retry", forever, "-o", "json", "--keep", "1h").out)
        self.assertEqual(cluster.status(told["batch"])["keep_in_all_ms"], 3600 * 1000)

    def test_so_do_those_that_nobody_computed_in_their_order(self):
        rows = f"1/0\n{SLOW}\n{SLOW}\n2+\n{SLOW}\n"
        batch = self.detach(stdin=rows)
        wait_until(lambda: cluster.status(batch)["running"], "it runs")
        refused = cluster.run("retry", batch)
        self.assertEqual((refused.out, refused.code), ("", 75))
        self.assertIn(f"{batch} has not ended", refused.err)
        cluster.run("cancel", batch)
        failed = [json.loads(line)["expr"] for line in
                  cluster.run("results", batch, "--failed", "-o", "json").lines]
        new = cluster.run("retry", batch).out.split(":")[0]
        cluster.run("cancel", new)
        again = [json.loads(line)["expr"] for line in
                 cluster.run("results", new, "-o", "json").lines]
        self.assertEqual(again, failed)
        self.assertEqual([row for row in rows.splitlines() if row in failed and row != SLOW],
                         [row for row in again if row != SLOW])

    def test_where_none_failed_there_is_nothing_to_do(self):
        batch = self.detach(stdin="1\n2\n")
        cluster.await_end(batch)
        result = cluster.run("retry", batch)
        self.assertEqual((result.out, result.err, result.code),
                         ("", f"dcalc: no job of {batch} failed\n", 0))


class Deleting(Case):
    def test_what_is_deleted_is_gone(self):
        first, second = (self.detach(stdin="1\n") for _ in range(2))
        for batch in (first, second):
            cluster.await_end(batch)
        result = cluster.run("delete", f"{first},{second[1:]}")
        self.assertEqual((result.out, result.code), (f"{first}: deleted\n{second}: deleted\n", 0))
        for command in ("results", "attach", "retry", "delete", "status"):
            self.assertEqual(cluster.run(command, first).code, 66, command)

    def test_what_still_runs_is_not(self):
        batch = self.detach(stdin=f"{SLOW}\n{SLOW}\n")
        result = cluster.run("delete", batch)
        self.assertEqual((result.out, result.code), ("", 75))
        self.assertIn(f"{batch} has not ended: stop it first (dcalc cancel {batch})", result.err)
        cluster.run("cancel", batch)
        self.assertEqual(cluster.run("delete", batch).out, f"{batch}: deleted\n")


class Keys(Case):
    def test_the_same_key_makes_no_second_batch(self):
        file = cluster.write("key.csv", TABLE)
        first = self.detach(file, "-t", "amount", "--key", "once")
        result = cluster.run("batch", "-d", file, "-t", "amount", "--key", "once")
        self.assertEqual((result.out, result.code), (f"{first}\n", 0))
        self.assertIn(f"batch {first} is there already, 6 jobs", result.err)
        other = cluster.run("batch", "-d", file, "-t", "amount+1", "--key", "once")
        self.assertEqual((other.out, other.code), ("", 64))
        self.assertEqual(other.err, (
            f"dcalc: key is in use for another batch, {first}, which computes something else\n"
            "       its template is 'amount', and not 'amount+1'\n"
            "       give this one a --key of its own, or delete that one first (dcalc delete)\n"))
        named = cluster.run("batch", "-d", file, "-t", "amount", "--key", "once", "--name", "mine")
        self.assertEqual((named.out, named.code), (f"{first}\n", 0))
        self.assertTrue(named.err.startswith(
            "dcalc: --name 'mine' is not taken: the batch that has the --key has no name\n"
            f"dcalc: batch {first} is there already, 6 jobs  "), named.err)
        self.assertNotEqual(self.detach(file, "-t", "amount", "--key", "twice"), first)

    def test_the_same_key_is_there_though_what_it_came_after_is_not(self):
        first = self.detach(stdin="1+1\n")
        second = self.detach("--after", first, "--key", "behind", stdin="2+2\n")
        cluster.run("results", second)
        cluster.run("delete", first)
        again = cluster.run("batch", "-d", "-", "--after", first, "--key", "behind", stdin="2+2\n")
        self.assertEqual((again.out, again.code), (f"{second}\n", 0), again.err)
        other = cluster.run("batch", "-d", "-", "--after", first, "--key", "none", stdin="2+2\n")
        self.assertEqual((other.out, other.code), ("", 64))
        self.assertIn(f"there is no batch {first} to come after", other.err)

    def test_the_same_key_with_other_options_is_refused_or_told(self):
        def send(*options, key="options"):
            return cluster.run("batch", "-d", "-", "--key", key, *options, stdin=f"{SLOW}\n")

        def is_refused(batch, other, what):
            self.assertEqual((other.out, other.code), ("", 64))
            self.assertEqual(other.err, f"dcalc: key is in use for another batch, {batch}, which has {what}\n"
                             "       give this one a --key of its own, or delete that one first (dcalc delete)\n")

        batch = send("--tag", "gpu", key="tagged").out.strip()
        is_refused(batch, send(key="tagged"), "--tag gpu")
        is_refused(batch, send("--tag", "x", key="tagged"), "--tag gpu, and not x")
        cluster.run("cancel", batch)
        batch = send().out.strip()
        for options, what in ((["--verify"], "no --verify"), (["--tag", "gpu"], "no --tag"),
                              (["--retries", "9"], "--retries 3, and not 9"),
                              (["--keep", "7d"], "--keep 1d, and not 7d")):
            is_refused(batch, send(*options), what)
        other = send("--priority", "9", "--deadline", "1h")
        self.assertEqual((other.out, other.code), (f"{batch}\n", 0))
        self.assertTrue(other.err.startswith(
            f"dcalc: --priority 9 is not taken: the batch that has the --key has 0 (dcalc set {batch} --priority 9)\n"
            "dcalc: --deadline is not taken: the batch that has the --key has none "
            f"(dcalc set {batch} --deadline WHEN)\n"), other.err)
        cluster.run("cancel", batch)

    def test_the_same_key_with_other_rows_is_told(self):
        def send(rows):
            return cluster.run("batch", "-d", "-", "--key", "rows", stdin="1\n" * rows)

        first = send(10)
        self.assertEqual(first.code, 0, first.err)
        batch = first.out.strip()
        for rows in (11, 9):
            other = send(rows)
            self.assertEqual((other.out, other.code), ("", 64))
            self.assertIn(f"batch {batch}, which has it, is another one: of 10 jobs, and not",
                          other.err)
        self.assertEqual(send(10).out, first.out)
        other = cluster.run("batch", "-d", "-", "--key", "rows", stdin="1\n" * 9 + "2\n")
        self.assertEqual((other.out, other.code), ("", 64))
        self.assertEqual(other.err, self.of_other_rows("rows", batch, 10))

    def of_other_rows(self, key, batch, rows):
        return (f"dcalc: --key {key}: batch {batch}, which has it, is of other rows: its first "
                f"{rows} are not those of this input\n"
                "       give this one a --key of its own, or delete that one first "
                f"(dcalc delete {batch})\n")

    def test_fewer_rows_complete_nothing_and_spoil_nothing(self):
        def has_all():
            status = cluster.run("status", "fewer", "-o", "json")
            return status.code == 0 and json.loads(status.out)["done"] == 20

        client = self.start("batch", "-d", "-", "--key", "fewer", "--name", "fewer")
        client.stdin.write(b"1\n" * 20)
        client.stdin.flush()
        wait_until(has_all, "they are there")
        client.kill()
        end_client(client)
        other = cluster.run("batch", "-d", "-", "--key", "fewer", stdin="1\n" * 7)
        self.assertEqual((other.out, other.code), ("", 64))
        self.assertIn("which has 20 jobs, and not 7", other.err)
        other = cluster.run("batch", "-d", "-", "--key", "fewer", stdin="1\n" * 19 + "2\n" * 6)
        self.assertEqual((other.out, other.code), ("", 64))
        batch = json.loads(cluster.run("status", "fewer", "-o", "json").out)["batch"]
        self.assertEqual(other.err, self.of_other_rows("fewer", batch, 20))
        whole = cluster.run("batch", "-d", "-", "--key", "fewer", stdin="1\n" * 25)
        self.assertEqual(whole.code, 0, whole.err)
        self.assertIn("'fewer' completed, 25 jobs, of which 20 were there  ", whole.err)
        self.assertEqual(cluster.run("results", whole.out.strip()).raw, b"1\n" * 25)

    def test_who_is_killed_at_any_moment_can_be_run_again(self):
        rows = "".join(f"{i}+1\n" for i in range(200000))
        file = cluster.write("killed.txt", rows)
        expected = "".join(f"{i + 1}\n" for i in range(200000)).encode()
        dice = random.Random(7)
        for turn in range(3):
            arguments = ("batch", "-d", file, "--key", f"killed-{turn}")
            for _ in range(4):
                client = self.start(*arguments, stdin=subprocess.DEVNULL)
                time.sleep(dice.uniform(0, 0.12))
                client.kill()
                end_client(client)
            result = cluster.run(*arguments)
            self.assertEqual(result.code, 0, result.err)
            batch = result.out.strip()
            self.assertEqual(cluster.status(batch)["jobs"], 200000)
            self.assertTrue(cluster.run("results", batch).raw == expected, "the rows are other ones")
            self.assertEqual(cluster.run(*arguments).out.strip(), batch)
            cluster.run("delete", batch)

    def test_who_is_interrupted_is_told_what_becomes_of_it(self):
        def listed():
            return {json.loads(line)["batch"] for line in cluster.run("list", "-o", "json").lines}

        for given, said in (([], "which are dropped"), (["--key", "stopped"], "the same command")):
            before = listed()
            client = self.start("batch", "-d", *given)
            client.stdin.write(b"1\n" * 5000)
            client.stdin.flush()
            wait_until(lambda: listed() - before, "it is there")
            client.send_signal(signal.SIGINT)
            out, err = client.communicate(timeout=30)
            self.assertEqual((out, client.returncode), (b"", 130))
            self.assertIn(said, err.decode())


class Waiting(Case):
    """Batches that come after others, whoever dies meanwhile."""

    def test_one_waits_for_another_though_the_broker_is_killed(self):
        with Cluster(keeps=True, workers=0) as at:
            first = self.detach(stdin="1+1\n", at=at)
            second = self.detach("--after", first, stdin="2+2\n", at=at)
            third = self.detach("--after", f"{first},{second}", stdin="3+3\n", at=at)
            at.restart_broker()
            self.assertIn(f"after {first}", at.status(second)["why"])
            self.assertIn(f"after {first}", at.status(third)["why"])
            at.start_worker()
            at.await_end(third)
            # That they have waited is known to a broker which comes later.
            self.assertEqual(at.run("delete", first).code, 0)
            at.restart_broker()
            self.assertEqual([at.run("results", batch).out for batch in (second, third)],
                             ["4\n", "6\n"])

    def test_after_one_that_fails_it_is_skipped_and_kept(self):
        with Cluster(keeps=True, workers=0) as at:
            first = self.detach(stdin="1/0\n", at=at)
            second = self.detach("--after", first, stdin="2+2\n3\n", at=at)
            third = self.detach("--after-any", second, stdin="3+3\n", at=at)
            at.restart_broker()
            at.start_worker()
            at.await_end(third)
            self.assertEqual(at.status(second)["error"], "skipped")
            result = at.run("results", second)
            self.assertEqual(result.out, "error: skipped\nerror: skipped\n")
            self.assertIn("dcalc: 0 of 2 jobs computed, 2 skipped, batch ", result.err)
            self.assertEqual(at.run("results", third).out, "6\n")
            # Nor does it matter that the other has failed before.
            late = self.detach("--after", first, stdin="4\n5\n", at=at)
            at.await_end(late)
            self.assertEqual(at.status(late)["error"], "skipped")
            self.assertEqual(at.run("results", late).out, "error: skipped\nerror: skipped\n")

    def test_what_was_skipped_or_cancelled_has_no_value(self):
        # The sum of no rows is 0, which nobody asked for here.
        with Cluster(keeps=True, workers=0) as at:
            first = self.detach(stdin="1/0\n", at=at)
            skipped, cancelled = (self.detach("-r", "n=1:9", "-t", "n", "--reduce", "sum", *options, at=at)
                                  for options in (("--after", first), ("--tag", "none")))
            at.run("cancel", cancelled)
            at.start_worker()
            at.await_end(skipped)
            result = at.run("attach", skipped)
            self.assertEqual((result.out, result.code), ("error: skipped\n", 1))
            self.assertEqual(result.err, "dcalc: what it depends on has failed\n"
                                         f"dcalc: 0 jobs, no value, batch {skipped}\n")
            result = at.run("attach", cancelled)
            self.assertEqual((result.out, result.code), ("", 75))
            self.assertEqual(result.err, f"dcalc: somebody cancelled batch {cancelled} (dcalc cancel)\n")
            for batch, why in ((skipped, "skipped"), (cancelled, "cancelled")):
                result = at.run("2*x", "--let", f"x=@{batch}")
                self.assertEqual((result.out, result.code), ("", 65), result.err)
                self.assertIn(f"--let x=@{batch}: {batch} ended before its time ({why}): ", result.err)

    def test_who_is_waited_for_need_not_be_detached_and_the_other_way_round(self):
        with Cluster(keeps=True, slots=1) as at:
            long = self.start("batch", "--name", "long", at=at)
            long.stdin.write(b"6*7\n")
            long.stdin.flush()
            wait_until(lambda: at.run("list", "-o", "json").lines, "it is there")
            kept = self.detach("--after", "long", stdin="2+2\n", at=at)
            last = self.start("batch", "--after", kept, at=at)
            last.stdin.write(b"3+3\n")
            last.stdin.close()
            last.stdin = None
            self.assertIn("after b1", at.status(kept)["why"])
            out, _ = long.communicate(timeout=60)
            self.assertEqual(out, b"42\n")
            self.assertEqual(last.stdout.read(), b"6\n")
            self.assertEqual(at.run("results", kept).out, "4\n")

    def test_one_whose_client_does_not_come_back_counts_as_failed(self):
        with Cluster(keeps=True, slots=1, broker_options=("--orphan", "1s")) as at:
            lost = self.start("batch", "--name", "lost", at=at)
            lost.stdin.write(b"6*7\n")
            lost.stdin.flush()
            wait_until(lambda: at.run("list", "-o", "json").lines, "it is there")
            kept = self.detach("--after", "lost", stdin="2+2\n", at=at)
            end_client(lost)
            at.restart_broker()
            at.await_end(kept)
            self.assertEqual(at.status(kept)["error"], "skipped")


class Values(Case):
    """--let NAME=@ID: what a batch has for a result."""

    def value(self, batch, expression="(x)", *arguments, **options):
        return cluster.run(expression, "--let", f"x=@{batch}", *arguments, **options)

    def test_it_is_the_one_result_whatever_its_type(self):
        for expression, result in (("0.1+0.2", "0.30000000000000004"), ("-0.5", "-0.5"),
                                   ("'a b'", '"a b"'), ("1 < 2", "true"),
                                   ("2^70", "1.1805916207174113e21")):
            got = self.value(self.detach(stdin=expression + "\n"))
            self.assertEqual((got.out.strip(), got.code), (result, 0), got.err)

    def test_rows_that_were_reduced_have_one(self):
        batch = self.detach("--reduce", "sum", "-p", "2", stdin="1/3\n1\n", )
        self.assertEqual(self.value(batch, "x*3").out, "4\n")
        file = cluster.write("let.csv", "id,x2\n1,2\n2,4\n")
        rows = cluster.run("batch", file, "-t", "x2 + total", "--let", f"total=@{batch}", "-o", "text")
        self.assertEqual(rows.code, 0, rows.err)
        self.assertEqual(len(rows.lines), 2)

    def test_who_needs_one_that_runs_waits_and_says_so(self):
        with Cluster(keeps=True, workers=0) as at:
            batch = self.detach("--name", "late", stdin="6*7\n", at=at)
            client = self.start("batch", "-d", "--let", "x=@late", "--wait", "60s", at=at)
            client.stdin.write(b"x+1\n")
            client.stdin.close()
            client.stdin = None
            self.assertEqual(client.stderr.readline().decode(),
                             f"dcalc: --let x=@late: waiting for {batch} to end\n")
            at.start_worker()
            sent = client.stdout.read().decode().strip()
            self.assertEqual(at.run("results", sent).out, "43\n")

    def test_what_has_none_is_told(self):
        several = self.detach(stdin="1\n2\n")
        failed = self.detach(stdin="1/0\n")
        stopped = self.detach("--tag", "nobody", stdin="1\n")
        self.assertEqual(cluster.run("cancel", stopped).code, 0)
        for batch, code, said in ((several, 65, f"{several} has 2 results, and not one: send it with --reduce"),
                                  (failed, 65, f"1 of the jobs of {failed} failed: see dcalc results"),
                                  (stopped, 65, f"{stopped} ended before its time (cancelled)"),
                                  ("b99999", 66, "b99999")):
            result = self.value(batch)
            self.assertEqual((result.out, result.code), ("", code), result.err)
            self.assertIn(said, result.err)
        local = run_client(["2*x", "--let", "x=@b1", "--local"])
        self.assertEqual((local.out, local.code), ("", 64))
        self.assertIn("a private cluster (--local) has no batches of before", local.err)


class Disasters(Case):
    """The broker is killed: what it said to be on its disk is there."""

    def restart(self, at):
        at.restart_broker()

    def test_a_broker_that_comes_back_goes_on(self):
        rows = "".join(f"{i}*3\n" for i in range(50000))
        expected = "".join(f"{i * 3}\n" for i in range(50000)).encode()
        with Cluster(keeps=True, slots=1) as at:
            batch = self.detach("--name", "lasting", stdin=rows, at=at)
            for _ in range(3):
                client = self.start("attach", batch, "--wait", "60s", at=at,
                                    stdin=subprocess.DEVNULL)
                self.restart(at)
                self.assertTrue(client.communicate(timeout=60)[0] == expected)
                self.assertEqual(client.returncode, 0)
            self.assertEqual(at.status("lasting")["jobs"], 50000)
            self.assertTrue(at.run("results", batch).raw == expected)

    def test_who_is_sending_sends_on(self):
        rows = "".join(f"{i}+7\n" for i in range(300000)).encode()
        with Cluster(keeps=True, slots=1) as at:
            client = self.start("batch", "-d", "--wait", "60s", at=at)
            half = rows.index(b"\n", len(rows) // 2) + 1
            client.stdin.write(rows[:half])
            client.stdin.flush()
            self.restart(at)
            client.stdin.write(rows[half:])
            out, err = client.communicate(timeout=60)
            self.assertEqual(client.returncode, 0, err.decode())
            got = at.run("results", out.decode().strip()).raw
            self.assertTrue(got == "".join(f"{i + 7}\n" for i in range(300000)).encode())

    def test_what_is_verified_stays_so(self):
        with Cluster(keeps=True, slots=1) as at:
            batch = self.detach("--verify", stdin="1+1\n2+2\n", at=at)
            at.restart_broker()
            wait_until(lambda: "it needs a second slot" in at.status(batch).get("why", ""),
                       "one slot is not enough")
            at.start_worker()
            at.await_end(batch)
            self.assertEqual(at.run("results", batch).out, "2\n4\n")

    def test_rows_that_were_read_stay_read_while_the_broker_is_away(self):
        with Cluster(keeps=True, slots=1) as at:
            batch = self.detach(stdin="1+1\n2+2\n1/0\n", at=at)
            at.await_end(batch)
            self.restart(at)
            self.assertEqual(at.run("results", batch, "-q").out, "2\n4\nerror: divide-by-zero\n")
            self.restart(at)
            result = at.run("retry", batch)
            self.assertRegex(result.out, rf"^b\d+: 1 job of {batch} again\n$")
            self.assertEqual(at.run("delete", batch).code, 0)
            self.restart(at)
            self.assertEqual(at.run("results", batch).code, 66)


if __name__ == "__main__":
    unittest.main()
