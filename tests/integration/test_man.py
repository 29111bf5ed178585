"""The manual pages: they know each option and variable that the programs know, and are well-formed."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, clean_environment, program, run_client  # noqa: E402

PAGES = {"dcalc-client": "dcalc-client.1", "dcalc-broker": "dcalc-broker.8",
         "dcalc-worker": "dcalc-worker.8"}
ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
ALL_PAGES = sorted(os.path.basename(path) for path in glob.glob(os.path.join(ROOT, "*/man/*.[1578]")))


def page_of(name):
    with open(os.path.join(BIN, "man", PAGES.get(name, name)), encoding="utf-8") as file:
        return file.read()


def output_of(name, *arguments):
    done = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=True,
                          timeout=30, env=clean_environment(), stdin=subprocess.DEVNULL)
    return done.stdout


class Pages(unittest.TestCase):
    def test_each_option_that_help_shows_is_in_the_page(self):
        for name in PAGES:
            text = output_of(name, "--help")
            if name == "dcalc-client":
                for command in re.findall(r"(?m)^  ([a-z]+) ", output_of(name, "help", "commands")):
                    text += output_of(name, command, "--help")
            shown = set(re.findall(r"(?m)^  (?:-.,|   ) --([a-z-]+)", text))
            self.assertGreater(len(shown), 10)
            told = set(re.findall(r"(?m)^\.It (?:Fl . , )?Fl \\-([a-z-]+)", page_of(name)))
            self.assertEqual(shown, told, name)

    def test_each_setting_is_a_variable_in_the_page(self):
        asks = {"dcalc-client": ["config", "-o", "json"], "dcalc-broker": ["--print-config", "-o", "json"],
                "dcalc-worker": ["--print-config", "-o", "json"]}
        for name, arguments in asks.items():
            settings = [json.loads(line)["name"] for line in output_of(name, *arguments).splitlines()]
            page = page_of(name)
            self.assertEqual(settings, re.findall(r"(?m)^\.It Ev DCALC_\w+\n\.Fl \\-([a-z-]+)$", page))
            for setting in settings:
                variable = setting.upper().replace("-", "_")
                self.assertRegex(page, rf"(?m)^\.It Ev DCALC_(BROKER_|WORKER_)?{variable}$")

    def test_each_setting_is_a_key_of_its_section(self):
        sections = page_of("dcalc.conf.5").split(".Sh KEYS OF ")[1:]
        self.assertEqual(len(sections), 3)
        for name, arguments in {"dcalc-broker": ["--print-config", "-o", "json"],
                                "dcalc-worker": ["--print-config", "-o", "json"],
                                "dcalc-client": ["config", "-o", "json"]}.items():
            section, = (text for text in sections if text.startswith(f"[{name[6:]}]\n"))
            settings = [json.loads(line)["name"] for line in output_of(name, *arguments).splitlines()]
            keys = re.findall(r"(?m)^\.It Cm ([a-z-]+) = Ar ", section)
            self.assertEqual([setting for setting in settings if setting not in ("config", "profile")], keys)

    def test_each_variable_that_is_read_is_told(self):
        told = set()
        for page in ALL_PAGES:
            for line in re.findall(r"(?m)^\.(?:It )?Ev (.*)", page_of(page)):
                told.update(re.findall(r"\w+", line))
        read = set()
        for room in ("broker", "worker", "client", "common"):
            for path in glob.glob(os.path.join(ROOT, room, "**", "*.c"), recursive=True):
                with open(path, encoding="utf-8") as file:
                    read.update(re.findall(r'getenv\("(\w+)"\)', file.read()))
        self.assertIn("NOTIFY_SOCKET", read)
        self.assertEqual(read - told - {"PATH"}, set())

    def test_each_function_is_told(self):
        names = run_client(["complete", "functions"]).out.split()
        self.assertGreater(len(names), 60)
        told = re.findall(r'(?m)^\.It Sy "(\w+)\(', page_of("dcalc-expressions.7"))
        self.assertEqual(sorted(told), sorted(names))

    def test_the_example_of_a_configuration_is_sound(self):
        example = "".join(line[2:] + "\n" for line in output_of("dcalc-client", "help", "configuration").splitlines()
                          if line.startswith("  "))
        with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
            file.write(example)
            file.flush()
            checked = run_client(["config", "--check", "-c", file.name])
        self.assertEqual((checked.code, checked.err), (0, ""))

    def test_each_command_is_in_the_page(self):
        commands = re.findall(r"(?m)^  ([a-z]+) ", run_client(["help", "commands"]).out)
        self.assertEqual(commands, re.findall(r"(?m)^\.It Cm ([a-z]+)", page_of("dcalc-client")))

    def test_each_signal_that_help_names_is_in_the_page(self):
        for name in ("dcalc-broker", "dcalc-worker"):
            named = set(re.findall(r"SIG[A-Z0-9]+", output_of(name, "--help")))
            self.assertIn("SIGTERM", named)
            self.assertEqual(named - set(re.findall(r"SIG[A-Z0-9]+", page_of(name))), set(), name)

    def test_settings_that_change_while_the_broker_runs_are_told(self):
        with open(os.path.join(ROOT, "broker/reload.h"), encoding="utf-8") as file:
            change = set(re.findall(r"--([a-z-]+)", file.read().partition("#ifndef")[0]))
        self.assertGreater(len(change), 5)
        signals = page_of("dcalc-broker").partition("SIGHUP has it")[2].partition("SIGUSR1")[0]
        self.assertEqual(set(re.findall(r"\\-([a-z-]+)", signals)), change)

    def test_pages_that_are_named_are_there(self):
        for page in ALL_PAGES:
            for name, section in re.findall(r"(?m)^\.Xr (dcalc\S*) (\d)", page_of(page)):
                self.assertIn(f"{name}.{section}", ALL_PAGES, page)

    def test_mandoc_finds_nothing(self):
        if not shutil.which("mandoc"):
            self.skipTest("there is no mandoc")
        for page in ALL_PAGES:
            done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", os.path.join(BIN, "man", page)],
                                  capture_output=True, text=True, check=False, timeout=30)
            self.assertEqual((done.stdout, done.returncode), ("", 0), page)

    def test_what_is_no_part_is_told(self):
        done = subprocess.run([program("man-parts")], input='.\\" @options nobody@\n', text=True,
                              capture_output=True, check=False, timeout=30)
        self.assertEqual((done.returncode, done.stdout), (65, ""))
        self.assertIn("no such part", done.stderr)


if __name__ == "__main__":
    unittest.main()
