"""Sheets that the broker keeps: batch -d, results, attach of cells, whatever dies meanwhile."""

import contextlib
import json
import os
import random
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, end_client, wait_until  # noqa: E402
import store  # noqa: E402

# Some seconds for one slot: it is not split, and only its end says that it is true.
SLOW = "all(k > 0, k, 1, 2e10)"

SHEET = """# every kind of row
total = net + tax                # what is to be paid

net   = qty * {unit price}
tax   = round(net * rate, 2)
qty   = 12
{unit price} = 19.5 + 1/3
bad   = 1/0 + qty
worse = bad + 1
worst = worse * {a "b"} + bad
{a "b"} = "tab\\t" + 'x, y'
zero  = -0.0
least = 1 / (zero - 1e-300)
none  = null
wrong = upper(qty
"""

cluster = Cluster(keeps=True, workers=1, slots=2)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__


def layers(count, width, seed):
    """A sheet of many levels, its lines in any order."""
    dice = random.Random(seed)
    lines = []
    for at in range(count):
        level = at // width
        used = [dice.randrange(level * width) for _ in range(3 if level else 0)]
        text = " + ".join(f"sqrt(c{one})" for one in used) or "1"
        lines.append(f"c{at} = {text} + {at}/7\n")
    dice.shuffle(lines)
    return "".join(lines)


class Case(unittest.TestCase):
    maxDiff = None

    def detach(self, text, *arguments, at=None, code=0):
        """Send a sheet with -d; its id."""
        result = (at or cluster).run("batch", "-d", "-q", "--from", "sheet", *arguments, stdin=text)
        self.assertEqual((result.code, result.err), (code, ""))
        return result.out.strip()

    def start(self, *arguments, at=None):
        client = (at or cluster).start(*arguments, stdin=subprocess.DEVNULL)
        self.addCleanup(end_client, client)
        return client


class Results(Case):
    def test_they_are_those_of_a_sheet_that_was_waited_for(self):
        file = cluster.write("bill.sheet", SHEET)
        kept = (["-p", "3"], ["--ieee"], [])
        failing = (["bad", "worse"], [], ["bad", "worse"])
        sent = [cluster.run("batch", "-d", file, "--let", "rate=0.19", *given) for given in kept]
        waited = {}
        for at, given in enumerate(kept):
            for form in ("text", "json", "csv", "tsv"):
                for option in ([], ["-u"]):
                    waited[at, form, *option] = cluster.run(
                        "batch", file, "--let", "rate=0.19", *given, "-o", form, *option)
        os.remove(file)
        for (at, form, *option), expected in waited.items():
            batch = sent[at].out.strip()
            for command in "results", "attach":
                errors = cluster.path("errors.jsonl")
                got = cluster.run(command, batch, "-o", form, *option, "--errors", errors, cwd="/")
                self.assertEqual(got.code, expected.code)
                self.assertEqual(got.out, re.sub(r'"b\d+"', f'"{batch}"', expected.out),
                                 (command, kept[at], form, option))
                told = expected.err.splitlines()[:-1]
                self.assertEqual(got.err.splitlines()[:len(told)], told)
                with open(errors, encoding="utf-8") as lines:
                    failed = [json.loads(line)["name"] for line in lines]
                self.assertEqual(sorted(failed), sorted({"worst", "wrong", *failing[at]}))

    def test_who_failed_is_told_with_its_line(self):
        batch = self.detach("c = b * 2\nb = a + 1\n\na = 1/0\n")
        result = cluster.run("results", batch)
        self.assertEqual(result.err, "stdin:4: division by zero at column 2 of the expression\n"
                                     "stdin:2: it uses 'a' (line 4), which failed\n"
                                     "stdin:1: it uses 'b' (line 2), which needs 'a' (line 4), "
                                     "which failed\n")

    def test_some_cells_can_be_had_alone(self):
        batch = self.detach("c = b * 2\nb = a + 1\na = 4/0\nd = 7\ne = d/2\n")
        for option, out, code in (
                (["--failed"], "1\terror: skipped\n2\terror: skipped\n3\terror: divide-by-zero\n", 1),
                (["--jobs", "4-5"], "7\n3.5\n", 0), (["--jobs", "4-"], "7\n3.5\n", 0),
                (["--jobs", "2-4"], "error: skipped\nerror: divide-by-zero\n7\n", 1),
                (["--jobs", "1", "--failed"], "1\terror: skipped\n", 1),
                (["--jobs", "2-4", "-u"], "3\terror: divide-by-zero\n4\t7\n2\terror: skipped\n", 1)):
            result = cluster.run("results", batch, *option)
            self.assertEqual((result.out, result.code), (out, code), option)
        self.assertEqual(cluster.run("results", batch, "--jobs", "1").err,
                         "stdin:1: it uses 'b' (line 2), which needs 'a' (line 3), which failed\n")
        beyond = cluster.run("results", batch, "--jobs", "6")
        self.assertEqual((beyond.out, beyond.code), ("", 64))

    def test_cells_are_not_reduced(self):
        batch = self.detach("a = 1\nb = 2\n")
        result = cluster.run("results", batch, "--reduce", "sum")
        self.assertEqual((result.out, result.code), ("", 64))
        self.assertIn("a sheet has cells, and no rows", result.err)

    def test_a_value_can_come_from_a_sheet_of_one_cell(self):
        batch = self.detach("a = 6*7\n")
        self.assertEqual(cluster.run("x/2", "--let", f"x=@{batch}").out, "21\n")
        batch = self.detach("\na = 1/0\n")
        result = cluster.run("x/2", "--let", f"x=@{batch}")
        self.assertIn("stdin:2: division by zero at column 2 of the expression\n", result.err)
        batch = self.detach("a = 6*7\nb = 1\n")
        self.assertIn("has 2 results", cluster.run("x/2", "--let", f"x=@{batch}").err)

    def test_an_empty_one_has_no_rows(self):
        batch = self.detach("# nothing\n")
        result = cluster.run("results", batch, "-o", "csv")
        self.assertEqual((result.out, result.code), ("name,expr,result,error\n", 0))

    def test_many_cells_come_as_from_one_process(self):
        text = layers(20000, 400, 3)
        expected = cluster.run("batch", "--from", "sheet", "-q", stdin=text)
        self.assertEqual(expected.code, 0)
        batch = self.detach(text)
        for command in "attach", "results":
            self.assertTrue(cluster.run(command, batch).raw == expected.raw, command)

    def test_what_was_cancelled_says_so_in_its_places(self):
        batch = self.detach(f"b = a and x\na = {SLOW}\nc = 5\nx = {SLOW}\ny = {SLOW}\n")
        wait_until(lambda: cluster.status(batch)["done"], "one is done")
        cluster.run("cancel", batch)
        result = cluster.run("results", batch)
        self.assertEqual((result.lines[0], result.lines[2], len(result.lines), result.code),
                         ("error: cancelled", "5", 5, 75))

    def test_a_batch_that_only_says_it_is_a_sheet_is_told(self):
        """What some program has sent under dcalc's name, and is not what dcalc would have."""
        import zmq
        from detached import CLOSE, RECEIPT, RECEIPT_CLOSED, Session, message, open_record, record
        from detached import chunk_record
        with zmq.Context() as context:
            session = Session(context, cluster.frontend)
            program = b'{"v":1,"format":"sheet","client":{"columns":["name","expr"],"cells":2}}'
            session.socket.send_multipart(message(
                open_record(1, 4711), chunk_record(1, 0, ['[]["a",0,1]\t1', '[]["b",0,2]\t2']),
                record(CLOSE, 1, 2), program=program))
            while session.wait_for(RECEIPT)[1][3] != RECEIPT_CLOSED:
                pass
            session.close()
        batch = cluster.run("list", "-o", "json").lines[-1]
        result = cluster.run("results", json.loads(batch)["batch"])
        self.assertEqual(result.code, 65)
        self.assertIn("a job is no cell", result.err)


class Spoiled(Case):
    """A disk has changed a bit of the cell in the middle, or of others."""

    TEXT = "d = c + 1\na = 2\nc = a * b\nb = 3\ne = 7\n"
    LOST = "the disk of the broker's store has spoiled this cell, its name and its expression"
    TOLD = f"stdin: row 3: {LOST}"

    @contextlib.contextmanager
    def spoiled(self, text=TEXT, chunk=2, is_computed=True):
        """A cluster with such a sheet, whose store has lost the inputs of one of its chunks."""
        with Cluster(keeps=True, workers=1 if is_computed else 0) as at:
            batch = self.detach(text, at=at)
            if is_computed:
                at.await_end(batch)
            at.broker.terminate()
            at.broker.wait()
            store.spoil(at.data, "input", int(batch[1:]), chunk)
            at.start_broker()
            if not is_computed:
                at.start_worker(1)
            yield at, batch

    def told(self, result):
        """What is said of rows. Who sees a damage first is also told that it has to read again."""
        return [line for line in result.err.splitlines() if not line.startswith("dcalc: ")]

    def test_all_others_are_there_in_their_places(self):
        with self.spoiled() as (at, batch):
            for command in "results", "attach":
                result = at.run(command, batch, "-q" if command == "attach" else "-v")
                self.assertEqual((result.out, result.code),
                                 ("7\n2\nerror: store-damaged\n3\n7\n", 1), command)
            self.assertEqual(at.run("results", batch).err, f"{self.TOLD}\n")
            result = at.run("attach", batch, "-o", "json", "-q")
            whole = ((1, "d", "c + 1", 7), (2, "a", "2", 2), (4, "b", "3", 3), (5, "e", "7", 7))
            rows = [{"v": 1, "batch": batch, "row": row, "name": name, "expr": text, "value": value}
                    for row, name, text, value in whole]
            rows.insert(2, {"v": 1, "batch": batch, "row": 3,
                            "error": {"code": "store-damaged", "message": self.LOST}})
            self.assertEqual(([json.loads(line) for line in result.lines], result.code), (rows, 1))
            result = at.run("results", batch, "-o", "csv", "-q")
            self.assertEqual(result.lines, ["name,expr,result,error", "d,c + 1,7,", "a,2,2,",
                                            ",,,store-damaged", "b,3,3,", "e,7,7,"])

    def test_some_rows_can_be_had_alone(self):
        with self.spoiled() as (at, batch):
            for option, out, code in ((["--jobs", "1-2"], "7\n2\n", 0),
                                      (["--jobs", "3"], "error: store-damaged\n", 1),
                                      (["--failed"], "3\terror: store-damaged\n", 1)):
                result = at.run("results", batch, *option)
                self.assertEqual((result.out, result.code), (out, code), option)
                self.assertEqual(self.told(result), [self.TOLD] if code else [], option)
            result = at.run("results", batch, "-u")
            self.assertEqual((sorted(result.lines), result.code),
                             (["1\t7", "2\t2", "3\terror: store-damaged", "4\t3", "5\t7"], 1))
            errors = at.path("errors.jsonl")
            at.run("results", batch, "--errors", errors)
            with open(errors, encoding="utf-8") as lines:
                self.assertEqual([json.loads(line) for line in lines],
                                 [{"row": 3, "error": {"code": "store-damaged",
                                                       "message": self.LOST}}])

    def test_several_are_lost_together(self):
        with self.spoiled(chunk=0) as (at, batch):
            lost = "error: store-damaged\n"
            result = at.run("results", batch)
            self.assertEqual((result.out, result.code), (f"7\n{lost}6\n{lost}7\n", 1))
            self.assertEqual(self.told(result), [f"stdin: row {row}: {self.LOST}" for row in (2, 4)])

    def test_what_uses_a_lost_one_says_so(self):
        with self.spoiled(is_computed=False) as (at, batch):
            at.await_end(batch)
            result = at.run("results", batch)
            self.assertEqual((result.out, result.code),
                             ("error: skipped\n2\nerror: store-damaged\n3\n7\n", 1))
            self.assertEqual(self.told(result), [
                "stdin:1: it uses a cell that the disk of the broker's store has spoiled", self.TOLD])

    def test_nobody_can_send_it_again_from_there(self):
        with self.spoiled() as (at, batch):
            result = at.run("retry", batch)
            self.assertEqual((result.out, result.err, result.code),
                             ("", "dcalc: the disk of the broker's store has spoiled 1 cell of "
                                  f"{batch}: send the file again (dcalc batch)\n", 65))

    def test_a_value_that_is_lost_is_no_other_ones(self):
        with self.spoiled("a = 6*7\n", chunk=0) as (at, batch):
            result = at.run("x/2", "--let", f"x=@{batch}")
            self.assertEqual((result.out, result.code), ("", 65))
            self.assertIn(f"stdin: row 1: {self.LOST}", self.told(result))


class Sending(Case):
    def listed(self):
        return {json.loads(line)["batch"] for line in cluster.run("list", "-o", "json").lines}

    def test_what_no_sheet_is_sends_nothing(self):
        before = self.listed()
        for text in "a = b\nb = a\n", "a = b\n", "a = 1\na = 2\n", "1 + 1\n":
            result = cluster.run("batch", "-d", "--from", "sheet", stdin=text)
            self.assertEqual((result.out, result.code), ("", 65))
        self.assertLessEqual(self.listed(), before)  # one that has ended may be gone meanwhile

    def test_the_same_key_makes_no_second_batch(self):
        text = layers(3000, 100, 5)
        first = self.detach(text, "--key", "once")
        self.assertEqual(self.detach(text, "--key", "once"), first)
        self.assertEqual(cluster.status(first)["jobs"], 3000)
        other = cluster.run("batch", "-d", "--from", "sheet", "--key", "once",
                            stdin=text + "one_more = 1\n")
        self.assertEqual((other.out, other.code), ("", 64))

    def test_it_may_come_after_others_and_use_their_value(self):
        batch = self.detach("rate = 1/8\n")
        new = self.detach("tax = net * rate\nnet = 40\n", "--let", f"rate=@{batch}", "--after", batch)
        self.assertEqual(cluster.run("attach", new).out, "5\n40\n")


class Retrying(Case):
    def retry(self, batch, at=None):
        """Send what has no value again; its id, and how many cells these are."""
        result = (at or cluster).run("retry", batch)
        self.assertEqual((result.code, result.err), (0, ""))
        said = re.fullmatch(rf"(b\d+): (\d+) jobs? of {batch} again\n", result.out)
        return said[1], int(said[2])

    def values(self, batch, at=None):
        rows = (at or cluster).run("results", batch, "-o", "json", "-q").lines
        return {row["name"]: row.get("value", row.get("error")) for row in map(json.loads, rows)}

    def test_what_failed_is_computed_again_with_the_values_of_the_others(self):
        file = cluster.write("retry.sheet", "d = c + a + {s t}\n"
                             "c = b / a + ({s t} == 'x' ? 1 : 0)\na = 0.0 * -n\n"
                             "{s t} = 'x'\nb = 1\nn = 3\ne = 5\n")
        batch = cluster.run("batch", "-d", "-q", file).out.strip()
        cluster.await_end(batch)
        for _ in range(2):
            # It fails in the same way, and says so with the same lines.
            new, count = self.retry(batch)
            self.assertEqual(count, 2)
            cluster.await_end(new)
            result = cluster.run("results", new, "-o", "csv")
            self.assertEqual(result.lines, ["name,expr,result,error",
                                            "d,c + a + {s t},,skipped",
                                            "c,b / a + ({s t} == 'x' ? 1 : 0),,divide-by-zero"])
            self.assertEqual(result.err.splitlines()[:2],
                             [f"{file}:2: division by zero at column 3 of the expression",
                              f"{file}:1: it uses 'c' (line 2), which failed"])
            batch = new

    def test_where_none_failed_there_is_nothing_to_do(self):
        batch = self.detach("b = a\na = 2\n")
        cluster.await_end(batch)
        result = cluster.run("retry", batch)
        self.assertEqual((result.out, result.err, result.code),
                         ("", f"dcalc: no job of {batch} failed\n", 0))

    def test_what_was_cancelled_at_any_moment_can_be_completed(self):
        text = layers(600, 30, 17).replace("/7", "/7 + sum(sin(k), k, 1, 1e6)") + (
            'text = "a\\tb" + "\u00e9"\nuse = text == "a\\tb\u00e9"\nno = null\n')
        whole = cluster.run("batch", "--from", "sheet", "-q", "-o", "json", stdin=text)
        expected = {row["name"]: row["value"] for row in map(json.loads, whole.lines)}
        dice = random.Random(19)
        got, counts = {}, []
        batch = self.detach(text)
        while batch:
            status = cluster.status(batch)
            counts.append(status["jobs"])
            share = dice.uniform(0, 0.5) if counts[1:] else 0.01
            enough = status["jobs"] * (share if len(counts) < 5 else 1)
            wait_until(lambda: cluster.status(batch)["done"] >= enough, "some are there")
            cluster.run("cancel", batch)
            cluster.await_end(batch)
            values = self.values(batch)
            missing = {name for name, value in values.items() if isinstance(value, dict)}
            got.update((name, value) for name, value in values.items() if name not in missing)
            self.assertEqual(set(got) | missing, set(expected))
            result = cluster.run("retry", batch)
            self.assertEqual(result.code, 0, result.err)
            batch = result.out.split(":")[0]
        self.assertGreater(len(counts), 1)
        self.assertEqual(got, expected)


class Disasters(Case):
    def test_whoever_is_killed_at_any_moment(self):
        text = layers(6000, 60, 11)
        expected = cluster.run("batch", "--from", "sheet", "-q", stdin=text).raw
        self.assertEqual(expected.count(b"\n"), 6000)
        dice = random.Random(13)
        with Cluster(keeps=True, workers=2, slots=1) as at:
            file = at.write("big.sheet", text)
            for turn in range(2):
                arguments = ("batch", "-d", "-q", file, "--key", f"turn-{turn}", "--wait", "60s")
                for _ in range(3):
                    client = self.start(*arguments, at=at)
                    time.sleep(dice.uniform(0, 0.3))
                    if dice.random() < 0.5:
                        at.restart_broker()
                        time.sleep(dice.uniform(0, 0.2))
                    end_client(client)
                result = at.run(*arguments)
                self.assertEqual(result.code, 0, result.err)
                batch = result.out.strip()
                reader = self.start("attach", batch, "-q", "--wait", "60s", at=at)
                for _ in range(3):
                    time.sleep(dice.uniform(0, 0.3))
                    at.restart_broker()
                    victim = at.workers[turn % 2]
                    victim.kill()
                    victim.wait()
                    at.workers[turn % 2] = at.start_worker(1)
                    at.workers.pop()
                out, err = reader.communicate(timeout=PATIENCE)
                self.assertEqual(reader.returncode, 0, err)
                self.assertTrue(out == expected, "the values are other ones")
                self.assertTrue(at.run("results", batch, "--wait", "60s").raw == expected)
                self.assertEqual(at.status(batch)["jobs"], 6000)
                at.run("delete", batch)


if __name__ == "__main__":
    unittest.main()
