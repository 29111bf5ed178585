"""The prompt: dcalc without arguments on a terminal, as a person sees it."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import termios
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import PATIENCE, Cluster, clean_environment, program, run_client, wait_until  # noqa: E402
from document import ROOT, blocks_of  # noqa: E402

HAS_PROMPT = "prompt" in run_client(["--version"]).out

# An expression that takes far longer than any test.
ENDLESS = "all(k >= 0, k, 1, 9e10)"


class Screen:
    """A dcalc on a terminal, which is tmux: it tells what is to be seen."""

    def __init__(self, *arguments, columns=80, rows=40, folder=None, environment=None, locale="C.UTF-8"):
        self.folder = folder or tempfile.mkdtemp(prefix="dcalc-prompt-")
        self.is_owned = folder is None
        self.environment = {**clean_environment(), "HOME": self.folder, **(environment or {})}
        for name in ("TMUX", "XDG_STATE_HOME", "EDITRC"):
            self.environment.pop(name, None)
        self.socket = os.path.join(tempfile.mkdtemp(prefix="dcalc-tmux-"), "socket")
        # What it ends with stays to be seen.
        command = f"LC_ALL={locale} " + " ".join([program("dcalc-client"), *arguments]) + "; echo ended $?; read x"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), command)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)
        shutil.rmtree(os.path.dirname(self.socket), ignore_errors=True)
        if self.is_owned:
            shutil.rmtree(self.folder, ignore_errors=True)

    def tmux(self, *arguments, check=True):
        done = subprocess.run(["tmux", "-S", self.socket, *arguments], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=check, timeout=PATIENCE)
        return done.stdout.decode()

    def shown(self):
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").rstrip().split("\n")]

    def wait_for(self, *lines):
        """Wait until these are the last lines to be seen; returns all."""
        def seen():
            found = self.shown()
            return found if found[-len(lines):] == list(lines) else None
        try:
            return wait_until(seen, lines)
        except AssertionError:
            raise AssertionError(f"not seen: {lines}, but: {self.shown()}") from None

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def line(self, text, *answer):
        """Type a line, and wait for what comes of it and the next prompt."""
        self.type(text)
        self.keys("Enter")
        return self.wait_for("> " + text if text else ">", *answer, ">")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not HAS_PROMPT:
            raise unittest.SkipTest("it was built without libedit")
        cls.cluster = cls.enterClassContext(Cluster(slots=1))

    def open(self, *arguments, greeting=False, **options):
        arguments = arguments if "--local=1" in arguments else ("-b", self.cluster.frontend, *arguments)
        screen = self.enterContext(Screen(*arguments, *([] if greeting else ["-q"]), **options))
        wait_until(lambda: screen.shown()[-1] == ">", "a prompt")
        return screen

    def batches(self, state):
        listed = self.cluster.run("list", "-o", "json").lines
        return [batch for batch in map(json.loads, listed) if batch["state"].startswith(state)]


class Sessions(Case):
    def test_values_and_definitions(self):
        screen = self.open()
        screen.line("2+3*4", "14")
        screen.line("ans/7", "2")
        screen.line("rate = 0.19")
        screen.line("f(x) = x*(1 + rate)")
        screen.line("f(100)", "119")
        screen.line("rate = 0.07; f(100)  # as of now", "107")
        screen.line("1/3; ans*3 == 1", "0.3333333333333333", "true")
        screen.line("'a' + \"b\"", '"ab"')
        screen.line("ans + 'c'", '"abc"')
        screen.line("x = sum(k, k, 1, 1e6)")  # more than a client computes itself
        screen.line("x = x + 1; x", "500000500001")
        screen.line("vars", "ans = 500000500001", "rate = 0.07", "f(x) = x*(1 + rate)", "x = 500000500001")
        screen.line("forget rate y", "'y' is not defined")
        screen.line("f(1)", "unknown name 'rate', in 'f':", "    f(x) = x*(1 + rate)", "                  ^~~~")
        screen.line("forget all")
        screen.line("vars", "nothing is defined; for example:  rate = 0.19      f(x) = x^2")
        screen.line("")
        screen.line("# nothing")

    def test_a_definition_that_hides_something_is_told_once(self):
        screen = self.open(greeting=True)
        screen.line("e = 5", "'e' is no longer the constant: forget e brings that back")
        screen.line("e = 6; e", "6")
        screen.line("e(x) = x")
        screen.line("forget e")
        screen.line("e", "2.718281828459045")
        screen.line("list = 3", "'list' is no longer the command: forget list brings that back")
        screen.line("list", "3")
        screen.line("vars(x) = x", "'vars' is no longer the command: forget vars brings that back")
        screen.line("rate = 1")

    def test_help_tells_of_a_function(self):
        screen = self.open()
        screen.line("help sqrt", "sqrt(x)", "    square root; domain: x from 0 on")

    def test_commands_have_the_variables_that_the_prompt_was_started_with(self):
        screen = self.open("--let", "k=3", "--let", "r=k+1")
        screen.line("batch -q -r x=1:2 -t x*k+r -o text", "7", "10")
        screen.line("batch -q -r x=1:1 -t x*k --let k=5 -o text", "5")
        screen.line("k = 7")
        screen.line("batch -q -r x=1:2 -t x*k+r -o text", "11", "18")
        screen.line("forget k")
        screen.line("batch -q -r k=1:2 -t k+r -o text", "5", "6")
        screen.type("ping")
        screen.keys("Enter")
        wait_until(lambda: any(line.startswith("ok ") for line in screen.shown()), "others are as ever")

    def test_faults_are_marked_where_they_were_typed(self):
        screen = self.open()
        screen.line("2+*3", "    ^", "expected a number, a name or '(' but found '*'")
        screen.line("  sqroot(2) + 1", "    ^~~~~~", "unknown function 'sqroot'; did you mean 'sqrt'?")
        screen.line("rate = 1; x = rat*2", "                ^~~", "unknown name 'rat'; did you mean 'rate'?")
        screen.line("1/0; 3", "   ^", "division by zero")  # what stands behind it is not done
        screen.line("f(x) =", "        ^", "expected an expression behind '='")
        screen.line("true = 3", "  ^~~~", "'true' cannot be defined: it is a word of the language")
        screen.line("sin(x) = x", "  ^~~", "'sin' cannot be defined: it is a built-in function")
        screen.line("f(x) = y", "         ^", "unknown name 'y'")
        screen.line("ans", "  ^~~", "there is no last value yet")
        screen.line("f(x) = 1/x")
        screen.line("1 + f", "      ^", "'f' is a function; write f(...)")
        screen.line("g(x) = f(x)")
        screen.line("f(x) = g(x)", "'f' would use itself: it is used by", "    g(x) = f(x)")
        screen.line("g(0)", "division by zero, in 'f':", "    f(x) = 1/x", "            ^")

    def test_habits_of_elsewhere_are_told_what_to_do(self):
        screen = self.open(columns=132)
        screen.line("--digits 5", "    ^~~~~~", "unknown name 'digits'",
                    "options stand where dcalc is started: dcalc --digits 5")
        screen.line("1/3 --format=%.3f", "        ^~~~~~", "unknown name 'format'; did you mean 'normal'?",
                    "options stand where dcalc is started: dcalc --format=%.3f")
        screen.line("-p 5", "   ^", "unknown name 'p'", "options stand where dcalc is started: dcalc -p 5")
        screen.line("p = 1")
        screen.line("-p 5", "     ^", "expected an operator but found '5'; a product is written p*5",
                    "options stand where dcalc is started: dcalc -p 5")
        screen.line("--p", "1")
        screen.line("--diggits", "    ^~~~~~~", "unknown name 'diggits'")
        screen.line("50%", "     ^", "expected a number, a name or '(' but the expression ends here; '%' is the "
                    "remainder of a division, a percentage is written x/100")

    def test_what_does_not_fit_a_row_is_shown_once_more(self):
        screen = self.open(columns=40)
        text = "1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + nine"
        screen.type(text)
        screen.keys("Enter")
        # The prompt was there before the line was.
        shown = wait_until(lambda: len(found := screen.shown()) > 1 and found[-1] == ">" and found,
                           "the next prompt")
        self.assertEqual(shown[:3], ["> " + text[:38], text[38:], "unknown name 'nine'"])
        self.assertTrue(shown[3].endswith("+ nine"), shown)
        self.assertEqual(shown[4].index("^"), shown[3].index("nine"), shown)
        screen.line("1 + x", "      ^", "unknown name 'x'")

    def test_what_is_open_goes_on(self):
        screen = self.open()
        screen.type("round(22/7,")
        screen.keys("Enter")
        screen.wait_for("> round(22/7,")
        screen.type("2)  # digits")
        screen.keys("Enter")
        screen.wait_for("> round(22/7,", "  2)  # digits", "3.14", ">")
        screen.type("round(x,")
        screen.keys("Enter")
        screen.wait_for("> round(x,")
        screen.keys("Enter")
        screen.wait_for(*["unknown name 'x'", "    round(x,", "          ^", ">"])
        screen.type("f(1,")
        screen.keys("Enter")
        screen.type("2")
        screen.wait_for("> f(1,", "  2")
        screen.keys("C-c")
        screen.wait_for("> f(1,", "  2^C", ">")
        screen.line("3", "3")

    def test_a_greeting_and_help(self):
        screen = self.open(greeting=True, columns=40)
        self.assertRegex(screen.shown()[0], r"^dcalc \d+\.\d+   help says more, Ctrl-D ends$")
        screen.type("help")
        screen.keys("Enter")
        screen.wait_for("the prompt is started, hold for all line", "s; with --local the private cluster",
                        "lives as long.", ">")
        screen.type("help funtcions")
        screen.keys("Enter")
        wait_until(lambda: "you mean 'functions'?" in screen.shown(), "what was meant")

    def test_options_hold(self):
        screen = self.open("-p", "4", "--let", "k=3", "--ieee", "--let", "name=\"'x'\"")
        screen.line("k/7", "0.4286")
        screen.line("ans*7 == 3", "true")  # all of its digits count
        screen.line("1/0", "inf")
        screen.line("-ans", "-inf")
        screen.line("inf = 2; ans", "-inf")
        screen.line("name", '"x"')
        screen.line("k = 4; k", "4")

    def test_numbers_of_another_kind_stay_what_they_are(self):
        screen = self.open("--numbers", "exact", "--let", "k=1/3")
        screen.line("k + k", "2/3")
        screen.line("ans*3 == 2", "true")
        screen.line("third = 1/3; f(x) = x*third; f(3)", "1")
        screen.line("2^70", "1180591620717411303424")
        screen.line("ans + 1", "1180591620717411303425")
        screen.line("vars", "k = 1/3", "ans = 1180591620717411303425", "third = 1/3", "f(x) = x*third")

    def test_rows_for_programs(self):
        screen = self.open("-o", "json", columns=160)
        screen.line("x = 2")
        screen.type("x + 1")
        screen.keys("Enter")
        screen.wait_for(">")
        row = json.loads(wait_until(lambda: next((line for line in screen.shown() if line.startswith("{")), None), "it"))
        self.assertEqual((row["v"], row["row"], row["value"], row["expr"]), (1, 1, 3, "x + 1"))
        screen.type("1 + x/0")
        screen.keys("Enter")
        row = json.loads(wait_until(lambda: next((line for line in screen.shown() if '"row":2' in line), None), "it"))
        self.assertEqual((row["expr"], row["error"]["code"], row["error"]["column"]), ("1 + x/0", "divide-by-zero", 6))


class Commands(Case):
    def test_commands_of_the_command_line(self):
        screen = self.open("-o", "tsv")
        screen.type("workers")
        screen.keys("Enter")
        wait_until(lambda: any(line.startswith("worker  ") for line in screen.shown()), "the table")
        screen.type("list --nonsense")
        screen.keys("Enter")
        wait_until(lambda: any("unknown option '--nonsense'" in line for line in screen.shown()), "its words")
        wait_until(lambda: screen.shown()[-1] == ">", "the prompt")

    def test_a_variable_hides_a_command(self):
        screen = self.open()
        screen.line("list = 3; list", "3")
        screen.line("forget list")
        screen.type("list x")
        screen.keys("Enter")
        wait_until(lambda: any("no argument is needed: what is 'x'?" in line for line in screen.shown()), "its words")

    def test_the_private_cluster_is_asked_too(self):
        screen = self.open("--local=1")
        screen.line("6*7", "42")
        screen.type("ping")
        screen.keys("Enter")
        wait_until(lambda: any(re.match(r"ok  ipc://\S+/front  broker \S+  1 worker, 1 slot", line)
                               for line in screen.shown()), "it answers")
        wait_until(lambda: screen.shown()[-1] == ">", "the prompt")
        screen.type("batch -d -r i=1:3 -t i")
        screen.keys("Enter")
        wait_until(lambda: any("the prompt's private cluster ends with it" in line for line in screen.shown()),
                   "nothing is kept there")

    def test_quit(self):
        for word in ("quit", "exit", "quit()"):
            screen = self.open()
            screen.type(word)
            screen.keys("Enter")
            screen.wait_for("> " + word, "ended 0")


class Keys(Case):
    def test_ctrl_c_stops_the_expression_and_not_the_prompt(self):
        screen = self.open()
        screen.line("x = 7")
        screen.type(ENDLESS)
        screen.keys("Enter")
        wait_until(lambda: self.batches("running"), "it runs")
        screen.keys("C-c")
        screen.wait_for("> " + ENDLESS, "stopped", ">")
        wait_until(lambda: not self.batches("running"), "the broker has stopped it")
        screen.line("x", "7")

    def test_how_far_it_is_shows_meanwhile(self):
        screen = self.open(greeting=True)
        screen.type(ENDLESS)
        screen.keys("Enter")
        wait_until(lambda: re.search(r"^\S+   0 %  0/1 ", screen.shown()[-1]), "a bar")
        screen.type("1+1")  # what is typed meanwhile comes later
        screen.keys("C-c")
        wait_until(lambda: screen.shown()[-2] == "stopped", "it has stopped")

    def test_ctrl_c_drops_the_line(self):
        screen = self.open()
        screen.type("1 + half a")
        screen.wait_for("> 1 + half a")
        screen.keys("Left", "Left", "C-c")
        screen.wait_for("> 1 + half a^C", ">")
        screen.keys("C-c")
        screen.wait_for("> 1 + half a^C", "> ^C", ">")
        screen.line("1+1", "2")

    def test_ctrl_d_while_something_is_computed_is_a_key_of_the_next_line(self):
        screen = self.open()
        for ahead, line in (("1+1", "> 1+1"), ("", "> ^D")):
            screen.type(ENDLESS)
            screen.keys("Enter")
            batch = wait_until(lambda: self.batches("running"), "it runs")[0]["batch"]
            screen.type(ahead)
            screen.keys("C-d")
            self.assertEqual(self.cluster.run("cancel", batch).code, 0)
            if not ahead:
                screen.wait_for(line, "ended 0")
                break
            wait_until(lambda: screen.shown()[-1] == line, "what was typed is there")
            screen.keys("C-c")
            screen.wait_for(line + "^C", ">")
            screen.line("3", "3")
            screen.keys("Up")
            screen.wait_for("3", "> 3")
            screen.keys("C-u")

    def test_quit_is_a_way_out_of_what_is_open(self):
        screen = self.open()
        screen.type("(1+")
        screen.keys("Enter")
        screen.type("quit")
        screen.keys("Enter")
        wait_until(lambda: screen.shown()[-1] == "ended 0", "it has ended")

    def test_ctrl_d_ends(self):
        screen = self.open()
        screen.line("1/0", "   ^", "division by zero")
        screen.keys("C-d")
        screen.wait_for("> ^D", "ended 0")

    def test_names_are_completed(self):
        screen = self.open()
        screen.line("interest = 0.19")
        screen.type("2*intere")
        screen.keys("Tab")
        screen.wait_for("> interest = 0.19", "> 2*interest")
        screen.keys("Enter")
        screen.wait_for("> 2*interest", "0.38", ">")
        screen.type("sq")
        screen.keys("Tab")
        screen.wait_for("> sqrt(")
        screen.type("9)")
        screen.keys("Enter")
        screen.wait_for("> sqrt(9)", "3", ">")
        screen.type("sin")
        screen.keys("Tab")
        screen.wait_for("> sin", "sin(    sinh(   sinpi(", "> sin")
        screen.type("(0)")
        screen.keys("Enter")
        screen.wait_for("> sin(0)", "0", ">")

    def test_more_than_ascii_can_be_typed(self):
        screen = self.open()
        screen.line("größe = 3; größe*2", "6")
        screen.type("'äöü' == grösse")
        screen.keys("Enter")
        screen.wait_for("> 'äöü' == grösse", "           ^~~~~~", "unknown name 'grösse'; did you mean 'größe'?", ">")

    def test_so_it_can_whatever_the_locale_is_said_to_be(self):
        screen = self.open(locale="C")
        screen.line('"ä" + "ö"', '"äö"')
        screen.line("π*2", "  ^", "unknown name 'π'; did you mean 'pi'?")

    def test_it_follows_the_size_of_the_terminal(self):
        screen = self.open()
        screen.line("1+1", "2")
        screen.tmux("resize-window", "-x", "40", "-y", "20")
        screen.line("1 + x", "      ^", "unknown name 'x'")
        text = "1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10"
        screen.type(text)
        screen.keys("Enter")
        screen.wait_for("55", ">")


class History(Case):
    def test_lines_are_kept_and_private_ones_not(self):
        folder = tempfile.mkdtemp(prefix="dcalc-home-")
        self.addCleanup(shutil.rmtree, folder)
        first = self.open(folder=folder)
        first.line("1 + 1", "2")
        first.line(" 2 + 2", "4")
        first.line("3 + 3", "6")
        path = os.path.join(folder, ".local/state/dcalc/history")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "1 + 1\n3 + 3\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        second = self.open(folder=folder)
        second.keys("Up", "Up")
        second.wait_for("> 1 + 1")
        second.keys("Enter")
        second.wait_for("> 1 + 1", "2", ">")
        second.keys("C-r")
        second.type("3 +")
        wait_until(lambda: any("3 + 3" in line for line in second.shown()), "it is found")
        second.keys("Enter")
        wait_until(lambda: "6" in second.shown(), "it is computed")

    def test_it_has_an_end(self):
        folder = tempfile.mkdtemp(prefix="dcalc-home-")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, ".local/state/dcalc/history")
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(f"{i} + 0\n" for i in range(5000)))
        screen = self.open(folder=folder)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "".join(f"{i} + 0\n" for i in range(3000, 5000)))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        screen.keys("Up")
        screen.wait_for("> 4999 + 0")

    def test_without_a_place_for_it_there_is_none(self):
        screen = self.open(environment={"HOME": "/dev/null"})
        screen.line("1 + 1", "2")
        screen.keys("Up")
        screen.wait_for("> 1 + 1")


class Brokers(unittest.TestCase):
    def setUp(self):
        if not HAS_PROMPT:
            self.skipTest("it was built without libedit")

    def test_a_broker_that_comes_back_is_found(self):
        with Cluster(slots=1) as cluster, Screen("-q", "-b", cluster.frontend, "--wait", "1s") as screen:
            screen.wait_for(">")
            screen.line("x = 6; x*7", "42")
            cluster.broker.kill()
            cluster.broker.wait()
            screen.line("y = 2")  # needs none
            screen.type("x*y")
            screen.keys("Enter")
            wait_until(lambda: any(line.startswith("dcalc: no broker at") for line in screen.shown()), "it says so")
            wait_until(lambda: screen.shown()[-1] == ">", "the prompt stays")
            cluster.start_broker()
            cluster.wait_for_slots(1)
            screen.line("x*y", "12")

    def test_ctrl_c_ends_the_wait_for_a_broker(self):
        with Screen("-b", "ipc:///nowhere/at/all", "--wait", "inf") as screen:
            wait_until(lambda: screen.shown()[-1] == ">", "a prompt")
            screen.type("1+1")
            screen.keys("Enter")
            wait_until(lambda: "waiting for the broker" in screen.shown()[-1], "it waits")
            screen.keys("C-c")
            screen.wait_for("> 1+1", "stopped", ">")


class Pty:
    """A dcalc on a terminal of which all bytes are seen."""

    def __init__(self, *arguments, stdout=None, **environment):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.written = b""
        self.home = tempfile.mkdtemp(prefix="dcalc-home-")
        self.process = subprocess.Popen(
            [program("dcalc-client"), *arguments], stdin=self.slave, stdout=stdout or self.slave,
            stderr=self.slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**clean_environment(), "TERM": "xterm-256color", "HOME": self.home, **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
        shutil.rmtree(self.home, ignore_errors=True)

    def wait_for(self, text):
        def seen():
            while select.select([self.master], [], [], 0)[0]:
                self.written += os.read(self.master, 65536)
            return text in self.written
        wait_until(seen, text)

    def type(self, text):
        os.write(self.master, text)

    def ended(self):
        wait_until(lambda: self.wait_for(b"") is None and self.process.poll() is not None, "it ends")
        return self.process.returncode


class Bytes(Case):
    def start(self, *arguments, **options):
        terminal = self.enterContext(Pty("-q", "-b", self.cluster.frontend, *arguments, **options))
        terminal.wait_for(b"> ")
        return terminal

    def test_a_plain_terminal_gets_plain_bytes(self):
        terminal = self.start(TERM="dumb")
        terminal.type(b"2+*3\n")
        terminal.wait_for(b"found '*'")
        terminal.type(ENDLESS.encode() + b"\n")
        wait_until(lambda: any(batch["age_ms"] > 2000 for batch in self.batches("running")), "a bar would be drawn")
        terminal.type(b"\x03")
        terminal.wait_for(b"stopped")
        terminal.wait_for(b"stopped\r\n> ")
        terminal.type(b"half")
        terminal.wait_for(b"> half")
        terminal.type(b"\x03")
        terminal.wait_for(b"half^C\r\n> ")
        terminal.type(b"round(1,\n")
        terminal.wait_for(b"round(1,\r\n  ")
        terminal.type(b"1)\n")
        terminal.wait_for(b"1)\r\n1\r\n")
        terminal.type(b"\x04")
        self.assertEqual(terminal.ended(), 0)
        self.assertNotIn(b"\x1b", terminal.written)
        self.assertNotIn(b"\r", terminal.written.replace(b"\r\n", b""))
        self.assertIn(b"    ^\r\nexpected a number", terminal.written)

    def test_those_of_no_character_are_not_left_out(self):
        terminal = self.start()
        terminal.type(b"'\xff\xfe'\n")
        terminal.wait_for('"��"\r\n'.encode())
        terminal.type("1+ü".encode("latin-1") + b"\n")  # it would go on in UTF-8, and Enter is no part of it
        terminal.wait_for("the character '�'".encode())

    def test_colours_are_those_that_are_wished(self):
        for environment, is_coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            terminal = self.start(**environment)
            terminal.type(b"2+*3\n")
            terminal.wait_for(b"found '*'")
            self.assertEqual(b"\x1b[1;31m^" in terminal.written, is_coloured)

    def test_results_go_to_stdout_and_all_else_to_the_terminal(self):
        with tempfile.TemporaryFile() as file:
            terminal = self.start(stdout=file)
            terminal.type(b"6*7\n1/0\nvars\n")
            terminal.wait_for(b"division by zero")
            terminal.type(b"\x04")
            self.assertEqual(terminal.ended(), 0)
            file.seek(0)
            self.assertEqual(file.read(), b"42\nans = 42\n")
        self.assertNotIn(b"42", terminal.written)

    def test_the_output_file_is_complete_at_the_end(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "values.csv")
            terminal = self.start("-O", path, "-o", "csv")
            terminal.type(b"6*7\nx = 2\nx/0\n")
            terminal.wait_for(b"division by zero")
            self.assertFalse(os.path.exists(path))
            terminal.type(b"quit\n")
            self.assertEqual(terminal.ended(), 0)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), "expr,result,error\n6*7,42,\nx/0,,divide-by-zero\n")

    def test_the_terminal_is_as_it_was_however_it_ends(self):
        for number, code in ((signal.SIGTERM, 130), (signal.SIGHUP, 130), (signal.SIGQUIT, -signal.SIGQUIT)):
            terminal = self.start()
            terminal.type(b"1+1\n")
            terminal.wait_for(b"2\r\n")
            terminal.process.send_signal(number)
            self.assertEqual(terminal.ended(), code)
            self.assertEqual(termios.tcgetattr(terminal.slave), terminal.before)

    def test_it_ends_with_its_cluster(self):
        terminal = self.enterContext(Pty("--local=1", "-q"))
        terminal.type(b"1+1\n")
        terminal.wait_for(b"2\r\n")
        terminal.process.send_signal(signal.SIGTERM)
        self.assertEqual(terminal.ended(), 130)


class Documents(Case):
    def test_the_readme_shows_what_is_to_be_seen(self):
        blocks = [block for block in blocks_of(os.path.join(ROOT, "README.md")) if block.is_prompt]
        self.assertEqual(len(blocks), 1)
        screen = self.open()
        lines = blocks[0].lines + [">"]
        for line in lines[:-1]:
            if line.startswith("> "):
                screen.type(line[2:])
                screen.keys("Enter")
                end = lines.index(line)
                end = next(i for i in range(end + 1, len(lines)) if lines[i].startswith(">"))
                screen.wait_for(*lines[lines.index(line):end], ">")


class WithoutTerminal(unittest.TestCase):
    def test_what_is_no_terminal_gets_no_prompt(self):
        result = run_client(["--local=1"], stdin="x = 2; x*3\n")
        self.assertEqual((result.out, result.err, result.code), ("6\n", "", 0))

    def test_the_version_says_whether_there_is_one(self):
        self.assertRegex(run_client(["--version"]).out, r"^dcalc \d+\.\d+\nfeatures:( prompt)? top\n$")


if __name__ == "__main__":
    unittest.main()
