"""Completion in bash, zsh and fish: the scripts are run by these shells, as far as they are there."""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, Cluster, clean_environment, run_client, wait_until  # noqa: E402


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(data=tempfile.mkdtemp(prefix="dcalc-test-")).__enter__()
        cls.addClassCleanup(shutil.rmtree, cls.cluster.data, ignore_errors=True)
        cls.addClassCleanup(cls.cluster.__exit__)
        assert cls.cluster.run("batch", "-d", "--name", "nightly", stdin="6*7\n").code == 0
        assert cls.cluster.run("batch", "-d", "--name", "two words", stdin="6*7\n").code == 0
        cls.folder = tempfile.mkdtemp(prefix="dcalc-test-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name in ("rows.csv", "dcalc.conf"):
            with open(os.path.join(cls.folder, name), "w", encoding="ascii") as file:
                file.write("[prod]\nwait = 1s\n[dev.client]\nwait = 1s\n" if name == "dcalc.conf" else "x\n1\n")
        os.mkdir(os.path.join(cls.folder, "folder"))

    def environment(self, **more):
        # Of what else is installed nothing is to be completed, and nobody's own files are read.
        return {**clean_environment(), "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": self.folder,
                "DCALC_BROKER": self.cluster.frontend, **more}


class Words(Case):
    """`dcalc complete`, which all scripts ask."""

    def complete(self, *kinds, **environment):
        result = run_client(["complete", *kinds], environment=self.environment(**environment))
        self.assertEqual((result.err, result.code), ("", 0))
        return result.lines

    def assert_soon(self, words, *kinds):
        """A machine that is busy may take longer than a person is let wait; then there is nothing."""
        wait_until(lambda: self.complete(*kinds) == words, f"{kinds} are {words}")

    def test_batches_workers_functions_and_profiles_are_known(self):
        self.assert_soon(["b1", "b2", "last", "all"], "ids")
        self.assert_soon(["nightly"], "names")  # what needs quotes is left out
        self.assert_soon(["b1", "b2", "last", "all", "nightly"], "ids", "names")
        wait_until(lambda: len(self.complete("workers")) == 1, "there is one worker")
        functions = self.complete("functions")
        self.assertTrue({"sqrt", "sum", "argmax", "if", "isnull", "hypot"} < set(functions))
        self.assertEqual(len(functions), len(set(functions)))
        config = os.path.join(self.folder, "dcalc.conf")
        self.assertEqual(self.complete("profiles", DCALC_CONFIG=config), ["prod", "dev"])
        self.assertEqual(self.complete("numbers"), ["double", "exact", "decimal=34"])
        self.assertIn("exit-codes", self.complete("topics"))
        self.assertEqual(self.complete("nothing"), [])

    def test_what_is_wrong_is_not_told(self):
        broken = os.path.join(self.folder, "broken.conf")
        with open(broken, "w", encoding="ascii") as file:
            file.write("[client]\nnonsense = 1\n")
        self.assertIn("sqrt", self.complete("functions", DCALC_CONFIG=broken))
        self.assertEqual(self.complete("names", DCALC_BROKER="ipc:///nowhere/at/all"), [])

    def test_nobody_waits_for_a_broker_that_is_not_there(self):
        # A broker that is slow would be waited for 10 s, as others do; a tenth is enough here.
        start = time.monotonic()
        self.complete("ids", "names", "workers", DCALC_BROKER="tcp://192.0.2.1:5555")
        self.assertLess(time.monotonic() - start, 8)

    def test_each_shell_has_a_script_whatever_is_configured(self):
        for shell in ("bash", "zsh", "fish"):
            result = run_client(["completion", shell], environment={"DCALC_WAIT": "soon"})
            self.assertEqual((result.code, result.err), (0, ""))
        result = run_client(["completion", "tcsh"])
        self.assertEqual(result.code, 64)
        self.assertIn("bash, zsh and fish", result.err)
        self.assertEqual(run_client(["completion"]).code, 64)


# What is typed before the cursor, then some of what must be offered and what must not.
OFFERS = [
    ("dcalc sta", ["status"], ["list"]),
    ("dcalc ", ["eval", "batch", "list", "config", "completion"], ["complete", "--help"]),
    ("dcalc --", ["--broker", "--timeout", "--version"], ["--template", "--check", "--lifeline"]),
    ("dcalc batch --te", ["--template"], ["--timeout"]),
    ("dcalc batch --", ["--template", "--reduce", "--broker"], ["--check", "--once"]),
    ("dcalc -o json batch --re", ["--reduce", "--retries"], ["--template"]),
    ("dcalc list --", ["--broker", "--output"], ["--template", "--timeout"]),
    ("dcalc --color ", ["auto", "always", "never"], ["list", "json"]),
    ("dcalc --progress j", ["json"], ["auto"]),
    ("dcalc batch --priority ", ["low", "normal", "high"], ["nightly"]),
    ("dcalc batch ro", ["rows.csv"], ["dcalc.conf"]),
    ("dcalc batch -t 'x' -O ro", ["rows.csv"], []),
    ("dcalc -c dc", ["dcalc.conf"], ["rows.csv"]),
    ("dcalc status ", ["b1", "b2", "last", "nightly"], ["two", "rows.csv"]),
    ("dcalc batch rows.csv --after n", ["nightly"], ["b1"]),
    ("dcalc -c dcalc.conf -P ", ["prod", "dev"], ["nightly"]),
    ("dcalc eval sq", ["sqrt"], ["sum"]),
    ("dcalc sq", ["sqrt"], ["sum"]),
    ("dcalc s", ["set", "status"], ["sqrt"]),
    ("dcalc batch rows.csv -t sq", ["sqrt"], ["sum"]),
    ("dcalc completion ", ["bash", "zsh", "fish"], ["rows.csv"]),
    ("dcalc help ex", ["examples", "expressions", "exit-codes"], ["functions"]),
    ("dcalc-client li", ["list"], ["status"]),
    ("dcalc-broker --he", ["--help", "--heartbeat"], ["--broker"]),
    ("dcalc-broker --log-level ", ["debug"], ["--help"]),
    ("dcalc-broker --data fo", ["folder"], ["rows.csv"]),
    ("dcalc-worker --sl", ["--slots"], ["--slot"]),
    ("dcalc-worker -j ", ["auto"], []),
]


class Shell(Case):
    shell = None

    def setUp(self):
        if not self.shell or not shutil.which(self.shell):
            self.skipTest(f"there is no {self.shell}")

    def offers(self, line):
        raise NotImplementedError

    def check_offers(self):
        for line, wanted, unwanted in OFFERS:
            offered = []

            def are_offered():
                offered[:] = self.offers(line)
                return set(wanted) <= set(offered)

            # What the broker knows is offered if it says so within 100 ms.
            wait_until(are_offered, f"{wanted} are offered behind '{line}'")
            for word in unwanted:
                self.assertNotIn(word, offered, line)

    def check_formulas(self, offers, *wanted, quoted=()):
        """The name that a formula ends in is completed: what is offered, and behind a quote too."""
        for line in ("dcalc 1+sq", "dcalc '1+sq", "dcalc eval 2 1+sq", "dcalc batch rows.csv -t '1+sq"):
            all_of_them = sorted([*wanted, *(quoted if "'" in line else ())])
            wait_until(lambda line=line, words=all_of_them: sorted(offers(line)) == words, line)


class Bash(Shell):
    shell = "bash"

    def test_formulas(self):
        # A single one would close the quote.
        self.check_formulas(lambda line: self.run_line(line.split(" ")), "1+sqrt", quoted=["1+sqrt("])

    def test_what_is_offered(self):
        self.check_offers()

    def run_line(self, words):
        """What is offered for the last of the words, as bash has parted them."""
        function = {"dcalc-broker": "_dcalc_broker", "dcalc-worker": "_dcalc_worker"}
        script = ('source <(dcalc completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  f'{function.get(words[0], "_dcalc")}; printf "%s\\n" "${{COMPREPLY[@]}}"')
        done = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], cwd=self.folder,
                              env=self.environment(), capture_output=True, text=True, timeout=30,
                              check=False)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def offers(self, line):
        return self.run_line(line.replace("'", "").split(" "))

    def test_bash_parts_words_at_signs(self):
        self.assertEqual(self.run_line(["dcalc", "--color", "=", "al"]), ["always"])
        self.assertEqual(self.run_line(["dcalc", "--color", "="]), ["auto", "always", "never"])
        self.assertEqual(self.run_line(["dcalc", "--color", "=", "never", "lis"]), ["list"])
        self.assertEqual(self.run_line(["dcalc", "-b", "tcp", ":", "//127.0.0.1", ":", "1", "lis"]),
                         ["list"])
        url = ["ipc", ":", self.cluster.frontend[len("ipc:"):]]
        wait_until(lambda: self.run_line(["dcalc", "--broker", "=", *url, "status", "n"]) == ["nightly"],
                   "the broker that the line names is asked")
        self.assertEqual(self.run_line(["dcalc", "-b", "ipc", ":", "///nowhere", "status", "n"]), [])


class Fish(Shell):
    shell = "fish"

    def test_formulas(self):
        self.check_formulas(self.offers, "1+sqrt")

    def test_what_is_offered(self):
        self.check_offers()

    def offers(self, line):
        done = subprocess.run(["fish", "--no-config", "-c",
                               "dcalc completion fish | source; complete -C $argv[1]", "--", line],
                              cwd=self.folder, env=self.environment(), capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.stderr, "")
        return [offer.split("\t")[0].rstrip("/") for offer in done.stdout.splitlines()]


class Zsh(Shell):
    shell = "zsh"

    def test_formulas(self):
        self.check_formulas(self.offers, "sqrt")

    def test_what_is_offered(self):
        self.check_offers()

    # Instead of showing what it would offer, zsh prints it, and where it has ended.
    SETUP = """\
autoload -U compinit; compinit -D
source <(dcalc completion zsh)
compadd() {
    local -a shown
    builtin compadd -O shown "$@"
    printf 'OFFER %s\\n' $shown
    builtin compadd "$@"
}
offers() { _main_complete; printf 'END\\n'; compstate[insert]=; compstate[list]= }
zle -C offers complete-word offers
bindkey '^I' offers
PS1= ; PS2=; unsetopt zle_bracketed_paste prompt_cr prompt_sp 2>/dev/null
print READY
"""

    def offers(self, line):
        with open(os.path.join(self.folder, "setup.zsh"), "w", encoding="ascii") as file:
            file.write(self.SETUP)
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {**self.environment(), "TERM": "dumb"})
        try:
            os.write(terminal, b"source ./setup.zsh\r")
            self.read_until(terminal, "READY\r")
            os.write(terminal, line.encode() + b"\t")
            text = self.read_until(terminal, "END\r")
        finally:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            os.close(terminal)
        return [at.split("OFFER ", 1)[1].strip().rstrip("/") for at in text.splitlines()
                if "OFFER " in at]

    def read_until(self, terminal, end):
        text = [""]

        def is_there():
            if select.select([terminal], [], [], 0.1)[0]:
                text[0] += os.read(terminal, 65536).decode("utf-8", "replace")
            return end in text[0]

        wait_until(is_there, f"zsh prints {end}")
        return text[0]


if __name__ == "__main__":
    unittest.main()
