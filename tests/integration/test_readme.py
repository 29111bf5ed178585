"""What the README shows is what happens."""

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, Cluster, clean_environment  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
    README = file.read()


class Readme(unittest.TestCase):
    def test_three_lines_of_python_are_a_client(self):
        code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
        self.assertEqual(len(code.strip().splitlines()), 3)
        with Cluster(tcp=True) as cluster:
            code = code.replace("tcp://127.0.0.1:5555", cluster.frontend)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                scope = {}
                exec(code, scope)  # noqa: S102
            scope["dcalc"].close(linger=0)
            scope["zmq"].Context.destroy(scope["dcalc"].context)
        self.assertEqual(output.getvalue(), "16\n")

    def test_local_sessions_print_what_is_shown(self):
        blocks = re.findall(r"^```\w*\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
        local = "".join(block for block in blocks if "--local" in block or "--explain" in block)
        sessions = re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", local, re.MULTILINE)
        self.assertEqual(len(sessions), 11)
        sheet, = (block for block in blocks if block.startswith("# bill.sheet\n"))
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "bill.sheet"), "w", encoding="utf-8") as bill:
                bill.write(sheet)
            for command, expected in sessions:
                environment = {**clean_environment(), "PATH": f"{BIN}:{os.environ['PATH']}"}
                done = subprocess.run(command, shell=True, env=environment, timeout=60, check=True,
                                      cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
                self.assertEqual(done.stdout.decode(), expected, command)


if __name__ == "__main__":
    unittest.main()
