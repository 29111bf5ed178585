"""The command line against a real cluster: sessions, formats, exit codes, messages."""

import csv
import glob
import io
import json
import math
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, Cluster, clean_environment, program, run_client, wait_until  # noqa: E402

# Longer than anybody waits, for a slot: it is not split, and only its end says that it is true.
ENDLESS = "all(k > 0, k, 1, 9e15)"

cluster = Cluster(workers=1, slots=2)
setUpModule, tearDownModule = cluster.__enter__, cluster.__exit__


def open_terminal():
    """A new terminal: the end that a person sees, and the one that a program has."""
    try:
        return os.openpty()
    except OSError:
        raise unittest.SkipTest("this system has no terminals to give")


class Case(unittest.TestCase):
    maxDiff = None

    def check(self, result, out, code=0, err=""):
        """All that came out, and nothing else."""
        self.assertEqual((result.out, result.err, result.code), (out, err, code))


class Arguments(Case):
    def test_each_argument_is_a_line_of_output(self):
        self.check(cluster.run("2+3*4", "sqrt(2)"), "14\n1.4142135623730951\n")

    def test_a_leading_minus_is_part_of_an_expression(self):
        self.check(cluster.run("-2+3"), "1\n")
        self.check(cluster.run("-(1+2)", "-.5"), "-3\n-0.5\n")

    def test_behind_eval_or_dashes_a_word_is_an_expression(self):
        self.check(cluster.run("eval", "pi"), f"{math.pi}\n")
        self.check(cluster.run("--", "2*pi"), f"{2 * math.pi}\n")

    def test_a_failed_argument_is_shown_with_a_mark(self):
        self.check(cluster.run("2+*3"), "", 1,
                   "dcalc: syntax error at column 3: expected a number, a name or '(' but found '*'\n"
                   "    2+*3\n"
                   "      ^\n")
        self.check(cluster.run("sqroot(2) + 1"), "", 1,
                   "dcalc: unknown function 'sqroot'; did you mean 'sqrt'?\n"
                   "    sqroot(2) + 1\n"
                   "    ^~~~~~\n")

    def test_each_of_several_is_a_line_even_if_it_failed(self):
        result = cluster.run("1+1", "1/0", "2+2")
        self.assertEqual((result.out, result.code), ("2\nerror: divide-by-zero\n4\n", 1))
        self.assertEqual(result.err, "dcalc: division by zero\n    1/0\n     ^\n")

    def test_columns_are_characters(self):
        result = cluster.run("'äöü' + * 2")
        self.assertIn("at column 9:", result.err)
        self.assertIn("\n            ^\n", result.err)

    def test_terminals_are_safe_from_what_is_quoted(self):
        result = cluster.run("\x1b[2J + 1")
        self.assertEqual(result.code, 1)
        self.assertNotIn("\x1b", result.err)

    def test_an_argument_may_have_line_breaks(self):
        self.check(cluster.run("1 +\n 2", "3"), "3\n3\n")

    def test_an_empty_argument_fails(self):
        result = cluster.run("", "1")
        self.assertEqual((result.out, result.code), ("error: empty\n1\n", 1))

    def test_variables_are_bound(self):
        self.check(cluster.run("total/365", "--let", "total=1e6", "-p", "6"), "2739.73\n")
        self.check(cluster.run("b*2", "--let", "a=3", "--let", "b=a^2"), "18\n")
        self.check(cluster.run("{unit price}*2", "--let", "{unit price}=4"), "8\n")

    def test_ieee_lets_values_be_infinite(self):
        self.check(cluster.run("1/0", "-1/0", "0/0", "--ieee"), "inf\n-inf\nnan\n")

    def test_digits(self):
        self.check(cluster.run("pi*1e7", "2/3", "1e21/3", "1e-9/3", "1000", "-p", "3"),
                   "31400000\n0.667\n333000000000000000000\n3.33e-10\n1000\n")

    def test_numbers_are_formatted_as_printf_does_it(self):
        self.check(cluster.run("2/3", "1e6", "'a'", "1<2", "--format", "%.3f"),
                   '0.667\n1000000.000\n"a"\ntrue\n')
        self.check(cluster.run("1/0", "2/3", "--ieee", "--format", "%8.1e", "-p", "3"),
                   "inf\n 6.7e-01\n")
        self.check(cluster.run("2/3", environment={"DCALC_FORMAT": "%.2f"}), "0.67\n")
        self.check(cluster.run("batch", "-q", "--from", "csv", "-t", "a/3", "--format", "%.2f",
                               stdin="a\n1\n2\n"), "a,result,error\n1,0.33,\n2,0.67,\n")
        self.check(cluster.run("batch", "-q", "--reduce", "mean", "--format", "%+.2f",
                               stdin="1\n2\n"), "+1.50\n")
        row = json.loads(cluster.run("2/3", "-o", "json", "--format", "%.2f").out)
        self.assertEqual(row["value"], 2 / 3)
        for text in ("%s", "%d", "%.2f%n", "x"):
            result = cluster.run("1", "--format", text)
            self.check(result, "", 64, f"dcalc: --format: '{text}' is not a format of one number, "
                                       "such as %.3f or %12.4e\n")

    def test_json(self):
        result = cluster.run("2+3*4", "1/0", "'a'+'b'", "1<2", "null", "-o", "json")
        self.assertEqual(result.code, 1)
        rows = [json.loads(line) for line in result.lines]
        batch = rows[0]["batch"]
        self.assertRegex(batch, r"^b\d+$")
        common = {"v": 1, "batch": batch}
        self.assertEqual(rows, [
            {**common, "row": 1, "value": 14, "expr": "2+3*4"},
            {**common, "row": 2, "expr": "1/0",
             "error": {"code": "divide-by-zero", "message": "division by zero", "column": 2,
                       "width": 1}},
            {**common, "row": 3, "value": "ab", "expr": "'a'+'b'"},
            {**common, "row": 4, "value": True, "expr": "1<2"},
            {**common, "row": 5, "value": None, "expr": "null"},
        ])

    def test_json_of_special_values(self):
        rows = [json.loads(line)
                for line in cluster.run("1/0", "0/0", "--ieee", "-o", "json").lines]
        self.assertEqual([(row["value"], row["special"]) for row in rows],
                         [(None, "inf"), (None, "nan")])

    def test_who_wants_to_sees_what_is_said_to_the_broker(self):
        result = cluster.run("1+1", "2+2", "-vv")
        self.assertEqual((result.out, result.code), ("2\n4\n", 0))
        said = [line for line in result.err.splitlines() if line[:2] in ("> ", "< ")]
        for pattern in ("> open handle=1 key=[0-9a-f]{4} .*", r"> chunk handle=1 jobs=\[0,2\) data=8",
                        "> close handle=1 jobs=2", "< opened handle=1 .*",
                        r"< piece handle=1 jobs=\[0,2\) .*worker_bytes=\d+ data=\d+", "< done handle=1 answered=2"):
            self.assertTrue(any(re.fullmatch(pattern, line) for line in said), (pattern, said))
        self.assertNotRegex(cluster.run("1+1", "-v").err, "(?m)^[<>] ")

    def test_csv(self):
        result = cluster.run("max(1,2)", "1/0", "'a, b'", "-o", "csv")
        self.assertEqual(result.out, 'expr,result,error\n"max(1,2)",2,\n1/0,,divide-by-zero\n'
                                     '"\'a, b\'","a, b",\n')

    def test_many_arguments(self):
        count = 10000
        result = cluster.run(*[f"{n}+1" for n in range(count)])
        self.assertEqual(result.lines, [str(n + 1) for n in range(count)])


class Usage(Case):
    def fails(self, *arguments, code=64, **options):
        result = run_client(arguments, **options)
        self.assertEqual((result.out, result.code), ("", code))
        return result.err

    def test_unknown_words_get_a_hint(self):
        self.assertIn("dcalc eval pi", self.fails("pi"))
        self.assertIn("did you mean 'cancel'?", self.fails("kill"))
        self.assertIn("did you mean 'status'?", self.fails("statsu"))
        self.assertIn("did you mean '--timeout'?", self.fails("--timeuot", "1s", "2"))
        self.assertIn("--template", self.fails("eval", "2", "-t", "x"))

    def test_later_options_are_unknown(self):
        self.assertIn("unknown option '--namespace'", self.fails("batch", "--namespace", "x"))
        self.assertIn("all of them: dcalc help options\n", self.fails("--namespace", "x"))

    def test_wrong_values_are_named(self):
        self.assertIn("--output: 'xml' is none of", self.fails("2", "-o", "xml"))
        self.assertIn("--wait: '5' is not a duration", self.fails("2", "--wait", "5"))
        self.assertIn("DCALC_WAIT: 'soon'",
                      self.fails("2", code=78, environment={"DCALC_WAIT": "soon"}))
        self.assertIn("'k' is bound twice", self.fails("k+1", "--let", "k=1", "--let", "k=2"))
        self.assertIn("is not of the form NAME=VALUE", self.fails("k+1", "--let", "k"))
        self.assertIn("expected", self.fails("k+1", "--let", "k=2*"))
        self.assertIn("is not an address", self.fails("2+2", "-b", "nonsense"))

    def test_help_fits_a_screen_and_needs_nothing(self):
        result = run_client(["-h"], environment={"DCALC_BROKER": "tcp://127.0.0.1:1"})
        self.assertEqual((result.err, result.code), ("", 0))
        self.assertLessEqual(len(result.lines), 24)
        self.assertLessEqual(max(map(len, result.lines)), 80)
        topics = run_client(["complete", "topics"]).lines
        self.assertLessEqual({"commands", "expressions", "functions", "examples", "exit-codes", "environment",
                              "options", "configuration"}, set(topics))
        for topic in ["batch", *topics]:
            page = run_client(["help", topic])
            self.assertEqual(page.code, 0, topic)
            self.assertLessEqual(max(map(len, page.lines)), 80, topic)
        self.assertIn("did you mean 'functions'?", self.fails("help", "funtcions"))
        commands = run_client(["help", "commands"]).out
        for command in ("eval       EXPR...   ", "batch      [FILE|-]  ", "list ", "help       [TOPIC]   "):
            self.assertIn(f"\n  {command}", commands)
        self.assertIn("\n  130  ", run_client(["help", "exit-codes"]).out)
        self.assertIn("--template", run_client(["batch", "--help"]).out)
        self.assertRegex(run_client(["--version"]).out, r"^dcalc \d+\.\d+\nfeatures:.* top\n$")

    def test_help_needs_no_configuration_that_is_right(self):
        wrong = {"DCALC_WAIT": "soon", "DCALC_DIGITS": "many"}
        for arguments in (["-h"], ["-V"], ["batch", "--help"], ["help"], ["help", "functions"]):
            result = run_client(arguments, environment=wrong)
            self.assertEqual((result.err, result.code), ("", 0), arguments)
            self.assertEqual(result.out, run_client(arguments).out)
        self.assertIn("DCALC_WAIT: 'soon'", self.fails("list", code=78, environment=wrong))
        self.assertIn("unknown option", self.fails("-h", "--nonsense", environment=wrong))

    def test_the_template_is_checked_before_anything_is_sent(self):
        nowhere = ["--broker", "ipc:///nowhere/at/all"]
        table = "qty,price\n1,2\n"
        err = self.fails("batch", "--from", "csv", "-t", "qty*prise", *nowhere, stdin=table)
        self.assertEqual(err, "dcalc: --template: unknown name 'prise'; did you mean 'price'?\n"
                              "    qty*prise\n        ^~~~~\n"
                              "       columns: qty, price\n")
        self.assertIn("expected", self.fails("batch", "-t", "x*", *nowhere, stdin="1\n"))
        self.assertIn("which expression?", self.fails("batch", "--from", "csv", stdin=table))
        self.assertIn("no column 'qyt'; did you mean 'qty'?",
                      self.fails("batch", "--from", "csv", "-t", "qty", "--types", "qyt:int",
                                 stdin=table))
        self.assertIn("is none of: number", self.fails("batch", "--from", "csv", "-t", "qty",
                                                       "--types", "qty:float", stdin=table))
        self.assertIn("needs a template", self.fails("batch", "-r", "x=1:2"))
        self.assertIn("has a step of 0", self.fails("batch", "-r", "x=1:2:0", "-t", "x"))
        self.assertIn("has no points", self.fails("batch", "-r", "x=2:1", "-t", "x"))

    def test_help_tells_of_a_function(self):
        for arguments in (["help", "sqrt"], ["help", "hypot"], ["help", "sum"]):
            result = run_client(arguments)
            self.assertEqual((result.err, result.code), ("", 0))
        self.assertEqual(run_client(["help", "sqrt"]).out,
                         "sqrt(x)\n    square root; domain: x from 0 on\n")
        self.assertIn("; within 1 ulp\n", run_client(["help", "hypot"]).out)
        self.assertIn("did you mean 'sqrt'?", self.fails("help", "sqr"))

    def test_files_that_cannot_be(self):
        self.assertIn("No such file", self.fails("batch", "/no/such/file", code=66))
        self.assertIn("Is a directory", self.fails("batch", "/", code=66))
        self.assertIn("cannot create", self.fails("2+2", "-O", "/no/such/folder/x", code=73))
        self.assertIn("there is no header",
                      self.fails("batch", "--from", "csv", "-t", "1", code=65, stdin=""))

    def test_an_address_without_a_port_is_none(self):
        for url in ("tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:http", "tcp://h:99999",
                    "tcp://127.0.0.1:1,tcp://h", "tcp://127.0.0.1:*", "tcp://"):
            for arguments in (["ping"], ["1+1"]):
                self.assertEqual(self.fails(*arguments, "-b", url),
                                 f"dcalc: --broker: '{url}' is not an address, such as "
                                 "tcp://127.0.0.1:5555 or ipc:///run/dcalc\n")

    def test_unknown_names_are_told_which_there_are(self):
        path = cluster.write("loans.dat", "a,b\n1,2\n")
        self.assertTrue(self.fails("batch", path, "-t", "a+b").endswith(
            f"       {path} is read as lines, and a line is x (if it is a table: --from csv)\n"))
        self.assertTrue(self.fails("batch", "-t", "a+b", stdin="1\n").endswith(
            "       stdin is read as lines, and a line is x (if it is a table: --from csv)\n"))
        self.assertTrue(self.fails("batch", "-r", "u=1:2", "-r", "v=1:2", "-t", "a+b").endswith(
            "       columns: u, v\n"))
        header = ",".join(f"c{n}" for n in range(1000))
        self.assertTrue(self.fails("batch", "--from", "csv", "-t", "a", stdin=header + "\n").endswith(
            "c18, c19, and 980 more\n"))
        self.assertTrue(self.fails("batch", "--from", "csv", "-t", "{unit prise}", "--let", "k=1",
                                   stdin="unit price\n1\n").endswith("       columns: {unit price}\n"))
        self.assertNotIn("columns", self.fails("batch", "--from", "csv", "-t", "a+", stdin="a\n1\n"))

    def test_what_was_meant_is_told(self):
        self.assertIn("for a formula on each row of a file: dcalc batch loans.csv --template EXPR\n",
                      self.fails("loans.csv", "-t", "amount"))
        self.assertIn("       it goes with batches: echo '2*x' | dcalc batch --detach\n",
                      self.fails("-d", "2*x"))
        self.assertIn("       it goes with batches: echo 1+1 | dcalc batch --name NAME\n",
                      self.fails("--name", "n", "1+1"))
        self.assertNotIn("goes with", self.fails("1+1", "2+2", "--detach"))
        for words in (("2", "+", "3"), ("2", "-", "3"), ("1", "<=", "2", "&&", "true")):
            self.assertEqual(self.fails(*words),
                             f"dcalc: an expression with blanks needs quotes: dcalc '{' '.join(words)}'\n")
        self.assertIn("say -l2 or --local=2\n", self.fails("1+1", "-l=2"))
        self.assertEqual(self.fails("-pi"), "dcalc: --digits: 'i' is not a whole number from 1 to 17\n"
                                            "       if '-pi' is an expression, put -- in front of it\n")
        self.assertNotIn("expression", self.fails("-p", "i"))
        self.assertIn("topics: commands, expressions, prompt, functions, examples, output, states, exit-codes, "
                      "environment, options, configuration; and each command and function\n", self.fails("help", "x"))
        for command in ("list", "workers", "status", "cancel", "set"):
            self.assertIn(f"'{command}' does not take the option '--local'\n"
                          "       a private cluster has nothing but what it computes\n",
                          self.fails(command, "--local", *(["1"] if command[0] in "sc" else [])))
        commands = re.findall(r"(?m)^  ([a-z]+) ", run_client(["help", "commands"]).out)
        self.assertGreaterEqual(set(commands), {"eval", "batch", "list", "status", "cancel", "set", "config",
                                                "workers", "ping", "completion", "help"})
        for command in commands:
            for line in run_client([command, "--help"]).lines:
                self.assertEqual(line, line.rstrip())
                self.assertLessEqual(len(line), 80)
        self.assertRegex(run_client(["help", "options"]).out, r"^Options of every command:\n")
        self.assertIn("of lines, x is the line", run_client(["help", "batch"]).out)

    def test_what_would_be_ignored_is_refused(self):
        self.assertEqual(self.fails("batch", "-t", "x", "--template", "2*x", stdin="1\n"),
                         "dcalc: --template: given twice\n")
        self.assertEqual(self.fails("batch", "--reduce", "sum", "--reduce=mean", stdin="1\n"),
                         "dcalc: --reduce: given twice\n")
        self.assertEqual(self.fails("1+1", "--local", "-b", "tcp://127.0.0.1:1"),
                         "dcalc: --local has a broker of its own: not --broker too\n")

    def test_a_file_that_is_taken_for_an_expression_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, code in [("loans.csv", 1), ("formulas", 64)]:
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write("1+1\n")
                result = cluster.run(name, cwd=folder)
                self.assertEqual((result.out, result.code), ("", code))
                self.assertTrue(result.err.endswith("\n       there is a file of that name; to compute "
                                                    f"its rows: dcalc batch {name}\n"), result.err)
            self.assertNotIn("file", cluster.run("other.csv", cwd=folder).err)

    def test_a_file_is_one_thing_only(self):
        path = cluster.write("only.txt", "1+1\n")
        link, new = cluster.path("only.link"), cluster.path("only.new")
        os.symlink(path, link)
        folder = os.path.dirname(path)
        roundabout = os.path.join(folder, "..", os.path.basename(folder), "only.new")
        nowhere = ["-b", "ipc:///nowhere/at/all"]
        for arguments in (["-O", path], ["-O", link], ["--errors", path]):
            self.assertIn("the input and --", self.fails("batch", path, *arguments, *nowhere))
        for arguments in (["-O", new, "--errors", new], ["-O", new, "--errors", roundabout],
                          ["-O", new, "--errors", new + ".part"]):
            self.assertIn("are the same file: ", self.fails("1+1", *arguments, *nowhere))
        with open(path, encoding="utf-8") as file:
            self.assertIn("the input and --output-file are", self.fails("-O", path, stdin=file))
        part = cluster.write("only.new.part", "1+1\n")
        self.assertIn("the input and the .part of", self.fails("batch", part, "-O", new, *nowhere))
        for option in ("-O", "--errors"):
            self.assertIn("'' is not the name of a file", self.fails("1+1", option, "", *nowhere))
        self.assertIn("'' is not the name of a file", self.fails("list", "-O", "", *nowhere))
        self.assertIn("a file of their own, not to stdout", self.fails("1+1", "--errors", "-", *nowhere))
        self.check(cluster.run("1+1", "-O", "/dev/null", "--errors", "/dev/null"), "")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "1+1\n")

    def test_no_broker(self):
        result = run_client(["2+2", "--wait", "0", "-b", f"ipc://{cluster.folder}/nobody"])
        self.assertEqual((result.out, result.code), ("", 69))
        self.assertIn("dcalc: no broker at ipc://", result.err)

    def hint(self, *arguments, **options):
        """What is said below the first line where there is no broker."""
        url = "tcp://127.0.0.1:1"
        result = run_client([*arguments, "--wait", "0"], environment={"DCALC_BROKER": url}, **options)
        self.assertEqual((result.out, result.code), ("", 69))
        first, _, rest = result.err.partition("\n")
        self.assertEqual(first, f"dcalc: no broker at {url} (connection refused)")
        return rest.strip().replace(os.path.join(BIN, ""), "")

    def test_hints_can_be_pasted(self):
        start = "start one:  dcalc-broker --frontend tcp://127.0.0.1:1 & dcalc-worker &"
        here = "      or compute right here:  dcalc-client --local "
        self.assertEqual(self.hint("2*3", "-q"), f"{start}{here}'2*3' -q")
        self.assertEqual(self.hint("batch", "-d", "-r", "x=1:3", "-t", "x"), start)
        self.assertEqual(self.hint("batch", "--tag", "gpu", "-r", "x=1:3", "-t", "x"), start)
        self.assertEqual(self.hint("batch", "--after", "b1", "-r", "x=1:3", "-t", "x"), start)
        self.assertEqual(self.hint("ping"), start)
        self.assertEqual(self.hint(stdin="1\n"), f"{start}      or compute right here, with --local")
        self.assertEqual(self.hint("2\t+2"), f"{start}      or compute right here, with --local")

    def test_a_hint_leaves_out_the_broker(self):
        url = f"ipc://{cluster.folder}/nobody"
        for option in (["-b", url], ["-b" + url], ["--broker", url], ["--broker=" + url]):
            result = run_client(["-p", "3", *option, "--let", "x=-b", "--let", "b=2", "--wait", "0",
                                 "--", "b"])
            self.assertEqual(result.code, 64)  # there is no b yet where x is bound
            result = run_client(["-p", "3", *option, "--let", "b=2", "--wait", "0", "--", "-b"])
            self.assertTrue(result.err.endswith(
                "dcalc-client --local -p 3 --let b=2 -- -b\n"), result.err)
        self.assertIn(f"dcalc-broker --frontend {url} & ", result.err)

    def test_empty_input_needs_no_broker(self):
        self.check(run_client(["-b", f"ipc://{cluster.folder}/nobody"], stdin=""), "")


class Lines(Case):
    def test_stdin_is_computed(self):
        self.check(cluster.run(stdin="6*7\n1+1\n"), "42\n2\n")

    def test_a_dash_is_stdin(self):
        self.check(cluster.run("-", stdin="6*7\n"), "42\n")
        self.check(cluster.run("-p", "3", "-", stdin="2/3\n"), "0.667\n")
        for arguments in (["-", "1+1"], ["1+1", "-"], ["eval", "-"]):
            self.check(cluster.run(*arguments, stdin="6*7\n"), "", 64,
                       "dcalc: '-' is no expression: for those on stdin, type it alone\n")

    def test_line_ends(self):
        self.check(cluster.run(stdin=b"\xef\xbb\xbf1+1\r\n2+2\r\n3+3"), "2\n4\n6\n")

    def test_batch_ends_with_a_summary(self):
        path = cluster.write("sums.txt", "".join(f"{n}+1\n" for n in range(100000)))
        result = cluster.run("batch", path)
        self.assertEqual(result.lines, [str(n + 1) for n in range(100000)])
        self.assertRegex(result.err, r"^dcalc: 100,000 jobs in [0-9.]+ s \([0-9.]+[kM]?/s\), all ok, "
                                     r"batch b\d+\n$")
        self.assertEqual(cluster.run("batch", path, "-q").err, "")

    def test_junk_fails_alone(self):
        junk = ["1 + * 2", "nosuch + 1", "nosuch(1)", "'a' * 2", "x" * 66560,
                "(" * 10000 + "1" + ")" * 10000, b"\xff\xfe\x00\x01".decode("latin1"), "", "1/0"]
        errors = ["syntax", "unknown-name", "unknown-function", "type", "too-long", "too-deep",
                  "encoding", "empty", "divide-by-zero"]
        text = b""
        expected = []
        for index, (line, error) in enumerate(zip(junk, errors)):
            text += b"%d+1\n" % index + line.encode("latin1") + b"\n"
            expected += [str(index + 1), f"error: {error}"]
        path = cluster.write("junk.txt", text)
        result = cluster.run("batch", path)
        self.assertEqual((result.lines, result.code), (expected, 1))
        for line, column in ((2, 5), (4, 1), (6, 1), (8, 1), (12, 1002), (14, 1), (18, 2)):
            self.assertIn(f"{path}:{line}:{column}: ", result.err)
        for line in (10, 16):
            self.assertIn(f"{path}:{line}: ", result.err)
        self.assertIn("18 jobs", result.err)
        self.assertIn("9 ok, 9 failed", result.err)

    def test_more_of_a_kind_are_folded(self):
        result = cluster.run("batch", stdin="1/0\n" * 1209)
        self.assertEqual(result.code, 1)
        self.assertEqual(result.lines, ["error: divide-by-zero"] * 1209)
        self.assertEqual(result.err.count("stdin:"), 5)
        self.assertIn("… and 1,204 more of the same kind, divide-by-zero (--errors FILE keeps them "
                      "all)\n", result.err)

    def test_long_lines_stream_by(self):
        long = b"9" * (3 << 20)
        result = cluster.run("batch", stdin=b"1+1\n" + long + b"\n2+2\n" + long)
        self.assertEqual(result.lines, ["2", "error: too-long", "4", "error: too-long"])
        self.assertEqual(result.code, 1)
        self.assertIn("stdin:2: ", result.err)
        self.assertIn("stdin:4: ", result.err)
        result = cluster.run("batch", "-", "--from", "csv", "-t", "a", "-o", "text",
                             stdin=b"a\n1\n" + long + b"\n2\n" + long)
        self.assertEqual(result.lines, ["1", "error: too-long", "2", "error: too-long"])

    def test_a_template_takes_the_line_as_x(self):
        self.check(cluster.run("-t", "x^2", stdin="3\n4\n"), "9\n16\n")
        result = cluster.run("batch", "-t", "x^2", "-o", "csv", stdin="3\nabc\n4\n")
        self.assertEqual(result.out, "x,result,error\n3,9,\nabc,,not-a-number\n4,16,\n")
        self.assertIn("stdin:2: column 'x': 'abc' is not a number\n", result.err)

    def test_unordered_rows_say_which_they_are(self):
        count = 50000
        result = cluster.run("batch", "-u", stdin="".join(f"{n}*2\n" for n in range(count)))
        rows = sorted((int(row), int(value)) for row, value in
                      (line.split("\t") for line in result.lines))
        self.assertEqual(rows, [(n + 1, 2 * n) for n in range(count)])

    def test_order_holds_where_jobs_differ_in_length(self):
        lines = []
        for n in range(3000):
            lines.append(f"{n}" if n % 100 else f"{n} + 0*(" + "+".join(["sin(1)"] * 3000) + ")")
        result = cluster.run("batch", stdin="\n".join(lines))
        self.assertEqual(result.lines, [str(n) for n in range(3000)])

    def test_a_typed_line_is_answered_at_once(self):
        client = cluster.start()
        for n in range(3):
            client.stdin.write(f"{n}+1\n".encode())
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), f"{n + 1}\n".encode())
        client.stdin.close()
        self.assertEqual(client.wait(), 0)
        client.stdout.close()
        client.stderr.close()

    def test_errors_can_be_sent_again(self):
        path = cluster.path("failed.jsonl")
        result = cluster.run("batch", "--errors", path, stdin="1+1\n1/0\n2+\n")
        self.assertEqual(result.code, 1)
        self.assertNotIn("--errors", result.err)
        with open(path, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        self.assertEqual([(row["expr"], row["row"], row["error"]["code"]) for row in rows],
                         [("1/0", 2, "divide-by-zero"), ("2+", 3, "syntax")])
        again = cluster.run("batch", path, "--ieee", "-o", "text", "-q")
        self.assertEqual(again.lines, ["inf", "error: syntax"])


LOANS = "id,amount,rate,years\n1,250000,0.031,25\n2,180000,0.029,30\n"


class Tables(Case):
    def test_the_name_of_a_file_says_its_form(self):
        path = cluster.write("named.csv", "a\n1\n")
        for name, arguments, first in (("out.json", [], '{"v":1,'), ("out.TSV", [], "a\tresult\t"),
                                       ("out.csv", [], "a,result,"), ("out.dat", [], "a,result,"),
                                       ("out.json", ["-o", "text"], "1\n")):
            target = cluster.path(name)
            self.check(cluster.run("batch", path, "-t", "a", "-q", "-O", target, *arguments), "")
            with open(target, encoding="utf-8") as file:
                self.assertEqual(file.read()[:len(first)], first, name)

    def test_a_table_of_json_rows_has_what_the_first_row_has(self):
        rows = '{"x":1,"y":"a,b","z\\u0031":[1]}\n{"y":2,"w":7,"x":3}\n{"x":5,"k":1}\n'
        result = cluster.run("batch", "--from", "jsonl", "-t", "{x} + (k ?? 0)", "-o", "csv", "-q",
                             stdin=rows)
        self.check(result, 'x,y,z1,k,result,error\n1,"a,b",[1],,1,\n3,2,,,3,\n5,,,1,6,\n')
        self.check(cluster.run("batch", "--from", "jsonl", "-t", "k", "-o", "tsv", "-q", stdin=""),
                   "k\tresult\terror\n")

    def test_a_dash_is_stdout(self):
        folder = cluster.path("dash")
        os.mkdir(folder)
        self.check(cluster.run("1+1", "-O", "-", cwd=folder), "2\n")
        self.assertEqual(os.listdir(folder), [])

    def test_nothing_is_left_where_the_other_file_cannot_be(self):
        target = cluster.path("lonely.csv")
        result = cluster.run("1+1", "-O", target, "--errors", "/nonexistent/f")
        self.assertEqual((result.out, result.code), ("", 73))
        self.assertFalse(os.path.exists(target + ".part"))

    def test_a_table_comes_back_with_two_more_columns(self):
        path = cluster.write("loans.csv", LOANS)
        target = cluster.path("paid.csv")
        result = cluster.run("batch", path, "-t", "amount*(rate/12)/(1-(1+rate/12)^(-12*years))",
                             "-p", "6", "-O", target)
        self.assertEqual((result.out, result.code), ("", 0))
        self.assertIn("2 jobs in", result.err)
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "id,amount,rate,years,result,error\n"
                                          "1,250000,0.031,25,1198.57,\n2,180000,0.029,30,749.214,\n")
        self.assertFalse(os.path.exists(target + ".part"))

    def test_bad_cells_are_named(self):
        path = cluster.write("prices.csv", "qty,price\n1,2\n3,n/a\n4,\n5,6\n")
        result = cluster.run("batch", path, "-t", "qty*price")
        self.assertEqual(result.out, "qty,price,result,error\n1,2,2,\n3,n/a,,not-a-number\n"
                                     "4,,,null\n5,6,30,\n")
        self.assertEqual(result.code, 1)
        self.assertEqual(result.err, f"{path}:3: column 'price': 'n/a' is not a number\n"
                                     f"{path}:4: column 'price': empty\n"
                                     "dcalc: 2 of 4 jobs computed, 2 failed (rows marked in the 'error' "
                                     "column; --errors FILE keeps them apart)\n")

    def test_records_with_quotes(self):
        table = 'name,"unit price",qty\r\n"a, b",1.5,2\r\n"c ""d""\r\ne",2,3\r\nf,4,5\r\n'
        result = cluster.run("batch", "--from", "csv", "-t", "{unit price}*qty", "-q", stdin=table)
        self.assertEqual(result.raw.decode(),
                         'name,unit price,qty,result,error\n"a, b",1.5,2,3,\n'
                         '"c ""d""\r\ne",2,3,6,\nf,4,5,20,\n')
        result = cluster.run("batch", "--from", "csv", "-t", "name + '!'", "-o", "text", "-q",
                             stdin=table.replace("\r", ""))
        self.assertEqual([json.loads(line) for line in result.lines], ["a, b!", 'c "d"\ne!', "f!"])

    def test_a_table_that_was_computed_can_be_computed_again(self):
        table = "a\n1\n\"x\"\n"
        once = cluster.run("batch", "--from", "csv", "-t", "a*2", stdin=table).out
        again = cluster.run("batch", "--from", "csv", "-t", "result+1", stdin=once)
        self.assertEqual(again.out, "a,result,error,result2,error2\n1,2,,3,\nx,,not-a-number,,null\n")
        self.assertIn("rows marked in the 'error2' column", again.err)

    def test_what_is_written_is_read_back_the_same(self):
        cells = ["a,b", 'q"q', "n\nl", "c\r\nl", " blank ", "", "tab\t", "'", "ä", '"', '""', ",", "\n", "#"]
        for end in ("\n", "\r\n"):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator=end).writerows([["v"], *([cell] for cell in cells)])
            options = ["batch", "--from", "csv", "-t", "v", "--types", "v:string?", "-q"]
            once = cluster.run(*options, stdin=text.getvalue())
            again = cluster.run(*options, stdin=once.raw)
            rows = list(csv.reader(io.StringIO(again.raw.decode(), newline="")))
            self.assertEqual(rows[1:], [[cell, cell, "", cell, ""] for cell in cells])

    def test_lines_of_a_file_are_counted_through_quotes(self):
        table = 'a,b\n"x\ny",1\nz,oops\n'
        result = cluster.run("batch", "--from", "csv", "-t", "b+1", stdin=table)
        self.assertIn("stdin:4: column 'b': 'oops' is not a number", result.err)

    def test_a_record_with_too_few_or_too_many_fields_fails_alone(self):
        result = cluster.run("batch", "--from", "csv", "-t", "a+b", "-q",
                             stdin="a,b\n1,2\n3\n4,5,6\n7,8\n")
        self.assertEqual(result.out, "a,b,result,error\n1,2,3,\n3,,,fields\n4,5,,fields\n"
                                     "7,8,15,\n")
        self.assertEqual(result.code, 1)

    def test_a_quote_that_is_never_closed_ends_it(self):
        result = cluster.run("batch", "--from", "csv", "-t", "a", stdin='a\n1\n2\n"3\n4\n')
        self.assertEqual(result.code, 65)
        self.assertIn("stdin:4: a quote that opens here is never closed", result.err)

    def test_rows_before_a_quote_that_is_never_closed_are_computed(self):
        rows = "".join(f"{n}\n" for n in range(20000))
        path = cluster.write("unclosed.csv", f'a\n{rows}"3\n4\n')
        result = cluster.run("batch", path, "-t", "a")
        self.assertEqual((len(result.lines), result.lines[-1], result.code),
                         (20001, "19999,19999,", 65))
        self.assertIn(":20002: a quote that opens here is never closed\n", result.err)
        self.assertIn("dcalc: stopped with 20,000 ", result.err)
        reduced = cluster.run("batch", path, "-t", "a", "--reduce", "sum")
        self.assertEqual((reduced.out, reduced.code), ("", 65))

    def test_what_a_table_is_not_is_told(self):
        for name, content, code, words in (
                ("cr.csv", b"a,b\r1,2\r3,4\r", 65, r"tr '\r' '\n' < FILE"),
                ("quoted.csv", b'"a\rb",a\r\n1,2\r\n', 0, ""),
                ("excel.csv", b"x;a\n1;2\n", 64, "parted by ';'"),
                ("tabs.csv", b"x\ta\n1\t2\n", 64, "--from tsv"),
                ("latin.csv", b"gr\xf6\xdfe,x\n1,2\n", 64, "iconv -f latin1"),
                ("wide.csv", "a,b\n1,2\n".encode("utf-16"), 65, "it is UTF-16"),
                ("small.csv", b"\x1f\x8b\x08\0", 65, "zcat FILE | dcalc batch --from FORMAT -"),
                ("small.txt", b"\x1f\x8b\x08\0", 65, "zcat FILE | dcalc batch --from FORMAT -"),
                ("book.csv", b"PK\3\4", 65, "save it as CSV"),
                ("array.jsonl", b'\n [{"a":1}]\n', 65, "jq -c '.[]' FILE"),
                ("array.json", b'[{"a":1}]\n', 64, "--from jsonl; of an array jq -c '.[]'")):
            path = cluster.path(name)
            with open(path, "wb") as file:
                file.write(content)
            result = cluster.run("batch", path, "-t", "a")
            self.assertEqual(result.code, code, result.err)
            self.assertIn(words, result.err, name)
        for content in (b"\x1f\x8b\x08\0", "1+1\n".encode("utf-16")):
            for arguments in (["batch"], ["batch", "-t", "x"], ["batch", "-d"], ["batch", "--dry-run"], [],
                              ["batch", "--from", "jsonl", "-t", "x"], ["batch", "--from", "csv", "-t", "x"]):
                result = cluster.run(*arguments, stdin=content)
                self.assertEqual((result.out, result.code), ("", 65), (arguments, result.err))
                self.assertIn("zcat FILE" if content[0] == 0x1f else "it is UTF-16", result.err, arguments)
        alone = cluster.run("batch", cluster.path("excel.csv"))
        self.assertEqual(alone.code, 64)
        self.assertIn("parted by ';'", alone.err)

    def test_without_a_template_a_column_has_the_expression(self):
        result = cluster.run("batch", "--from", "csv", "-q", stdin="id,expr\n1,2+3\n2,1/0\n")
        self.assertEqual(result.out, "id,expr,result,error\n1,2+3,5,\n2,1/0,,divide-by-zero\n")

    def test_types(self):
        table = "flag,code,n\ntrue,007,1\nfalse,x,\n"
        result = cluster.run("batch", "--from", "csv", "-q", "-o", "text", "-t",
                             "flag ? (code == '007' ? 7 : 0) : n ?? -1", stdin=table)
        self.assertEqual(result.lines, ["7", "-1"])
        result = cluster.run("batch", "--from", "csv", "-q", "-o", "text", "-t", "n", "--types", "n:int",
                             stdin="n\n1\n1.5\n")
        self.assertEqual(result.lines, ["1", "error: not-an-integer"])
        result = cluster.run("batch", "--from", "csv", "-q", "-o", "text", "-t", "isnull(n)", "--types",
                             "n:number?", stdin="n,m\n1,1\n,2\n")
        self.assertEqual(result.lines, ["false", "true"])

    def test_tsv(self):
        table = "a\tb\n1\t2\n\"3\t4\n"
        result = cluster.run("batch", "--from", "tsv", "-t", "b*2", "-q", stdin=table)
        self.assertEqual(result.out, "a\tb\tresult\terror\n1\t2\t4\t\n\"3\t4\t8\t\n")
        result = cluster.run("batch", "--from", "tsv", "-t", "b*2", "-q", "-o", "csv", stdin=table)
        self.assertEqual(result.out, 'a,b,result,error\n1,2,4,\n"""3",4,8,\n')
        result = cluster.run("batch", "--from", "csv", "-t", "b*2", "-q", "-o", "tsv",
                             stdin='a,b\n"x\ty",2\n')
        self.assertEqual(result.out, "a\tb\tresult\terror\nx y\t2\t4\t\n")

    def test_json_of_a_table(self):
        result = cluster.run("batch", "--from", "csv", "-t", "amount*rate", "-o", "json", "-q",
                             stdin=LOANS + "3,x,1,1\n")
        rows = [json.loads(line) for line in result.lines]
        self.assertEqual(rows[0]["value"], 7750)
        self.assertEqual(rows[0]["inputs"],
                         {"id": "1", "amount": 250000, "rate": 0.031, "years": "25"})
        self.assertEqual(rows[2]["error"]["code"], "not-a-number")
        self.assertEqual(rows[2]["inputs"]["amount"], "x")

    def test_failed_rows_of_a_table_can_be_sent_again(self):
        path = cluster.path("again.jsonl")
        cluster.run("batch", "--from", "csv", "-t", "a/b", "--errors", path, stdin="a,b\n1,0\n4,2\n")
        with open(path, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["b"] for line in file], [0])
        again = cluster.run("batch", path, "-t", "a/b", "--ieee", "-o", "text", "-q")
        self.assertEqual(again.lines, ["inf"])

    def test_failed_rows_keep_columns_whatever_these_are_called(self):
        template = "row/a + (error == 'x' ? 1 : 2)"
        paths = [cluster.path(name) for name in ("first.jsonl", "second.jsonl")]
        cluster.run("batch", "--from", "csv", "-t", template, "--errors", paths[0],
                    stdin="row,error,a\n5,x,0\n7,y,2\n")
        cluster.run("batch", paths[0], "-t", template, "--errors", paths[1])
        for path in paths:
            with open(path, encoding="utf-8") as file:
                told = json.loads(file.read())
            self.assertEqual(told.pop("error2")["code"], "divide-by-zero")
            self.assertEqual(told, {"row": 5, "error": "x", "a": 0, "row2": 1})
        again = cluster.run("batch", paths[1], "-t", template, "--ieee", "-o", "text", "-q")
        self.assertEqual(again.lines, ["inf"])

    def test_failed_rows_keep_members_that_the_formula_does_not_use(self):
        paths = [cluster.path(name) for name in ("one.jsonl", "two.jsonl", "three.jsonl")]
        cluster.run("batch", "--from", "csv", "-t", "a/0", "--errors", paths[0],
                    stdin="row,error,a\n5,x,1\n")
        for before, after in zip(paths, paths[1:]):
            again = cluster.run("batch", before, "-t", "a/0", "--errors", after, "-o", "json")
            self.assertEqual(json.loads(again.out)["inputs"], {"row": "5", "error": "x", "a": 1})
        for path in paths:
            with open(path, encoding="utf-8") as file:
                told = json.loads(file.read())
            self.assertEqual(told.pop("error2")["code"], "divide-by-zero")
            self.assertEqual(told, {"row": "5", "error": "x", "a": 1, "row2": 1})

    def test_a_bad_cell_has_one_code_in_every_format(self):
        for format, rows in [("csv", "a\nx\n"), ("tsv", "a\nx\n"), ("jsonl", '{"a":"x"}\n'),
                             ("lines", "x\n")]:
            template = "x*1" if format == "lines" else "a*1"
            result = cluster.run("batch", "--from", format, "-t", template, "-o", "json", stdin=rows)
            self.assertEqual(json.loads(result.out)["error"]["code"], "not-a-number", format)

    def test_a_record_that_has_not_the_right_fields_is_for_a_person_to_mend(self):
        path = cluster.path("fields.jsonl")
        cluster.run("batch", "--from", "csv", "-t", "a/b", "--errors", path, stdin="a,b\n1,2,3\n4\n")
        with open(path, encoding="utf-8") as file:
            failed = file.read()
        self.assertEqual([json.loads(line)["line"] for line in failed.splitlines()], ["1,2,3", "4"])
        again = cluster.run("batch", path, "-t", "a/b", "-o", "text", "-q")
        self.assertEqual(again.lines, ["error: null"] * 2)
        cluster.write("fields.jsonl", failed.replace('"a":null,"b":null', '"a":3,"b":4'))
        again = cluster.run("batch", path, "-t", "a/b", "-o", "text", "-q")
        self.assertEqual(again.lines, ["0.75"] * 2)

    def test_many_rows(self):
        count = 200000
        rows = [f"{n},{n % 7}" for n in range(count)]
        result = cluster.run("batch", "--from", "csv", "-t", "a+b", "-q",
                             stdin="a,b\n" + "\n".join(rows))
        self.assertEqual(result.lines, ["a,b,result,error"] +
                         [f"{row},{n + n % 7}," for n, row in enumerate(rows)])


class Objects(Case):
    def test_members_are_variables(self):
        rows = '{"x":3,"y":4}\n{"y":12,"x":5,"note":"a\\nb"}\n{"x":1}\nnot json\n{"x":"a","y":1}\n'
        result = cluster.run("batch", "--from", "jsonl", "-t", "hypot(x,y)", "-q", stdin=rows)
        answers = [json.loads(line) for line in result.lines]
        self.assertEqual([answer.get("value") for answer in answers[:2]], [5, 13])
        self.assertEqual(answers[1]["inputs"], {"y": 12, "x": 5, "note": "a\nb"})
        self.assertEqual(result.code, 1)
        self.assertTrue(all("error" in answer for answer in answers[2:]), answers)
        self.assertEqual(len(answers), 5)

    def test_text_and_csv(self):
        rows = '{"x":3,"y":4}\n{"y":12,"x":5}\n'
        result = cluster.run("batch", "--from", "jsonl", "-t", "x+y", "-q", "-o", "text", stdin=rows)
        self.assertEqual(result.lines, ["7", "17"])
        result = cluster.run("batch", "--from", "jsonl", "-t", "x+y", "-q", "-o", "csv", stdin=rows)
        self.assertEqual(result.out, "x,y,result,error\n3,4,7,\n5,12,17,\n")

    def test_a_fault_has_its_place_in_the_expression(self):
        rows = '{"id":1,"expr":"1+*2"}\n{"expr":"2/0","id":2}\n{"expr":3}\n'
        result = cluster.run("batch", "--from", "jsonl", stdin=rows)
        errors = [json.loads(line)["error"] for line in result.lines]
        self.assertEqual([(error["column"], error["width"]) for error in errors],
                         [(3, 1), (2, 1), (9, 0)])
        self.assertIn("stdin:1: expected a number, a name or '(' but found '*' at column 3 of the "
                      "expression\n", result.err)
        self.assertIn("stdin:2: division by zero at column 2 of the expression\n", result.err)
        self.assertIn("stdin:3:9: the line is not a JSON object", result.err)
        # A template parses, so what does not is the line.
        rows = '{"x":1,"y":01}\n[1]\n{"x":0}\n'
        result = cluster.run("batch", "--from", "jsonl", "-t", "1/x", stdin=rows)
        errors = [json.loads(line)["error"] for line in result.lines]
        self.assertEqual([(error["column"], error["width"]) for error in errors],
                         [(12, 0), (1, 0), (2, 1)])
        self.assertIn("stdin:1:12: the line is not a JSON object: ", result.err)
        self.assertIn("stdin:2:1: the line is not a JSON object: ", result.err)
        self.assertIn("stdin:3: division by zero at column 2 of the template\n", result.err)
        result = cluster.run("batch", "--from", "csv", "-o", "json", stdin='id,expr\n1,"2+*3"\n')
        self.assertEqual(json.loads(result.out)["error"]["column"], 3)

    def test_odd_names(self):
        result = cluster.run("batch", "--from", "jsonl", "-t", "{unit price}*2", "-q", "-o", "text",
                             stdin='{"unit price":4}\n')
        self.assertEqual(result.lines, ["8"])


class Ranges(Case):
    def test_both_ends_count(self):
        self.check(cluster.run("-r", "x=1:5", "-t", "x^2"), "1\n4\n9\n16\n25\n")
        self.check(cluster.run("-r", "x=0:1:0.25", "-t", "x"), "0\n0.25\n0.5\n0.75\n1\n")
        self.check(cluster.run("-r", "x=3:1:-1", "-t", "x"), "3\n2\n1\n")

    def test_the_last_range_runs_fastest(self):
        result = cluster.run("batch", "-r", "x=0:1", "-r", "y=1:3", "-t", "10*x+y", "-o", "csv", "-q")
        self.assertEqual(result.out, "x,y,result,error\n0,1,1,\n0,2,2,\n0,3,3,\n1,1,11,\n1,2,12,\n"
                                     "1,3,13,\n")

    def test_bounds_are_expressions(self):
        result = cluster.run("-r", "x=0:pi:pi/2", "-t", "round(sin(x), 9)")
        self.check(result, "0\n1\n0\n")

    def test_many_points(self):
        result = cluster.run("batch", "-r", "x=0:1:1e-3", "-r", "y=0:1:1e-2", "-t", "x+y", "-q")
        self.assertEqual(len(result.lines), 1001 * 101)
        self.assertAlmostEqual(sum(map(float, result.lines)), 1001 * 101, places=4)

    def test_json(self):
        result = cluster.run("-r", "x=1:2", "-t", "1/(x-1)", "-o", "json")
        rows = [json.loads(line) for line in result.lines]
        self.assertEqual(rows[0]["inputs"], {"x": 1})
        self.assertEqual(rows[0]["error"]["code"], "divide-by-zero")
        self.assertEqual(rows[1]["value"], 1)
        self.assertIn("row 1: division by zero at column 2 of the template", result.err)


class Output(Case):
    def test_a_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            result = cluster.run(stdin="1+1\n" * 100000, stdout=full)
        self.assertEqual(result.code, 74)
        self.assertIn("dcalc: cannot write results: No space left on device", result.err)

    def test_a_full_disk_leaves_what_was_written_and_says_where(self):
        target = cluster.path("full.txt")
        path = cluster.write("many.txt", "1+1\n" * 100000)
        limit = (20000, resource.RLIM_INFINITY)
        result = cluster.run("batch", path, "-O", target, restore_signals=False,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        self.assertEqual((result.out, result.code), ("", 74))
        # Which of the two files meets the limit first is up to the machine.
        journal = (f"dcalc: cannot write {target}.journal: File too large\n"
                   "       what comes from now on is not kept for --resume\n")
        self.assertEqual(result.err.removeprefix(journal),
                         f"dcalc: cannot write {target}: File too large\n"
                         f"       what was written is in {target}.part; make room and "
                         "run this again, which begins it anew\n")
        self.assertTrue(os.path.exists(target + ".part"))

    def test_a_disk_without_room_for_a_byte_keeps_nothing_of_a_run(self):
        target = cluster.path("none.txt")
        limit = (0, resource.RLIM_INFINITY)
        result = cluster.run("batch", "-r", "n=1:3", "-t", "n", "-O", target, restore_signals=False,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        self.assertEqual((result.out, result.code), ("", 73), result.err)
        self.assertEqual(result.err, f"dcalc: cannot create {target}.journal: File too large\n")
        self.assertEqual([name for name in os.listdir(os.path.dirname(target))
                          if name.startswith("none.txt")], [])

    def batches(self):
        return {json.loads(line)["batch"] for line in cluster.run("list", "-o", "json").lines}

    def test_a_reader_that_goes_ends_the_batch_everywhere(self):
        path = cluster.write("endless.txt", "1+1\n" * 1000000)
        before = self.batches()
        for _ in range(10):
            client = cluster.start("batch", path, stdin=subprocess.DEVNULL)
            self.assertEqual(client.stdout.readline(), b"2\n")
            client.stdout.close()
            self.assertEqual((client.wait(timeout=30), client.stderr.read()), (141, b""))
            client.stderr.close()
            self.assertLessEqual(self.batches(), before)

    def test_a_reader_that_goes_is_missed_while_nothing_is_written(self):
        before = self.batches()
        client = cluster.start("batch", "-")
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        client.stdout.close()
        self.assertEqual((client.wait(timeout=30), client.stderr.read()), (141, b""))
        client.stderr.close()
        client.stdin.close()
        self.assertLessEqual(self.batches(), before)

    def test_a_reader_that_goes_after_the_last_row_has_missed_nothing(self):
        for _ in range(10):
            client = cluster.start("batch", "-q", "-")
            client.stdin.write(b"1+1\n")
            client.stdin.close()
            self.assertEqual(client.stdout.readline(), b"2\n")
            client.stdout.close()
            self.assertEqual((client.wait(timeout=30), client.stderr.read()), (0, b""))
            client.stderr.close()

    def test_a_reader_that_has_gone_is_not_a_fault_to_tell(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        try:
            result = cluster.run(stdin="1+1\n" * 100000, stdout=write_end)
        finally:
            os.close(write_end)
        self.assertEqual((result.code, result.err), (141, ""))

    def test_an_interrupted_batch_is_over_everywhere(self):
        before = self.batches()
        client = cluster.start("batch", "-q", "-")
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        client.send_signal(signal.SIGINT)
        self.assertEqual((client.communicate(timeout=30), client.returncode), ((b"", b""), 130))
        self.assertLessEqual(self.batches(), before)

    def test_closed_standard_files_are_not_taken_for_others(self):
        command = f"{program('dcalc-client')} --broker {cluster.frontend}"
        done = subprocess.run(["sh", "-c", f"echo 1+1 | {command} >&-"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 74)
        self.assertIn(b"cannot write results: Bad file descriptor", done.stderr)
        done = subprocess.run(["sh", "-c", f"{command} 1+1 <&- 2>&-"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, b"2\n"))

    def test_a_slow_reader_gets_everything(self):
        client = cluster.start()
        count = 300000
        feeder = subprocess.Popen([sys.executable, "-c",
                                   f"for n in range({count}): print(n, '+ 1')"], stdout=client.stdin)
        client.stdin.close()
        lines = []
        while True:
            data = client.stdout.read(1 << 20)
            if not data:
                break
            lines.append(data)
        self.assertEqual(b"".join(lines).split(), [b"%d" % (n + 1) for n in range(count)])
        self.assertEqual((client.wait(), feeder.wait()), (0, 0))
        client.stdout.close()
        client.stderr.close()

    def test_an_interrupted_client_says_how_far_it_came(self):
        client = cluster.start("batch", "-")
        client.stdin.write(b"1+1\n2+2\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline() + client.stdout.readline(), b"2\n4\n")
        client.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(timeout=30), 130)
        self.assertIn(b"dcalc: stopped with 2 rows printed", client.stderr.read())
        for stream in (client.stdin, client.stdout, client.stderr):
            stream.close()

    def test_it_says_so_whenever_a_second_signal_comes(self):
        for _ in range(20):
            client = cluster.start("batch", "-")
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), b"2\n")
            client.send_signal(signal.SIGINT)
            client.send_signal(signal.SIGINT)
            self.assertIn(client.wait(timeout=30), (130, -signal.SIGINT))  # which a shell shows as 130
            self.assertIn(b"dcalc: stopped with 1 row printed", client.stderr.read())
            for stream in (client.stdin, client.stdout, client.stderr):
                stream.close()

    def test_a_batch_that_another_cancels_says_how_far_it_came(self):
        before = self.batches()
        client = cluster.start("batch", "-")
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        batch, = self.batches() - before
        self.assertEqual(cluster.run("cancel", batch).code, 0)
        self.assertEqual(client.wait(timeout=60), 75)  # its input has no end yet
        _, err = client.communicate()
        self.assertRegex(err.decode(), r"^dcalc: [^\n]*cancelled[^\n]*\n"
                                       r"dcalc: 1 of 1 job computed, batch b\d+; there was more input\n$")

    def test_it_stops_when_more_jobs_have_failed_than_may(self):
        """The rest of the rows is there, and says so; they may come later."""
        path = os.path.join(cluster.folder, "stopped.out")
        errors = os.path.join(cluster.folder, "stopped.jsonl")
        source = cluster.write("stopped.txt", "1+1\n" + "1/0\n" * 3 + f"{ENDLESS}\n" * 5)
        result = cluster.run("batch", source, "--max-errors", "2", "-O", path, "--errors", errors)
        self.assertEqual((result.out, result.code), ("", 1), result.err)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read().splitlines(), ["2"] + ["error: divide-by-zero"] * 3 +
                             ["error: cancelled"] * 5)
        with open(errors, encoding="ascii") as file:
            self.assertEqual([json.loads(line)["error"]["code"] for line in file],
                             ["divide-by-zero"] * 3 + ["cancelled"] * 5)
        self.assertIn("dcalc: stopped, since more than 2 jobs have failed (--max-errors)\n",
                      result.err)
        told = re.search(r"dcalc: 1 of 9 jobs computed, 3 failed, 5 cancelled, batch (b\d+)\n",
                         result.err)
        self.assertIn(" --max-errors 2 ", result.err)
        self.assertIn(" --resume\n", result.err)
        wait_until(lambda: cluster.run("status", told[1]).code == 66, "it is over everywhere")

    def test_as_many_jobs_may_fail_as_are_said_to(self):
        failing = "1/0\n1+1\n1/0\n"
        result = cluster.run("batch", "--max-errors", "2", stdin=failing)
        self.assertEqual((result.lines[1], result.code), ("2", 1))
        self.assertNotIn("stopped", result.err)
        first = cluster.run("batch", "--max-errors", "0", stdin=f"1+1\n1/0\n{ENDLESS}\n")
        self.assertEqual((first.lines, first.code),
                         (["2", "error: divide-by-zero", "error: cancelled"], 1))
        self.assertIn("dcalc: stopped, since a job has failed (--max-errors)\n", first.err)
        self.check(cluster.run("batch", "--max-errors", "0", "-q", stdin="1\n2\n"), "1\n2\n")

    def test_of_rows_that_were_not_all_computed_there_is_no_value(self):
        result = cluster.run("batch", "--reduce", "sum", "--max-errors", "0",
                             stdin=f"1/0\n{ENDLESS}\n")
        self.assertEqual((result.out, result.code), ("error: cancelled\n", 1))
        self.assertRegex(result.err, r"no value, batch b\d+\n$")

    def test_what_is_not_complete_does_not_get_its_name(self):
        target = cluster.path("partial.txt")
        client = cluster.start("batch", "-", "-O", target)
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        wait_until(lambda: os.path.exists(target + ".part") and os.path.getsize(target + ".part"),
                   "the first row is written")
        client.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(timeout=30), 130)
        self.assertFalse(os.path.exists(target))
        self.assertIn("dcalc: stopped with 1 row saved      continue: the same command, "
                      "with the same input, and --resume\n",
                      client.stderr.read().decode())
        for stream in (client.stdin, client.stdout, client.stderr):
            stream.close()

    def on_terminal(self, *arguments, stdin=subprocess.DEVNULL, at=None):
        """Start a client with stdout and stderr on a terminal; returns it and the terminal."""
        master, terminal = open_terminal()
        termios.tcsetwinsize(terminal, (24, 80))
        client = subprocess.Popen([program("dcalc-client"), *(at or cluster).arguments(arguments)],
                                  stdin=stdin, stdout=terminal, stderr=terminal,
                                  env=clean_environment())
        os.close(terminal)
        return client, master

    def read_until(self, master, said, what):
        while what not in said:
            said += os.read(master, 65536).decode()
        return said

    def test_rows_stand_where_the_bar_stood(self):
        client, master = self.on_terminal("batch", "-", stdin=subprocess.PIPE)
        said = ""
        for row in range(3):
            client.stdin.write(b"1000+%d\n" % row)
            client.stdin.flush()
            said = self.read_until(master, said, f"{1000 + row}\r\n")
            said = self.read_until(master, said, f"{row + 1} done, ")
        client.stdin.close()
        said = self.read_until(master, said, "all ok")
        self.assertEqual(client.wait(timeout=30), 0)
        os.close(master)
        shown = [line.rpartition("\r\x1b[K")[2] for line in said.split("\r\n")]
        self.assertEqual(shown[:3], ["1000", "1001", "1002"])

    def test_the_bar_is_as_wide_as_the_terminal_now(self):
        client, master = self.on_terminal("batch", "-", stdin=subprocess.PIPE)
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.read_until(master, "", "1 done, 0 waiting")
        termios.tcsetwinsize(master, (24, 20))
        self.read_until(master, "", "\r\x1b[K1 done, 0 waiting\r\x1b[K")
        client.stdin.close()
        self.read_until(master, "", "all ok")
        self.assertEqual(client.wait(timeout=30), 0)
        os.close(master)

    def test_a_terminal_is_told_at_once_that_a_signal_came(self):
        with Cluster() as stalled:
            client, master = self.on_terminal("batch", "-", stdin=subprocess.PIPE, at=stalled)
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            said = self.read_until(master, "", "1 done, 0 waiting")
            supervisor = stalled.workers[0].pid
            with open(f"/proc/{supervisor}/task/{supervisor}/children", encoding="ascii") as file:
                slots = [int(pid) for pid in file.read().split()]
            for slot in slots:
                os.kill(slot, signal.SIGSTOP)
            client.stdin.write(b"2+2\n")
            client.stdin.flush()
            said = self.read_until(master, said, "1 done, 1 waiting")
            begun = time.monotonic()
            client.send_signal(signal.SIGTERM)
            said = self.read_until(master, said,
                                   "\r\x1b[Kdcalc: stopping; again stops at once\r\n")
            told = time.monotonic() - begun
            said = self.read_until(master, said, "dcalc: stopped with 1 row printed\r\n")
            for slot in slots:
                os.kill(slot, signal.SIGCONT)
            self.assertLess(told, 1)
            self.assertEqual(client.wait(timeout=30), 130)
            client.stdin.close()
            os.close(master)

    def test_two_runs_do_not_write_to_one_file(self):
        for option in ("-O", "--errors"):
            target = cluster.path("one" + option)
            client = cluster.start("batch", "-", option, target)
            client.stdin.write(b"1+1\n1/0\n")
            client.stdin.flush()
            wait_until(lambda: os.path.exists(target + ".part") and os.path.getsize(target + ".part"),
                       "the first row is written")
            self.check(cluster.run("1/0", option, target), "", 73,
                       f"dcalc: another run writes {target}\n")
            client.stdin.close()
            self.assertEqual(client.wait(timeout=30), 1)
            self.assertTrue(os.path.getsize(target))
            self.assertFalse(os.path.exists(target + ".part"))
            client.stdout.close()
            client.stderr.close()

    def test_progress_for_programs(self):
        result = cluster.run("batch", "-r", "x=1:4", "-t", "x", "--progress", "json")
        self.assertEqual(result.lines, ["1", "2", "3", "4"])


class Looking(Case):
    def batches(self):
        """Those that have a client: one that has just left may still be known for a while."""
        listed = [json.loads(line) for line in cluster.run("list", "-o", "json").lines]
        return [batch for batch in listed if batch["state"] != "orphaned"]

    def test_ping(self):
        result = cluster.run("ping")
        self.assertRegex(result.out, r"^ok  ipc://\S+  broker \d+\.\d+  1 worker, 2 slots  [0-9.]+ m?s\n$")
        answer = json.loads(cluster.run("ping", "-o", "json").out)
        self.assertEqual((answer["v"], answer["workers"], answer["slots"]), (1, 1, 2))
        self.assertEqual(run_client(["ping", "--wait", "0", "-b", "ipc:///nowhere/at/all"]).code, 69)

    def test_workers(self):
        self.assertEqual(len(cluster.run("workers").lines), 3)
        slots = [json.loads(line) for line in cluster.run("workers", "-o", "json").lines]
        self.assertEqual([slot["v"] for slot in slots], [1, 1])
        self.assertEqual(cluster.run("workers", "-o", "csv").lines[0],
                         "worker,slot,host,state,jobs,silent_ms,age_ms,load,memory_bytes,steps_per_s,runs,tags")

    def test_failed_rows_are_counted_and_rates_are_of_late(self):
        client = cluster.start("batch", "-")
        client.stdin.write(b"1+1\n1/0\n2+2\n0/0\n")
        client.stdin.flush()
        self.assertEqual([client.stdout.readline() for _ in range(4)][-1],
                         b"error: divide-by-zero\n")
        batch, = self.batches()
        self.assertEqual((batch["done"], batch["failed"]), (4, 2))
        self.assertGreater(batch["rate"], 0)
        status = json.loads(cluster.run("status", batch["batch"], "-o", "json").out)
        self.assertEqual([status["latency"][what]["count"] for what in ("wait", "lease", "answer")],
                         [4, 4, 4])
        self.assertGreater(status["latency"]["answer"]["p50_ms"], 0)
        self.assertIn("   2 failed", cluster.run("status", batch["batch"]).out)
        client.stdin.close()
        self.assertEqual(client.wait(), 1)
        client.stdout.close()
        client.stderr.close()

    def test_batches_can_be_seen_and_cancelled(self):
        client = cluster.start("batch", "-")
        client.stdin.write(b"1+1\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), b"2\n")
        listed = self.batches()
        self.assertEqual(len(listed), 1)
        batch = listed[0]["batch"]
        self.assertIn(f"\n{batch} ", cluster.run("list").out)
        for name in (batch, batch[1:], "last"):
            self.assertTrue(cluster.run("status", name).out.startswith(batch + " "), name)
        rows = list(csv.DictReader(cluster.run("status", batch, "-o", "csv").lines))
        self.assertEqual([(row["id"], row["state"], row["jobs"], row["done"]) for row in rows],
                         [(batch, "waiting", "", "1")])
        self.assertRegex(rows[0]["why"], r"^for its client to send more$|^its client has sent nothing for \d+ s$")
        lines = cluster.run("status", batch, "-o", "tsv").lines
        self.assertEqual([len(line.split("\t")) for line in lines], [15, 15])
        self.check(cluster.run("cancel", batch, "-o", "csv"), f"id,state\n{batch},cancelled\n")
        self.check(cluster.run("status", batch, "-o", "csv"), lines[0].replace("\t", ",") + "\n", 66,
                   f"dcalc: there is no batch '{batch}'\n       those there are: dcalc list\n")
        self.assertEqual(client.wait(timeout=30), 75)
        self.assertEqual(self.batches(), [])
        for stream in (client.stdin, client.stdout, client.stderr):
            stream.close()

    def test_of_nothing_a_person_is_told_and_a_program_sees_it(self):
        with Cluster(workers=0) as empty:
            for command, what in [(["list"], "batches"), (["status", "all"], "batches"),
                                  (["workers"], "workers")]:
                self.check(empty.run(*command), "", 0, f"dcalc: there are no {what}\n")
                self.check(empty.run(*command, "-q"), "")
                self.check(empty.run(*command, "-o", "json"), "")
                for format in ("csv", "tsv"):
                    result = empty.run(*command, "-o", format)
                    self.assertEqual((len(result.lines), result.err, result.code), (1, "", 0))

    def test_a_batch_that_is_not_there(self):
        result = cluster.run("status", "b999999")
        self.assertEqual((result.out, result.code), ("", 66))
        self.assertIn("there is no batch 'b999999'", result.err)
        self.assertIn("which batch?", cluster.run("cancel").err)


class Private(Case):
    def test_a_private_cluster_goes_whenever_a_signal_comes(self):
        with tempfile.TemporaryDirectory(prefix="dcalc-test-") as folder:
            environment = {**clean_environment(), "XDG_RUNTIME_DIR": folder}
            for _ in range(20):
                client = subprocess.Popen([program("dcalc-client"), "--local=1", ENDLESS], stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL, env=environment, start_new_session=True)
                while not os.listdir(folder):
                    self.assertIsNone(client.poll())
                os.killpg(client.pid, signal.SIGTERM)
                client.wait()
                wait_until(lambda: not os.listdir(folder), "its folder has gone")

    def test_what_a_private_cluster_makes_as_it_dies_is_removed_too(self):
        with tempfile.TemporaryDirectory(prefix="dcalc-test-") as folder:
            for name in ("dcalc-client", "dcalc-worker"):
                shutil.copy(program(name), folder)
            # What is in the way goes when the broker is dead, and not before.
            with open(f"{folder}/dcalc-broker", "w") as broker:
                broker.write("#!/bin/sh\n"
                             "setsid sh -c 'mkdir \"$1\"; while kill -0 $0; do sleep 0.01; done; rmdir \"$1\"' "
                             "$$ \"${2#ipc://}\" &\n"
                             "exec sleep 60\n")
            os.chmod(f"{folder}/dcalc-broker", 0o700)
            os.mkdir(f"{folder}/run")
            client = subprocess.Popen([f"{folder}/dcalc-client", "--local=1", "1+1"], stderr=subprocess.DEVNULL,
                                      env={**clean_environment(), "XDG_RUNTIME_DIR": f"{folder}/run"})
            wait_until(lambda: glob.glob(f"{folder}/run/*/front"), "the broker is there")
            client.terminate()
            client.wait()
            wait_until(lambda: not os.listdir(f"{folder}/run"), "its folder has gone")

    def test_a_private_cluster_computes_and_goes(self):
        self.check(run_client(["--local", "10 + 2 * 3"]), "16\n")
        self.check(run_client(["--local"], stdin="6*7\n"), "42\n")
        self.check(run_client(["-l1", "2*2"]), "4\n")
        self.check(run_client(["-l1", "2*2", "--wait", "0"]), "4\n")

    def test_slots_are_no_expression(self):
        told = "dcalc: '2' is an expression here; for so many slots say -l2\n"
        for flag in ("-l", "--local"):
            result = run_client([flag, "2", "1+1"])
            self.assertEqual((result.out, result.err, result.code), ("2\n2\n", told, 0))
        for arguments in (["-l", "2"], ["-l2", "2", "1+1"], ["-l", "2+0", "1+1"], ["-q", "-l", "2", "1+1"]):
            self.assertEqual(run_client(arguments).err, "", arguments)

    def test_environment(self):
        self.check(cluster.run("2/3", environment={"DCALC_DIGITS": "3"}), "0.667\n")
        self.check(cluster.run("2/3", "-p", "2", environment={"DCALC_DIGITS": "3"}), "0.67\n")


class Waiting(Case):
    def test_no_worker(self):
        with Cluster(workers=0) as alone:
            result = alone.run("2+2", "--wait", "300ms")
            self.assertEqual((result.out, result.code), ("", 75))
            self.assertIn("dcalc: no workers at ", result.err)

    def test_a_worker_that_comes_late(self):
        with Cluster(workers=0) as alone:
            client = alone.start("2+2")
            alone.start_worker(1)
            out, err = client.communicate(timeout=60)
            self.assertEqual((out, err, client.returncode), (b"4\n", b"", 0))

    def test_a_batch_waits_for_the_next_worker(self):
        with Cluster(workers=1, slots=1) as alone:
            client = alone.start("batch", "-", "--wait", "300ms")
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), b"2\n")
            alone.workers[0].terminate()
            alone.workers[0].wait()
            client.stdin.write(b"2+2\n")
            client.stdin.close()
            self.assertEqual(client.stderr.readline(), f"dcalc: the last worker at {alone.frontend} has "
                             "gone; waiting for another\n".encode())
            alone.start_worker(1)
            self.assertEqual(client.stdout.read(), b"4\n")
            self.assertEqual(client.wait(timeout=60), 0)
            self.assertIn(b"dcalc: 2 jobs in ", client.stderr.readline())
            client.stdout.close()
            client.stderr.close()

    def test_the_address_for_workers_is_told_apart(self):
        with Cluster(workers=0) as cluster:
            for arguments in [["1+1"], ["ping"], ["batch", "-r", "x=1:9", "-t", "x"], ["attach", "b1"]]:
                result = run_client(["--broker", cluster.backend, *arguments])
                self.assertEqual((result.out, result.code), ("", 69))
                self.assertEqual(result.err, f"dcalc: {cluster.backend} is where the broker listens "
                                 f"for workers; clients connect to {cluster.frontend}\n")

    def test_every_address_is_tried(self):
        urls = f"ipc://{cluster.folder}/nobody,tcp://127.0.0.1:1,{cluster.frontend}"
        self.check(run_client(["2+2", "--wait", "0", "-b", urls]), "4\n")

    def test_a_broker_that_comes_late(self):
        with Cluster(workers=0, tcp=True) as late:
            late.broker.kill()
            late.broker.wait()
            client = late.start("ping", "--wait", "3s")
            time.sleep(2)  # the longer it has knocked in vain, the more seldom it did
            late.start_broker()
            out, err = client.communicate(timeout=60)
            self.assertEqual((err, client.returncode), (b"", 0))
            self.assertTrue(out.startswith(b"ok  tcp://"), out)

    def test_a_terminal_is_told_what_is_waited_for(self):
        with Cluster(workers=0) as late:
            late.broker.kill()
            late.broker.wait()
            master, terminal = open_terminal()
            client = subprocess.Popen([program("dcalc-client"), *late.arguments(["2+2", "1/2"])],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=terminal, env=clean_environment())
            os.close(terminal)
            erase = "\r\x1b[K"
            said = os.read(master, 1000).decode()
            self.assertEqual(said, f"{erase}waiting for the broker at {late.frontend}")
            late.start_broker()
            said = os.read(master, 1000).decode()
            while "a worker" not in said:
                said += os.read(master, 1000).decode()
            self.assertEqual(said, f"{erase}{erase}waiting for a worker at {late.frontend}")
            late.start_worker(1)
            self.assertEqual(client.stdout.read(), b"4\n0.5\n")
            self.assertEqual(client.wait(timeout=60), 0)
            client.stdout.close()
            said = os.read(master, 1000).decode()
            self.assertTrue(said.startswith(erase), said)
            os.close(master)

    def test_who_waits_can_leave_at_once(self):
        client = subprocess.Popen([program("dcalc-client"), "2+2", "-b", "ipc:///nowhere/at/all"],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.3)  # it waits in silence: nothing tells when it has begun
        start = time.monotonic()
        client.send_signal(signal.SIGINT)
        out, err = client.communicate(timeout=30)
        self.assertLess(time.monotonic() - start, 1.5)
        self.assertEqual((out, err, client.returncode),
                         (b"", b"dcalc: stopped with 0 of 1 row printed\n", 130))

    def test_a_broker_that_does_not_come_back(self):
        with Cluster(workers=1, slots=1) as other:
            target = other.path("saved.txt")
            client = other.start("batch", "-", "-O", target, "--wait", "300ms")
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            wait_until(lambda: os.path.exists(target + ".part") and os.path.getsize(target + ".part"),
                       "the first row is written")
            other.broker.kill()
            other.broker.wait()
            out, err = client.communicate(b"2+2\n", timeout=30)
            self.assertEqual((out, client.returncode), (b"", 69))
            # Whether the second row was read by then is up to the machine.
            self.assertRegex(err.decode(), "\ndcalc: stopped with 1 (row|of 2 rows) saved      continue: "
                                           "the same command, with the same input, and --resume\n$")

    def test_a_broker_that_comes_back(self):
        with Cluster(workers=1, slots=1) as other:
            client = other.start("batch", "-")
            client.stdin.write(b"1+1\n")
            client.stdin.flush()
            self.assertEqual(client.stdout.readline(), b"2\n")
            other.broker.kill()
            other.broker.wait()
            other.start_broker()
            client.stdin.write(b"2+2\n")
            client.stdin.close()
            self.assertEqual(client.stdout.read(), b"4\n")
            self.assertEqual(client.wait(timeout=60), 0)
            self.assertIn(b"dcalc: lost the broker at ", client.stderr.read())
            client.stdout.close()
            client.stderr.close()


if __name__ == "__main__":
    unittest.main()
