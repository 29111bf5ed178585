"""Runs that were stopped and are gone on with: whatever happened, the output is the same to the byte."""

import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, end_client, wait_until  # noqa: E402

cluster = Cluster(workers=1, slots=2)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__

# Sanitizers make a term ten times as dear, and a start.
IS_FAST = os.environ.get("DCALC_KIND", "release") == "release"

# Some 0.2 ms a row: long enough to be stopped on the way.
TERMS = 15000 if IS_FAST else 3000
TEMPLATE = f"sum(a^j, j, 1, {TERMS})/b + k"

# Few rows fail, so that there are faults in the journal too.
ROWS = [f"{row},0.{row * 7919 % 1000:03},{row % 37}" for row in range(6000)]


# What uninterrupted runs have written.
wholes = {}


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.out = cluster.path(f"{self.id()}.csv")
        self.journal = self.out + ".journal"
        self.input = cluster.path(f"{self.id()}.in.csv")
        self.write(ROWS)

    def write(self, rows, header="id,a,b"):
        with open(self.input, "w", encoding="ascii") as file:
            file.write("\n".join([header, *rows]) + "\n")

    def arguments(self, *options, template=TEMPLATE, out=None):
        return ["batch", self.input, "-t", template, "--let", "k=3", "-O", out or self.out, *options]

    def whole(self, *options, **changes):
        """What an uninterrupted run writes. Many tests have the same."""
        with open(self.input, "rb") as file:
            key = (file.read(), options, *changes.values())
        if key not in wholes:
            path = self.out + ".whole"
            result = cluster.run(*self.arguments(*options, out=path, **changes))
            self.assertIn(result.code, (0, 1), result.err)
            with open(path, "rb") as file:
                wholes[key] = file.read()
        return wholes[key]

    def written(self):
        with open(self.out, "rb") as file:
            return file.read()

    def stop(self, *options, numbers=(signal.SIGINT, signal.SIGTERM), bytes_min=20000):
        """Start a run, and stop it once some results are in the journal; returns what it said. A
        second signal ends it at once, whatever is under way."""
        begun = size(self.journal)
        client = cluster.start(*self.arguments(*options), stdin=subprocess.DEVNULL)
        wait_until(lambda: size(self.journal) > begun + bytes_min or client.poll() is not None,
                   "results are recorded")
        self.assertIsNone(client.poll(), "it was not stopped in time")
        for number in numbers:
            client.send_signal(number)
        _, err = client.communicate(timeout=60)
        self.assertFalse(os.path.exists(self.out))
        return err.decode(), client.returncode

    def finish(self, *options, code=1):
        """Go on to the end; returns how many rows were kept."""
        result = cluster.run(*self.arguments("--resume", *options))
        self.assertEqual(result.code, code, result.err)
        self.assertFalse(os.path.exists(self.journal))
        self.assertFalse(os.path.exists(self.out + ".part"))
        self.said = result.err
        line = next((line for line in result.err.split("\n") if " kept, " in line), None)
        return int(line.split()[1].replace(",", "")) if line else 0


class Resume(Case):
    def test_the_command_that_is_told_goes_on(self):
        err, code = self.stop()
        self.assertEqual(code, 130)
        line = next(line for line in err.split("\n") if line.startswith("dcalc: stopped with "))
        self.assertRegex(line, r"^dcalc: stopped with [\d,]+ of [\d,]+ rows saved      continue: ")
        words = shlex.split(line.partition("continue: ")[2])
        self.assertEqual(words[1:], cluster.arguments(self.arguments("--resume")))
        saved = int(line.split()[3].replace(",", ""))
        self.assertEqual(self.finish(), saved)
        self.assertRegex(self.said, rf"dcalc: {saved:,} rows kept, computing (about )?[\d.,k]+\n")
        self.assertEqual(self.written(), self.whole())

    def test_killed_again_and_again_it_comes_to_the_same_end(self):
        # Each attempt gets as far as it gets; what it had is kept by the next. One that comes to the
        # end is followed by another beginning.
        chance = random.Random(1)
        for _ in range(50 if IS_FAST else 10):
            client = cluster.start(*self.arguments("--resume"), stdin=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.02, 0.4 if IS_FAST else 2))
            client.kill()
            client.communicate(timeout=60)
            if client.returncode != -signal.SIGKILL:
                self.assertEqual(self.written(), self.whole())
                os.remove(self.out)
        self.finish()
        self.assertEqual(self.written(), self.whole())

    def test_how_many_rows_are_left_is_known_though_lines_grow(self):
        self.write([f"{'x' * (row // 60)}{row}" + rest[rest.index(","):] for row, rest in enumerate(ROWS)])
        self.stop()
        kept = self.finish()
        number, unit = re.search(r"kept, computing (?:about )?([\d.,]+)(k?)\n", self.said).groups()
        left = float(number.replace(",", "")) * (1000 if unit else 1)
        self.assertAlmostEqual(left / (len(ROWS) - kept), 1, delta=0.1)

    def test_changed_rows_are_computed_and_all_others_kept(self):
        self.stop()
        rows = list(ROWS)
        rows[3] = "3,0.25,5"
        rows[300] = "300,0.5,7"
        rows.insert(100, "new,0.75,9")
        del rows[200:220]
        self.write(rows)
        kept = self.finish()
        self.assertRegex(self.said, rf"dcalc: {kept:,} rows kept, 3 rows changed in {self.input} "
                                    r"since then, computing ")
        self.assertEqual(self.written(), self.whole())

    def test_rows_that_moved_are_kept(self):
        self.stop()
        self.write([*ROWS[100:300], *ROWS[:100], *ROWS[300:]])
        self.assertGreater(self.finish(), 300)
        self.assertNotIn("changed", self.said)
        self.assertEqual(self.written(), self.whole())

    def test_another_form_of_output_is_written_from_the_same_results(self):
        self.stop()
        self.finish("-o", "json", "-p", "3")
        whole = [json.loads(line) for line in self.whole("-o", "json", "-p", "3").splitlines()]
        rows = [json.loads(line) for line in self.written().splitlines()]
        batches = {row.pop("batch") for row in rows}
        for row in whole:
            row.pop("batch")
        self.assertEqual(rows, whole)
        self.assertEqual(len(batches), 2)
        self.assertNotIn("b0", batches)

    def test_failed_rows_that_are_kept_are_told_and_gathered(self):
        self.stop()
        errors = self.out + ".errors"
        self.assertGreater(self.finish("--errors", errors), 0)
        self.whole("--errors", errors + ".whole")
        with open(errors, "rb") as some, open(errors + ".whole", "rb") as whole:
            self.assertEqual(some.read(), whole.read())

    def test_one_value_of_all_rows(self):
        err, _ = self.stop("--reduce", "sum")
        self.assertIn("computed, and no value      continue: ", err)
        self.assertGreater(self.finish("--reduce", "sum"), 0)
        self.assertEqual(self.written(), self.whole("--reduce", "sum", "-o", "csv"))

    def test_what_the_deadline_left_is_computed_later(self):
        result = cluster.run(*self.arguments("--deadline", "500ms"))
        self.assertEqual(result.code, 124)
        self.assertIn(b",deadline", self.written())
        self.assertIn("       continue: ", result.err)
        self.assertGreater(self.finish(), 0)
        self.assertEqual(self.written(), self.whole())


class Otherwise(Case):
    def test_another_template_is_refused_and_nothing_is_lost(self):
        self.stop()
        with open(self.journal, "rb") as file:
            before = file.read()
        result = cluster.run(*self.arguments("--resume", template="a*b"))
        self.assertEqual((result.code, result.out), (64, ""))
        self.assertEqual(result.err,
                         f"dcalc: {self.out} was begun otherwise: --template was '{TEMPLATE}', and is "
                         "'a*b'\n       nothing has changed; give what it was, or begin anew without "
                         "--resume\n")
        with open(self.journal, "rb") as file:
            self.assertEqual(file.read(), before)
        self.assertGreater(self.finish(), 0)

    def test_columns_that_count_must_be_where_they_were(self):
        self.stop()
        self.write(ROWS, header="id,b,a")
        result = cluster.run(*self.arguments("--resume"))
        self.assertEqual(result.code, 64)
        self.assertIn("the columns was '3, 2 a:number, 3 b:number', and is '3, 2 b:number, 3 a:number'",
                      result.err)

    def test_who_forgets_to_say_so_loses_nothing(self):
        self.stop()
        err, _ = self.stop()
        self.assertRegex(err, rf"dcalc: {self.out} was begun before: with --resume [\d,]+ rows of it "
                              "are kept\n")
        self.assertGreater(self.finish(), 0)
        self.assertEqual(self.written(), self.whole())

    def test_what_any_run_saved_is_saved_once(self):
        def saved(words):
            return int(re.search(r"dcalc: stopped with ([\d,]+) of ", words).group(1).replace(",", ""))
        first, _ = self.stop(bytes_min=60000)
        second, _ = self.stop()
        self.assertGreaterEqual(saved(second), saved(first))
        third, _ = self.stop()
        self.assertIn(f" was begun before: with --resume {saved(second):,} rows of it are kept\n", third)
        self.assertEqual(self.finish(), saved(third))

    def test_a_run_of_another_plan_begins_anew(self):
        self.stop()
        cluster.run(*self.arguments(template="a*b"))
        self.assertEqual(self.written(), self.whole(template="a*b"))
        self.assertFalse(os.path.exists(self.journal))

    def test_where_nothing_was_begun_all_is_computed(self):
        self.write(ROWS[:5])
        self.assertEqual(self.finish(code=1), 0)
        self.assertIn(f"dcalc: there is nothing to go on with beside {self.out}: computing all of it\n",
                      self.said)
        self.assertEqual(self.written(), self.whole())

    def test_what_cannot_be_gone_on_with(self):
        def fails(*arguments, code=64):
            result = cluster.run("batch", *arguments)
            self.assertEqual((result.code, result.out), (code, ""), result.err)
            return result.err
        self.assertIn("--resume needs -O FILE", fails(self.input, "-t", "a", "--resume"))
        self.assertIn("a plain file", fails(self.input, "-t", "a", "--resume", "-O", "/dev/null"))
        self.assertIn("--unordered", fails(self.input, "-t", "a", "--resume", "-O", self.out, "-u"))
        self.assertIn("a sheet", fails(cluster.write("x.sheet", "a = 1\n"), "--resume", "-O", self.out))
        self.assertIn("-d", fails(self.input, "-t", "a", "--resume", "-d"))
        with open(self.journal, "w", encoding="ascii") as file:
            file.write("somebody's diary\n")
        self.assertIn("is no journal that this dcalc reads",
                      fails(self.input, "-t", "a", "-O", self.out, code=73))
        self.assertIn("same file", fails(self.journal, "-O", self.out))

    def test_a_variable_is_for_those_whom_it_concerns(self):
        always = {"DCALC_RESUME": "yes"}
        self.stop()
        result = cluster.run(*self.arguments(), environment=always)
        self.assertIn(" rows kept, ", result.err)
        self.assertEqual(self.written(), self.whole())
        result = cluster.run("batch", "-t", "x", stdin="1\n", environment=always)
        self.assertEqual((result.out, result.code), ("1\n", 0))

    def test_nothing_is_left_of_a_run_that_did_not_begin(self):
        result = cluster.run(*self.arguments("--errors", "/nonexistent/errors"))
        self.assertEqual(result.code, 73)
        self.assertFalse(os.path.exists(self.journal))
        result = cluster.run(*self.arguments("--broker", "ipc:///nonexistent/x", "--wait", "0"))
        self.assertEqual(result.code, 69)
        self.assertFalse(os.path.exists(self.journal))

    def test_two_runs_do_not_go_on_with_one_journal(self):
        client = cluster.start("batch", "-", "--from", "csv", *self.arguments()[2:])
        client.stdin.write(b"id,a,b\n0,0.5,1\n")
        client.stdin.flush()
        wait_until(lambda: size(self.out + ".part"), "its first row is written")
        result = cluster.run(*self.arguments("--resume"))
        self.assertEqual((result.code, result.err), (73, f"dcalc: another run writes {self.out}\n"))
        client.kill()
        client.communicate(timeout=60)
        self.finish()


class Damage(Case):
    def test_a_journal_that_was_cut_off_is_good_as_far_as_it_goes(self):
        self.stop(bytes_min=60000)
        with open(self.journal, "rb") as file:
            journal = file.read()
        whole = self.whole()
        counts = set()
        for length in (0, 1, 17, 40, len(journal) // 3, len(journal) // 2 + 1, len(journal) - 1):
            with open(self.journal, "wb") as file:
                file.write(journal[:length])
            counts.add(self.finish())
            self.assertEqual(self.written(), whole, length)
            os.remove(self.out)
        # How many blocks there are, and so how many different counts, is a matter of time.
        self.assertIn(0, counts)
        self.assertGreater(max(counts), 0)

    def test_a_journal_with_wrong_bits_is_good_for_the_others(self):
        self.stop(bytes_min=60000)
        with open(self.journal, "rb") as file:
            journal = file.read()
        whole = self.whole()
        chance = random.Random(2)
        for count in (1, 1, 1, 3, 20):
            damaged = bytearray(journal)
            for _ in range(count):
                damaged[chance.randrange(300, len(damaged))] ^= 1 << chance.randrange(8)
            with open(self.journal, "wb") as file:
                file.write(damaged)
            self.finish()
            self.assertEqual(self.written(), whole)
            os.remove(self.out)

    def test_damage_is_told_and_not_taken_for_changes(self):
        self.stop()
        self.stop("--resume")
        with open(self.journal, "rb") as file:
            journal = file.read()
        block = journal.index(b"dcJ1")
        for at in (block + 3, block + 60):  # in its head, and in its body
            damaged = bytearray(journal)
            damaged[at] ^= 1
            with open(self.journal, "wb") as file:
                file.write(damaged)
            kept = self.finish()
            self.assertRegex(self.said, rf"dcalc: {self.journal} is damaged at byte {block:,}: what it had there "
                             rf"is computed again\ndcalc: {kept:,} rows? kept, [\d,]+ rows? lost by that, or "
                             rf"changed in {self.input} since then, computing ")
            self.assertEqual(self.written(), self.whole())
            os.remove(self.out)

    def test_a_journal_with_a_wrong_beginning_says_which_file_and_what_to_do(self):
        self.stop()
        with open(self.journal, "rb") as file:
            journal = file.read()
        for at in (0, 7, 15, 20, 44):
            damaged = bytearray(journal)
            damaged[at] ^= 1
            with open(self.journal, "wb") as file:
                file.write(damaged)
            if at < 16:  # that it is a journal: it may be anything
                result = cluster.run(*self.arguments(), "--resume")
                self.assertEqual((result.out, result.code), ("", 73))
                self.assertEqual(result.err, f"dcalc: {self.journal} is there and is no journal that this "
                                 "dcalc reads: its beginning is another's, or damaged\n"
                                 "       move it away, and all is computed; or write elsewhere\n")
                with open(self.journal, "rb") as file:
                    self.assertEqual(file.read(), damaged)
            else:
                self.assertEqual(self.finish(), 0)
                self.assertIn(f"dcalc: {self.journal} is damaged at its beginning, and cannot be gone on "
                              "with: computing all of it\n", self.said)
                self.assertEqual(self.written(), self.whole())
                os.remove(self.out)

    def test_a_journal_that_cannot_be_written_does_not_stop_the_run(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("this system has no /dev/full")
        # What is beside the output is somebody's device: it is no journal, and is left alone.
        os.symlink("/dev/full", self.journal)
        result = cluster.run(*self.arguments())
        self.assertEqual(result.code, 73)
        self.assertIn(f"dcalc: cannot create {self.journal}: ", result.err)


class Sources(Case):
    """Rows of every kind."""

    def goes_on(self, name, content, *options, bytes_min=5000):
        """TERMS in these stands for as many as a run takes that is killed before it ends."""
        for terms in (TERMS, 10 * TERMS, 100 * TERMS):
            command = ["batch", *([cluster.write(name, content.replace("TERMS", str(terms)))] if name else []),
                       *(option.replace("TERMS", str(terms)) for option in options), "-O"]
            out = cluster.path(f"{name or 'ranges'}.{terms}.out")
            client = cluster.start(*command, out, stdin=subprocess.DEVNULL)
            wait_until(lambda: size(out + ".journal") > bytes_min or client.poll() is not None,
                       "results are recorded")
            end_client(client)
            result = cluster.run(*command, out, "--resume")
            cluster.run(*command, out + ".whole")
            with open(out, "rb") as some, open(out + ".whole", "rb") as whole:
                self.assertEqual(some.read(), whole.read())
            if client.returncode == -signal.SIGKILL and re.search(r"dcalc: [\d,]+ rows? kept, ", result.err):
                return
        self.fail(f"none was killed on its way; the last said: {result.err}")

    def test_lines(self):
        self.goes_on("expressions.txt",
                     "".join(f"sum(sin(j+{i}), j, {i % 50 and 1}, TERMS)\n" for i in range(4000)))

    def test_values_of_x(self):
        self.goes_on("values.txt", "".join(f"{i}\n" for i in range(4000)), "-t", "sum(sin(j+x), j, 1, TERMS)")

    def test_json_lines(self):
        self.goes_on("rows.jsonl", "".join(f'{{"id":{i},"a":{i % 9}}}\n' for i in range(4000)), "-t",
                     "sum(sin(j+id), j, 1, TERMS)/a", "-o", "csv")

    def test_ranges(self):
        self.goes_on(None, None, "-r", "x=1:40", "-r", "y=0:100", "-t", "sum(sin(j+x*y), j, 0, TERMS)",
                     "-o", "csv")

    def test_records_with_line_breaks(self):
        self.goes_on("quoted.csv", "id,note,a\n" + "".join(
            f'{i},"two\nlines, ""{i}""",{i % 11}\n' if i % 3 == 0 else f"{i},plain,{i % 11}\n"
            for i in range(4000)), "-t", "sum(sin(j+id), j, 1, TERMS)/a")


if __name__ == "__main__":
    unittest.main()
