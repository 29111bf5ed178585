"""The configuration file: where it is looked for, what it sets in all three programs, and what is
said of one that is wrong."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, clean_environment, program, run_client, wait_until  # noqa: E402

CONFIG = """\
; for all programs
[broker]
heartbeat = 2s

[worker]
slots = 3
name = ${WHERE:here}

[client]
digits = 3

[prod.client]
digits = 5

[prod]
log-level = debug
wait = 5s
"""


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dcalc-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = self.write(CONFIG)

    def write(self, text, name="dcalc.conf"):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_program(self, name, *arguments, **environment):
        return subprocess.run([program(name), *arguments], capture_output=True, text=True,
                              timeout=30, check=False, stdin=subprocess.DEVNULL,
                              env={**clean_environment(), **environment})

    def client(self, *arguments, code=0, **environment):
        result = run_client(arguments, environment=environment)
        self.assertEqual(result.code, code, result.err)
        return result


class Search(Case):
    def test_flag_then_variable_then_home(self):
        xdg = self.write("[client]\ndigits = 1\n", "xdg/dcalc/dcalc.conf")
        home = self.write("[client]\ndigits = 2\n", "home/.config/dcalc/dcalc.conf")
        places = {"DCALC_CONFIG": "", "XDG_CONFIG_HOME": os.path.join(self.folder, "xdg"),
                  "HOME": os.path.join(self.folder, "home")}
        self.assertEqual(self.client("-l1", "2/3", **places).out, "0.7\n")
        os.remove(xdg)
        self.assertEqual(self.client("-l1", "2/3", **{**places, "XDG_CONFIG_HOME": ""}).out, "0.67\n")
        self.assertEqual(self.client("-l1", "2/3", **{**places, "DCALC_CONFIG": self.path}).out,
                         "0.667\n")
        self.assertEqual(self.client("-l1", "2/3", "-c", home, DCALC_CONFIG=self.path).out, "0.67\n")
        self.assertEqual(self.client("-l1", "2/3", "-c", "none", **places).out,
                         "0.6666666666666666\n")

    def test_one_that_is_named_and_missing_is_told(self):
        missing = os.path.join(self.folder, "none.conf")
        self.assertEqual(self.client("1", "-c", missing, code=78).err,
                         f"{missing}: cannot read this configuration: No such file or directory\n")
        self.assertIn("Is a directory", self.client("1", DCALC_CONFIG=self.folder, code=78).err)


class Strength(Case):
    def test_flag_environment_profile_program(self):
        self.assertEqual(self.client("-l1", "2/3", "-c", self.path).out, "0.667\n")
        self.assertEqual(self.client("-l1", "2/3", "-c", self.path, "-P", "prod").out, "0.66667\n")
        given = {"DCALC_CONFIG": self.path, "DCALC_PROFILE": "prod", "DCALC_DIGITS": "2"}
        self.assertEqual(self.client("-l1", "2/3", **given).out, "0.67\n")
        self.assertEqual(self.client("-l1", "2/3", "-p", "1", **given).out, "0.7\n")

    def test_what_the_client_finds_wrong_itself_is_told_with_its_line(self):
        path = self.write("[client]\njobs = zz\nlet = k=3\nlet = k=4\n")
        result = self.client("-l1", "k+1", "-c", path, code=78)
        self.assertEqual(result.err, "dcalc: --let: 'k' is bound twice\n"
                                     "       --let is from dcalc.conf:3 [client]\n")
        result = self.client("results", "b1", code=78, DCALC_JOBS="zz")
        self.assertIn("\n       --jobs is from env DCALC_JOBS\n", result.err)
        self.assertNotIn("is from", self.client("results", "b1", "--jobs", "zz", code=64).err)

    def test_set_takes_no_priority_from_it(self):
        path = self.write("[client]\npriority = high\n")
        with Cluster() as cluster:
            cluster.run("batch", "-c", path, stdin="1\n")
            result = cluster.run("set", "last", "-c", path)
            self.assertEqual(result.code, 64)
            self.assertIn("--priority", result.err)


class Programs(Case):
    def test_settings_are_printed_with_their_origin(self):
        result = self.run_program("dcalc-worker", "--print-config", "-o", "json", "-j", "2",
                                  DCALC_CONFIG=self.path, DCALC_WORKER_DRAIN="1s")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        rows = {row["name"]: row for row in map(json.loads, result.stdout.splitlines())}
        self.assertEqual((rows["slots"]["value"], rows["slots"]["origin"]), ("2", "flag"))
        self.assertEqual(rows["name"], {"v": 1, "name": "name", "value": "here", "origin": "file",
                                        "file": self.path, "line": 7, "section": "worker"})
        self.assertEqual(rows["drain"]["variable"], "DCALC_WORKER_DRAIN")
        self.assertEqual(rows["reconnect"], {"v": 1, "name": "reconnect", "value": "32s",
                                             "origin": "default"})
        text = self.run_program("dcalc-broker", "--print-config", "-c", self.path, "-P", "prod")
        self.assertRegex(text.stdout, r"(?m)^heartbeat +2s +dcalc.conf:3 \[broker\]$")
        self.assertRegex(text.stdout, r"(?m)^log-level +debug +dcalc.conf:16 \[prod\]$")

    def test_all_of_a_file_is_checked(self):
        sound = self.run_program("dcalc-broker", "--check-config", "-c", self.path)
        self.assertEqual((sound.returncode, sound.stdout), (0, f"{self.path}: sound\n"))
        path = self.write("[dev.client]\nwait = soon\n[broker]\nfrontend = tcp://0.0.0.0:5999\n")
        for name in ("dcalc-broker", "dcalc-worker"):
            result = self.run_program(name, "--check-config", "-c", path)
            self.assertEqual(result.returncode, 78, result.stdout)
        self.assertIn(f"{path}:2: wait: 'soon' is not a duration", result.stderr)
        result = self.run_program("dcalc-broker", "-c", path)
        self.assertEqual(result.returncode, 78)
        self.assertIn(f"{path}:4: frontend: tcp://0.0.0.0:5999 can be reached from other machines",
                      result.stderr)

    def test_the_client_shows_and_checks_it_too(self):
        rows = self.client("config", "-c", self.path, "-P", "prod", "-o", "csv", "--wait", "2s").lines
        self.assertEqual(rows[0], "name,value,origin")
        self.assertIn("digits,5,dcalc.conf:13 [prod.client]", rows)
        self.assertIn("wait,2s,flag", rows)
        self.assertIn(f"config,{self.path},flag", rows)
        text = self.client("config", DCALC_CONFIG=self.path, DCALC_TIMEOUT="3s").out
        self.assertRegex(text, r"(?m)^timeout +3s +env DCALC_TIMEOUT$")
        self.assertRegex(text, r"(?m)^retries +3 +default$")
        self.assertEqual(self.client("config", "--check", "-c", self.path).out,
                         f"{self.path}: sound; profiles: prod\n")
        self.assertEqual(json.loads(self.client("config", "--check", "-c", self.path, "-o", "json").out),
                         {"v": 1, "file": self.path, "profiles": ["prod"]})
        self.assertEqual(self.client("config", "--check", "-c", "none").out,
                         "no configuration file: sound\n")
        path = self.write("[broker]\nheartbeat = soon\n[prod.worker]\nslots = ${NOT_SET_ANYWHERE}\n")
        self.assertIn(f"{path}:2: heartbeat: 'soon' is not a duration",
                      self.client("config", "--check", "-c", path, code=78).err)
        result = self.client("config", "-c", self.write("[client]\nwait = soon\n"), code=78)
        self.assertEqual(result.out, "")
        self.assertIn(":2: wait: 'soon'", result.err)
        self.assertEqual(self.client("config", "extra", code=64).out, "")

    def test_wrong_ones_do_not_start(self):
        path = self.write("[broker]\nhearbeat = 1s\n")
        for name in ("dcalc-broker", "dcalc-worker", "dcalc-client"):
            result = self.run_program(name, "-c", path)
            self.assertEqual(result.returncode, 78)
            self.assertEqual(result.stderr, f"{path}:2: unknown key 'hearbeat' in [broker]; did you "
                                            "mean 'heartbeat'?\n")
            for asked in ("--help", "--version"):
                self.assertEqual(self.run_program(name, "-c", path, asked).returncode, 0)

    def test_slots_have_the_workers_settings_whatever_becomes_of_the_file(self):
        with Cluster(workers=0) as cluster:
            path = cluster.write("dcalc.conf", f"[worker]\nbackend = {cluster.backend}\nslots = 2\n"
                                               "name = ${WHERE:here}\ntag = one\ntag = two\n")
            cluster.workers.append(subprocess.Popen(
                [program("dcalc-worker"), "-c", path], stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={**clean_environment(), "WHERE": "there"}))
            cluster.wait_for_slots(2)
            os.remove(path)

            def workers():
                lines = cluster.run("workers", "-o", "json").lines
                return [json.loads(line) for line in lines]

            self.assertIn("there", json.dumps(workers()))
            self.assertEqual(cluster.run("batch", "--tag", "two", stdin="6*7\n").out, "42\n")
            pid = cluster.workers[0].pid

            def slots():
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                    return file.read().split()

            first = slots()[0]
            os.kill(int(first), 9)
            wait_until(lambda: len(slots()) == 2 and first not in slots(), "another slot is started")
            cluster.wait_for_slots(2)
            self.assertEqual(cluster.run("batch", "--tag", "two", stdin="6*7\n").out, "42\n")

    def test_a_private_cluster_is_not_configured(self):
        path = self.write("[broker]\nrate = 1\n[worker]\nbackend = tcp://127.0.0.1:1\n"
                          "[client]\ndigits = 3\n")
        self.assertEqual(self.client("-l1", "-c", path, "1/3", "2/3").out, "0.333\n0.667\n")


if __name__ == "__main__":
    unittest.main()
