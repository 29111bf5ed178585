"""The examples of README, manual and help are run, and print what is shown."""

import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, run_client  # noqa: E402
from document import EXCUSES, ROOT, Output, blocks_of  # noqa: E402
from terminal import Terminal  # noqa: E402

README = os.path.join(ROOT, "README.md")
PAGES = sorted(glob.glob(os.path.join(ROOT, "*/man/*.[1578]")))

# How many examples of all documents may go without a test.
EXCUSED_MAX = 6

# What the examples of help work on.
FILES = {"sales.csv": "qty,price\n2,3\n", "measurements.txt": "1+1\n", "loans.csv": "amount,rate\n1000,0.05\n",
         "points.jsonl": '{"x":3,"y":4}\n', "bill.sheet": "net = 2*tax\ntax = 3\n", "big.txt": "1+1\n",
         "nightly.csv": "f\n1\n", "huge.csv": "f\n1\n"}


# They are texts to be compared; what sanitizers see of the programs they see in all the other tests.
@unittest.skipIf(os.environ.get("DCALC_KIND", "release") != "release", "the release build is what is documented")
class Examples(unittest.TestCase):
    def follow(self, path):
        """Type all of a document's examples, in one terminal, and compare."""
        count, shown = 0, Output()
        with Terminal() as terminal:
            for block in blocks_of(path):
                if block.file:
                    terminal.write(block.file, block.text)
                if block.file or block.excuse or block.is_picture or block.is_prompt:
                    continue
                for command, expected in block.commands():
                    output = terminal.run(shown.command(command))
                    count += 1
                    if not shown.matches(expected, block.varying, output):
                        self.fail(f"{os.path.relpath(path, ROOT)}:{block.number}: $ {command}\n--- is said to print\n"
                                  + "".join(line + "\n" for line in expected) + f"--- and prints\n{output}")
        return count

    def test_readme(self):
        self.assertGreater(self.follow(README), 40)

    def test_manual(self):
        self.assertGreaterEqual(len(PAGES), 6)
        for page in PAGES:
            with self.subTest(page=os.path.basename(page)):
                self.assertGreater(self.follow(page), 4)

    def test_help(self):
        commands = re.findall(r"(?m)^  (.*)$", run_client(["help", "examples"]).out)
        self.assertGreater(len(commands), 15)
        with Terminal() as terminal:
            terminal.run("dcalc-broker & dcalc-worker -j2 & dcalc ping --wait 30s")
            for name, text in FILES.items():
                terminal.write(name, text)
            waits = terminal.run("dcalc batch -d -r n=1:2 -t n --tag nobody -q").strip()
            for command in commands:
                command = command.replace("b17", waits).replace(" | jq .value", "")
                self.assertRegex(terminal.run(f"{command}\necho exit $?"), r"(?m)^exit 0\n\Z", command)


class Marks(unittest.TestCase):
    def test_three_lines_of_python_are_a_client(self):
        client, = (block for block in blocks_of(README) if block.file == "three.py")
        self.assertEqual(len(client.lines), 3)

    def test_few_examples_are_not_run_and_for_want_of_what_no_test_has(self):
        excused = [(path, block) for path in (README, *PAGES) for block in blocks_of(path) if block.excuse]
        for path, block in excused:
            self.assertTrue(block.excuse.startswith(EXCUSES), f"{path}:{block.number}: {block.excuse}")
        self.assertLessEqual(len(excused), EXCUSED_MAX)

    def test_what_is_promised_is_tested_where_the_readme_says(self):
        with open(README, encoding="utf-8") as file:
            table = re.search(r"\| tested in \|\n\|---.*\n((?:\|.*\n)+)", file.read()).group(1)
        for row in table.splitlines():
            places = re.findall(r"`([^`]+)`", row.split("|")[-2])
            self.assertTrue(places, row)
            for place in places:
                found = glob.glob(os.path.join(ROOT, place)) if "/" in place else \
                    glob.glob(os.path.join(ROOT, "tests/integration", f"test_{place}.*")) + \
                    glob.glob(os.path.join(ROOT, "tests/unit", f"test_{place}.c"))
                self.assertTrue(found, place)

    def test_limits_are_what_the_readme_says(self):
        with open(README, encoding="utf-8") as file:
            told = file.read().partition("\n## Limits\n")[2].partition("\n## ")[0]
        with open(os.path.join(ROOT, "common/limits.h"), encoding="utf-8") as file:
            limits = file.read()
        for text, name, value in [("an expression | 64 KiB", "EXPR_BYTES_MAX", 64 << 10),
                                  ("1000 parentheses inside", "EXPR_DEPTH_MAX", 1000),
                                  ("16 reductions inside", "EXPR_REDUCTIONS_MAX", 16),
                                  ("10^11 steps", "STEPS_MAX", 10 ** 11),
                                  ("30 s (`--timeout`)", "JOB_TIMEOUT_MS", 30000),
                                  ("a row of 256 KiB", "RECORD_BYTES_MAX", 256 << 10),
                                  ("1 GiB (`--max-batch`)", "BATCH_BYTES_MAX", 1 << 30),
                                  ("a million batches", "STORED_BATCHES_MAX", 10 ** 6),
                                  ("65,536 lines, 1 MiB", "FRAME_BYTES_MAX", 1 << 20),
                                  ("10,000 connections", "CONNECTIONS_MAX", 10000)]:
            self.assertIn(text, told)
            number = re.search(rf"#define DC_{name} +(.*)", limits).group(1)
            number = re.sub(r"UINT64_C\((\d+)\)|(\d)u\b", r"\1\2", number)
            self.assertEqual(eval(number), value, name)  # noqa: S307

    @unittest.skipUnless(shutil.which("dpkg-query") and os.environ.get("DCALC_KIND", "release") == "release",
                         "this is no Debian")
    def test_a_host_needs_the_packages_that_the_readme_installs_there(self):
        with open(README, encoding="utf-8") as file:
            told = set(re.search(r"apt-get install (.*)", file.read()).group(1).split())
        linked = subprocess.run(["readelf", "-dW", os.path.join(BIN, "dcalc-worker")], capture_output=True, text=True,
                                check=True).stdout
        needed = set()
        for library in re.findall(r"\(NEEDED\).*\[(.*)\]", linked):
            owners = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True,
                                    check=True).stdout
            owners = {line.partition(":")[0] for line in owners.splitlines()}
            self.assertTrue(owners & (told | {"libc6"}), library)
            needed |= owners & told
        self.assertEqual(needed, told)

    @unittest.skipUnless(shutil.which("mandoc"), "there is no mandoc")
    def test_pages_show_examples_as_they_are_typed(self):
        for path in PAGES:
            page = os.path.join(BIN, "man", os.path.basename(path))
            shown = subprocess.run(["mandoc", "-Tutf8", "-Owidth=200", page], capture_output=True, text=True, check=True,
                                   timeout=30).stdout
            lines = {line.strip() for line in re.sub(".\b", "", shown).splitlines()}
            for block in blocks_of(path):
                self.assertEqual([line for line in block.lines if line.strip() not in lines], [], path)

    def test_what_is_shown_is_compared(self):
        for lines, varying, output, agrees in [
                (["ok  0.2 ms", "3 jobs (1.5k/s)"], [], "ok  12.3 s\n3 jobs (20M/s)\n", True),
                (["ok  0.2 ms"], [], "ko  0.2 ms\n", False),
                (["3 jobs"], [], "4 jobs\n", False),
                (["3 jobs"], [], "3 jobs\nand more\n", False),
                (["pid 4711"], ["4711"], "pid 12\n", True),
                (["a", "...", "z"], [], "a\nb\nc\nz\n", True),
                (["a", "...", "z"], [], "a\nb\nc\n", False),
                (["b17 of b18, b17"], [], "b3 of b4, b3\n", True),
                (["b17 of b18, b17"], [], "b3 of b4, b4\n", False)]:
            with self.subTest(lines=lines, output=output):
                self.assertEqual(Output().matches(lines, varying, output), agrees)

    def test_a_batch_is_the_same_everywhere(self):
        shown = Output()
        self.assertTrue(shown.matches(["b17"], [], "b3\n"))
        self.assertEqual(shown.command("dcalc delete b17 b18"), "dcalc delete b3 b18")
        self.assertFalse(shown.matches(["b17: deleted"], [], "b4: deleted\n"))


if __name__ == "__main__":
    unittest.main()
