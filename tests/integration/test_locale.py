"""In every locale the same text means the same, and the same is printed: numbers have points, and letters
are those of ASCII wherever the language says so. German numbers have commas; in Turkish the small letter
of I is not i."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, run_client, wait_until  # noqa: E402

LOCALES = ("de_DE.UTF-8", "tr_TR.UTF-8")

# What the C library says there of 1.5 and of I: so that a locale which is not there does not pass.
PROBE = ("import ctypes, locale; locale.setlocale(locale.LC_ALL, ''); libc = ctypes.CDLL(None); "
         "text = ctypes.create_string_buffer(9); libc.snprintf(text, 9, b'%.1f', ctypes.c_double(1.5)); "
         "print(text.value.decode(), libc.towlower(ord('I')))")

folder, clusters = None, {}


def environment(name):
    """Of the locale, and how a program asks for it; the plain one has none of its own."""
    if name == "C.UTF-8":
        return {"LC_ALL": name}
    return {"LC_ALL": name, "LANG": name, "LANGUAGE": name[:2], "LOCPATH": folder}


def setUpModule():
    global folder
    folder = tempfile.mkdtemp(prefix="dcalc-locale-")
    for name in LOCALES:
        # It warns of what a newer definition would have, and then ends with 1.
        done = subprocess.run(["localedef", "-c", "-i", name.partition(".")[0], "-f", "UTF-8",
                               os.path.join(folder, name)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        assert os.path.exists(os.path.join(folder, name, "LC_NUMERIC")), done.stdout
    for name in ("C.UTF-8", *LOCALES):
        clusters[name] = Cluster(workers=1, slots=1, keeps=True, environment=environment(name))
        clusters[name].__enter__()


def tearDownModule():
    for cluster in clusters.values():
        cluster.__exit__()
    shutil.rmtree(folder, ignore_errors=True)


class Case(unittest.TestCase):
    maxDiff = None

    def without_chance(self, text, cluster):
        """What a program says, without the time that it took, and how many were before it."""
        text = re.sub(r"in [0-9.]+ s( \(\S+/s\))?, ", "in TIME, ", text.replace(cluster.folder, ""))
        return re.sub(r"\bb\d+\b", "bN", text)

    def same(self, *arguments, code=0, content=None, **options):
        """Run it in each locale, on a cluster that has it too. Returns what came out of all of them."""
        said = {}
        for name, cluster in clusters.items():
            words = [cluster.write("input", content) if word == "FILE" else word for word in arguments]
            result = cluster.run(*words, **options)
            self.assertEqual(result.code, code, (arguments, result.err))
            said[name] = [self.without_chance(text, cluster) for text in (result.out, result.err)]
        for name in LOCALES:
            self.assertEqual(said[name], said["C.UTF-8"], (name, arguments))
        return said["C.UTF-8"]


class There(Case):
    def test_the_locales_are_what_they_are_called(self):
        told = [subprocess.run([sys.executable, "-c", PROBE], stdout=subprocess.PIPE, check=True, text=True,
                               env={**os.environ, **environment(name)}).stdout.split()
                for name in ("C.UTF-8", *LOCALES)]
        self.assertEqual(told, [["1.5", str(ord("i"))], ["1,5", str(ord("i"))], ["1,5", str(ord("ı"))]])


class Computing(Case):
    def test_numbers(self):
        out, _ = self.same("1/8", "1.5e3 + .25", "1e-9/3", "2^0.5", "1_000.5", "0x1F", "1/3", "1e21", "pi")
        self.assertTrue(out.startswith("0.125\n1500.25\n"))
        self.same("2/3", "1e7/3", "-p", "4")
        self.same("1/0", "-1/0", "0/0", "--ieee")
        self.same("x*2", "--let", "x=1.5", "--timeout", "1500ms")
        self.same("1,5", "1,5 + 1", "max(1,5)", code=1)

    def test_letters(self):
        self.same("'I' < 'i'", "'ı' < 'İ'", "TITLE + {ınput İ}", "--let", "TITLE=1", "--let", "{ınput İ}=2")
        self.same("SIN(1)", "PI*2", "IF(1<2,1,2)", "TRUE and FALSE", "1 IN 2", code=1)
        self.same("sqroot(2)", "mın(1,2)", code=1)

    def test_rows(self):
        content = "id,price,ok,note\n1,1.5,true,a\n2,\"1,5\",false,b\n3,.5,TRUE,c\n4,1e-3,true,İ\n"
        for format in ("csv", "tsv", "json", "text"):
            self.same("batch", "FILE", "--from", "csv", "-t", "ok ? price*1.25 : note == 'b' ? 0 : 1", "-o", format,
                      content=content, code=1)
        self.same("batch", "-r", "x=0:1:0.25", "-t", "x/3", "-o", "csv")
        self.same("batch", "-r", "x=0:1:0.25", "-t", "x/3", "--reduce", "mean", "-o", "json")
        self.same("batch", "FILE", "--from", "jsonl", "-t", "x+0.5", content='{"x":1.5}\n{"x":"1,5"}\n{"x":1,5}\n',
                  code=1)
        self.same("batch", "FILE", "--from", "sheet", content="b = a*1.5\na = 2.5\nI = b/4\ni = I\n")
        self.same("batch", "FILE", "--from", "tsv", "-t", "a*1", content="a\n1,5\n1.5\n", code=1)

    def test_what_is_said_before_anything_is_sent(self):
        self.same("sum(1/k, k, 1, 1e6)", "--explain", "-o", "json")
        self.same("sum(1/k, k, 1, 1e6)*1.5", "--explain")
        self.same("1+1", "--wait", "1,5s", code=64)
        self.same("1+1", "--wait", "1h30m")
        self.same("1+1", "-p", "1,5", code=64)
        self.same("1+1", "--let", "x=1,5", code=64)
        self.same("info", code=64)

    def test_a_private_cluster(self):
        for name in LOCALES:
            result = run_client(["-l1", "1/8", "1.5e3+.25"], environment=environment(name))
            self.assertEqual((result.out, result.err, result.code), ('0.125\n1500.25\n', "", 0), name)


class Looking(Case):
    """Numbers that differ from run to run: at least they are numbers."""

    def test_settings(self):
        content = "[client]\nwait = 1m30s\ndigits = 3\n"
        for format in ("text", "json", "csv"):
            shown = {}
            for name, cluster in clusters.items():
                result = cluster.run("config", "-o", format, environment={
                    "DCALC_CONFIG": cluster.write("dcalc.conf", content)})
                self.assertEqual(result.code, 0, result.err)
                shown[name] = result.out.replace(cluster.folder, "")
            self.assertEqual(len(set(shown.values())), 1, shown)

    def test_a_cluster(self):
        for name, cluster in clusters.items():
            self.assertEqual(cluster.run("batch", "-d", "-r", "x=1:9", "-t", "x/3", "--name", "kept").code, 0)
            self.assertEqual(cluster.run("results", "kept", "-p", "2").lines[0], "0.33")
            # A slot has told of its load, which is none of the whole numbers.
            wait_until(lambda: re.search(r'"load":\d+\.\d', cluster.run("workers", "-o", "json").out),
                       "a slot tells of its load")
            for arguments in (["list"], ["status", "kept"], ["workers"], ["ping"], ["top", "--once"],
                              ["list", "-o", "json"], ["workers", "-o", "json"], ["top", "-o", "json"],
                              ["ping", "-o", "json"], ["bench", "--seconds", "1"]):
                result = cluster.run(*arguments)
                self.assertEqual(result.code, 0, result.err)
                if "json" in arguments:
                    self.assertNotRegex(result.out, r'":-?\d+,\d', (name, arguments))
                else:
                    # Thousands are parted by commas, in every locale.
                    self.assertNotRegex(result.out, r"\d,(?!\d{3}(\D|$))\d|\d\.\d{3}\.\d", (name, arguments))
            for format in ("csv", "tsv"):
                heads = cluster.run("workers", "-o", format).lines
                part = "," if format == "csv" else "\t"
                self.assertEqual(len(set(line.count(part) for line in heads)), 1, heads)
            _, answer = cluster.run("ping", "-o", "csv").lines
            self.assertRegex(answer.split(",")[4], r"^\d+\.\d{3}$", name)


if __name__ == "__main__":
    unittest.main()
