"""With -o json every command prints lines that parse, and that fit its schema in tests/schemas/."""

import copy
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, end_client, run_client, wait_until  # noqa: E402
from schemas import Schemas, parse  # noqa: E402

# These print text for a shell, or for a person, in whatever format.
WITHOUT_SCHEMA = {"completion": "a program of the shell's", "help": "pages to read"}

# What is no command, and has a schema for those who read it.
BESIDE_COMMANDS = {"progress"}

# A job that takes for ever, in reach of a cancellation.
LONG = "all(k >= 0, k, 1, 4e9)"

cluster, schemas = None, Schemas()


def setUpModule():
    global cluster
    cluster = Cluster(workers=1, slots=2, keeps=True)
    cluster.__enter__()


def tearDownModule():
    cluster.__exit__()


def commands():
    """Those of the table of `dcalc help commands`."""
    return re.findall(r"^  ([a-z]+) ", run_client(["help", "commands"]).out, re.MULTILINE)


class Case(unittest.TestCase):
    maxDiff = None

    def fits(self, command, line):
        value = parse(line)
        self.assertEqual(schemas.problems(command, value), [], line)
        return value

    def lines(self, command, *arguments, count=1, code=0, **options):
        """Run it with -o json; its lines, of which there are `count` if one is given, and which all fit."""
        words = arguments if command == "eval" else [command, *arguments]
        result = cluster.run(*words, "-o", "json", **options)
        self.assertEqual(result.code, code, (arguments, result.err))
        values = [self.fits(command, line) for line in result.raw.splitlines()]
        if count is not None:
            self.assertEqual(len(values), count, (arguments, result.out, result.err))
        return values

    def send(self, *arguments, **options):
        """Send a batch with -d; its id."""
        return self.lines("batch", "-d", *arguments, **options)[0]["batch"]

    def send_and_end(self, *arguments, code=0):
        batch = self.send(*arguments)
        self.assertEqual(cluster.run("results", batch, "-q").code, code)
        return batch


def told_columns(command):
    """What `dcalc help output` says of a command: pairs of its columns and json's names ('-': none)."""
    page = run_client(["help", "output"]).out
    words = re.search(rf"^  {command} ((?:.+\n)(?: {{12}}.+\n)*)", page, re.MULTILINE)[1]
    names = [name.split("/") for name in words.split(";")[0].split()]
    return [(name[0], name[-1]) for name in names]


class Completeness(Case):
    def test_help_has_the_columns_and_the_names_of_json(self):
        shared = schemas.documents["common.json"]["$defs"]
        slot = schemas.documents["workers.json"]["oneOf"][0]
        for command, properties in (("list", shared["batch"]["properties"]),
                                    ("workers", slot["properties"]),
                                    ("set", shared["batch"]["properties"])):
            self.assertLessEqual({name for _, name in told_columns(command)}, set(properties))
        for command in ("list", "workers"):
            header = cluster.run(command, "-o", "csv").lines[0]
            self.assertEqual(header, ",".join(column for column, _ in told_columns(command)))

    def test_each_command_has_a_schema_or_a_reason_why_not(self):
        self.assertGreater(len(commands()), 15)
        self.assertEqual(sorted(commands()),
                         sorted({*schemas.names(), *WITHOUT_SCHEMA} - BESIDE_COMMANDS))

    def test_each_schema_has_a_test(self):
        tested = {name.split("_")[1] for case in (Computing, Sending, Looking) for name in dir(case)
                  if name.startswith("test_")}
        self.assertEqual(sorted(tested), schemas.names())

    def test_a_schema_refuses_what_is_not_in_it(self):
        row, = self.lines("eval", "1+1")
        ping, = self.lines("ping")
        batch = self.send_and_end("-r", "x=1:2", "-t", "x")
        listed = [value for value in self.lines("status", batch)]
        for command, value in [("eval", row), ("ping", ping), ("status", listed[0])]:
            for name in value:
                without = copy.deepcopy(value)
                del without[name]
                wrong = {**value, name: {"wrong": "type"}}
                optional = name in ("expr", "rate_max", "client")
                if not optional and command != "status":
                    self.assertNotEqual(schemas.problems(command, without), [], name)
                self.assertNotEqual(schemas.problems(command, wrong), [], name)
            self.assertNotEqual(schemas.problems(command, {**value, "more": 1}), [])
        for line in (b'{"v":NaN}', b'{"v":1,"v":1}', b'{"v":"\xff"}', b"{", b""):
            self.assertRaises(ValueError, parse, line)


class Computing(Case):
    def test_eval(self):
        self.lines("eval", "1+1", "'a'", "1<2", "null", count=4)
        self.lines("eval", "1/0", "2+*3", "", "nope(1)", count=4, code=1)
        self.lines("eval", "1/0", "-1/0", "0/0", "--ieee", count=3)
        self.lines("eval", "1/3", "1/0", "-v", count=2, code=1)
        self.lines("eval", "1/3", "-p", "3")
        self.lines("eval", "x*2", "--let", "x=1")

    def test_eval_explained(self):
        expressions = ["1+1", "x > 2 and sin(x) < 1 ? 'a' : null", "sum(k^2, k, 1, 1e9)",
                       "sum(k, k, 1, n)", "integrate(x^2, x, 0, 1)", "solve(x^2 - 2, x, 0, 2)",
                       "f(y) = y * 2; f(n)", "sum(sum(1/(k*j), j, 1, k), k, 1, n)", "a = 2; a * n"]
        self.lines("eval", *expressions, "--explain", "--let", "x=1", "--let", "n=9",
                   count=len(expressions))

    def test_eval_and_batch_with_other_numbers(self):
        self.lines("eval", "1/3", "0.1+0.2", "1/0", "-1e30", "1<2", "--numbers", "exact", count=5, code=1)
        self.lines("batch", "-", "--from", "jsonl", "-t", "x/3", "--numbers", "exact", count=3, code=1,
                   stdin='{"x": 0.1}\n{"x": "1/3"}\n{"x": "one"}\n')
        self.lines("batch", "-r", "x=0:1:1/3", "-t", "x", "--numbers", "exact", count=4)
        self.lines("batch", "-r", "x=0:1:1/3", "-t", "x", "--numbers", "exact", "--dry-run")
        self.lines("eval", "1/3 + 0.1", "--numbers", "decimal=34", "--explain")

    def test_batch_of_lines(self):
        self.lines("batch", "-", stdin="1+1\n\n1/0\n'ä\xff'\n", count=4, code=1)
        self.lines("batch", "-", stdin=b"'\xff\x00'\n1+\xc3\n\"\\\n", count=3, code=1)
        self.lines("batch", "-", "-v", "-u", stdin="1\n2\n", count=2)
        self.lines("batch", "-", "-t", "x*2", stdin="1\nnope\n", count=2, code=1)
        self.lines("batch", "-", stdin="1" * 70000 + "\n2\n", count=2, code=1)

    def test_batch_of_tables(self):
        path = cluster.write("a.csv", "a,b,{odd \"name},c\n1,2,x,\n3,nope,y,\n4,5\n,6,z,true\n")
        self.lines("batch", path, "-t", "a+b", count=4, code=1)
        self.lines("batch", path, "-t", "c ?? true", "--types", "c:bool?", count=4, code=1)
        self.lines("batch", "-", "--from", "csv", "-t", "a == 'b'", stdin=b"a\n\xff\xfe\n\"\x01\"\n",
                   count=2, code=1)
        self.lines("batch", "-", "--from", "tsv", stdin="expr\tnote\n1+1\tx\n1/0\ty\n", count=2, code=1)
        self.lines("batch", "-r", "x=1:3", "-r", "y=0:1:0.5", "-t", "x/y", count=9, code=1)

    def test_batch_of_objects(self):
        lines = ['{"x": 1, "more": {"deep": [1, null]}}', '{"x": "y"}', '{"x": null}', '{"y": 1}', "[1]",
                 "nonsense", '{"x": 1e999}', '{"x": 0.1, "k": "\\ud800"}', "{}"]
        self.lines("batch", "-", "--from", "jsonl", "-t", "x+1", stdin="\n".join(lines) + "\n",
                   count=len(lines), code=1)
        self.lines("batch", "-", "--from", "jsonl", "-t", "x+1", stdin=b'{"x": 1, "k": "\xff"}\n{"x\x01": 1}\n',
                   count=2, code=1)

    def test_batch_of_cells(self):
        path = cluster.write("s.sheet", "b = a + 1\na = 2\nc = b / 0\nd = c + 1\n")
        rows = self.lines("batch", "--from", "sheet", path, count=4, code=1)
        self.assertEqual([row["name"] for row in rows], ["b", "a", "c", "d"])
        self.lines("batch", "--from", "sheet", path, "--explain", count=4)

    def test_batch_reduced(self):
        path = cluster.write("r.csv", "a\n1\nnope\n3\n")
        for op in ["sum", "prod", "least", "mean", "argmax", "std"]:
            self.lines("batch", path, "-t", "a*1", "--reduce", op, code=1)
        self.lines("batch", path, "-t", "a*1 > 0", "--reduce", "any", code=1)
        self.lines("batch", "-", "--reduce", "least", stdin="", code=1)
        self.lines("batch", "-", "--reduce", "sum", stdin="")
        self.lines("batch", "-r", "x=0:1", "-t", "1/x", "--ieee", "--reduce", "sum")

    def test_batch_rehearsed(self):
        path = cluster.write("d.csv", "a,b\n1,2\n3,nope\n")
        self.lines("batch", path, "-t", "a+b", "--dry-run", code=1)
        self.lines("batch", "-r", "x=1:1e6", "-t", "x^2", "--dry-run")
        self.lines("batch", "-", "--dry-run", stdin="1+1\n2*x\n", code=1)
        self.lines("batch", path, "-t", "a+b", "--explain")

    def test_progress(self):
        client = cluster.start("batch", "-", "--progress", "json", "-q")
        self.addCleanup(end_client, client)
        client.stdin.write(b"1+1\n1/0\n")
        client.stdin.flush()
        value = self.fits("progress", client.stderr.readline())
        self.assertEqual(set(value) - {"workers", "why"},
                         {"v", "done", "waiting", "failed", "rate", "seconds"})
        client.stdin.write(b"sum(1/k, k, 1, 3e9)\n")
        client.stdin.flush()
        while "terms" not in value:
            line = client.stderr.readline()
            if not line.startswith(b"{"):
                continue  # where and why a row failed
            value = self.fits("progress", line)
        client.kill()


class Sending(Case):
    def test_batch_sent(self):
        sent, = self.lines("batch", "-d", "-r", "x=1:3", "-t", "x", "--name", "nightly \"ä\" run")
        self.assertEqual((sent["name"], sent["jobs"]), ("nightly \"ä\" run", 3))
        self.lines("batch", "-d", "-", stdin="1+1\n")

    def test_results(self):
        batch = self.send_and_end("-r", "x=0:2", "-t", "1/x", code=1)
        self.lines("results", batch, count=3, code=1)
        self.lines("results", batch, "--failed", code=1)
        self.lines("results", batch, "--jobs", "2-3", count=2)
        self.lines("results", batch, "--reduce", "sum", code=1)
        self.lines("results", "b999999", count=0, code=66)

    def test_attach(self):
        batch = self.send_and_end("-r", "x=0:2", "-t", "1/x", code=1)
        self.lines("attach", batch, "-v", count=3, code=1)
        self.lines("attach", self.send("-r", "x=0:2", "-t", "x", "--reduce", "sum"))

    def test_retry(self):
        batch = self.send_and_end("-r", "x=0:2", "-t", "1/x", code=1)
        again, = self.lines("retry", batch)
        self.assertEqual((again["of"], again["jobs"]), (batch, 1))

    def test_cancel(self):
        batch = self.send("-", stdin=LONG + "\n")
        self.lines("cancel", batch)
        self.lines("results", batch, code=75)
        self.lines("cancel", batch, count=0)

    def test_delete(self):
        batch = self.send_and_end("-r", "x=0:2", "-t", "x")
        self.lines("delete", batch)

    def test_set(self):
        batch = self.send("-", "--tag", "nobody", stdin="1\n")
        self.lines("set", batch, "--priority", "3", "--hold", "--deadline", "1h")
        self.lines("set", batch, "--release")
        self.lines("cancel", batch)


class Looking(Case):
    def hold_batches(self):
        """One of every kind that waits, fails, or has a client."""
        done = self.send_and_end("-r", "x=1:2", "-t", "x", "--keep", "1h")
        bad = self.send_and_end("-r", "x=0:1", "-t", "1/x", code=1)
        held = self.send("-r", "x=1:2", "-t", "x", "--name", "later", "--tag", "gpu")
        self.assertEqual(cluster.run("set", held, "--hold", "--deadline", "1h").code, 0)
        after = self.send("-r", "x=1:2", "-t", "x", "--after", held)
        late = self.send("-", "--deadline", "1s", stdin=LONG + "\n")
        self.assertEqual(cluster.run("results", late).code, 124)
        client = cluster.start("batch", "-")
        self.addCleanup(end_client, client)
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        return done, bad, held, after, late

    def release(self, batches):
        cluster.run("cancel", ",".join(batches))
        self.assertEqual(cluster.run("delete", ",".join(batches)).code, 0)

    def test_list_and_status_and_top(self):
        batches = self.hold_batches()
        listed = {value["batch"]: value for value in self.lines("list", count=None)}
        self.assertLessEqual(set(batches), set(listed))
        self.assertLessEqual({"done", "held", "deadline"}, {value["state"] for value in listed.values()})
        self.assertTrue(any("why" in value for value in listed.values()))
        self.assertTrue(any(value["jobs"] is None for value in listed.values()))
        for batch in batches:
            self.lines("status", batch)
        self.lines("status", ",".join(batches), "-v", count=len(batches))
        self.lines("top")
        self.lines("top", "--once")
        self.release(batches)

    def test_status(self):
        batch = self.send_and_end("-r", "x=1:3", "-t", "x", "--name", "counted")
        status, = self.lines("status", "counted")
        self.assertEqual((status["batch"], status["done"]), (batch, 3))
        self.lines("status", "nobody", count=0, code=66)

    def test_workers(self):
        self.lines("workers", count=2)
        busy = self.send("-", stdin=f"{LONG}\n{LONG}\n")
        wait_until(lambda: any(value.get("runs") for value in self.lines("workers", count=2)),
                   "a slot says what it runs")
        self.lines("cancel", busy)

    def test_workers_drained(self):
        with Cluster(workers=1, slots=1) as other:
            name, = {parse(line)["worker"] for line in other.run("workers", "-o", "json").raw.splitlines()}
            drained = other.run("workers", "--drain", name, "-o", "json")
            self.assertEqual(self.fits("workers", drained.raw), {"v": 1, "worker": name, "slots": 1})

    def test_ping(self):
        self.lines("ping")

    def test_top(self):
        self.lines("top")

    def test_list(self):
        with Cluster(workers=0) as empty:
            result = empty.run("list", "-o", "json")
            self.assertEqual((result.out, result.err, result.code), ("", "", 0))

    def test_bench(self):
        self.lines("bench", "--seconds", "1")

    def test_config(self):
        path = cluster.write("dcalc.conf", "[client]\ntimeout = 5s\n[team.client]\ndigits = 3\n")
        with_file = {"DCALC_CONFIG": path, "DCALC_WAIT": "3s", "DCALC_LET": "a=1"}
        count = len(run_client(["config", "-o", "json"]).lines)
        values = self.lines("config", "-q", count=count, environment=with_file)
        self.assertEqual({value["origin"] for value in values}, {"default", "env", "file", "flag"})
        sound, = self.lines("config", "--check", environment=with_file)
        self.assertEqual(sound["profiles"], ["team"])
        self.lines("config", "--check")


if __name__ == "__main__":
    unittest.main()
