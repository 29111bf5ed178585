"""What `make install` puts where, and what a stranger can build on it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, PATIENCE, Cluster, clean_environment  # noqa: E402

KIND = os.environ.get("DCALC_KIND", "release")
CC = shlex.split(os.environ.get("CC", "cc"))
STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror"]


def run(*command, **options):
    """Run a command that has to succeed, and return what it printed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=4 * PATIENCE, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make(*arguments):
    """Run make as the one that runs this test was, so that what is built need not be built anew."""
    flags = os.environ.get("MAKEFLAGS", "")
    given = [word for word in shlex.split(flags.partition("-- ")[2])
             if word.startswith(("DEV=", "CC=", "CFLAGS=", "LDFLAGS="))]
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR", "PREFIX")}
    run("make", "--silent", f"BUILD={KIND}", f"OUT={os.path.relpath(BIN)}", *given, *arguments, env=environment)


def files_below(folder):
    return sorted(os.path.relpath(os.path.join(place, name), folder)
                  for place, _, names in os.walk(folder) for name in names)


@unittest.skipIf(KIND != "release", "what is installed is the release build")
class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="dcalc-install-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = os.path.join(cls.folder, "prefix")
        make("install", f"PREFIX={cls.prefix}")
        cls.environment = {**clean_environment(),
                           "PKG_CONFIG_PATH": os.path.join(cls.prefix, "lib/pkgconfig")}

    def installed(self, *path):
        return os.path.join(self.prefix, *path)

    def pkg_config(self, *arguments):
        return shlex.split(run("pkg-config", *arguments, "dcalc", env=self.environment))

    def compile_example(self, name, *flags):
        """Compile one of the installed examples as its head says."""
        program = os.path.join(self.folder, name + "-example")
        source = self.installed("share/doc/dcalc/examples", name + ".c")
        run(*CC, "-std=c99", "-D_POSIX_C_SOURCE=200809L", *STRICT, "-o", program, source, *flags,
            env=self.environment)
        return program

    def needed(self, file):
        """The names of the shared libraries that a file is linked to."""
        return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-dW", file))

    def names_shown(self, *nm):
        """The functions that a library lets others see."""
        lines = run("nm", "--defined-only", *nm).splitlines()
        return sorted(re.sub(r"@@.*", "", line.split()[2]) for line in lines
                      if len(line.split()) == 3 and line.split()[1] != "A")

    def names_declared(self):
        with open(self.installed("include/dcalc.h"), encoding="utf-8") as header:
            return sorted(re.findall(r"^(?!static)\w[\w *]*?\b(dcalc_\w+)\(", header.read(), re.MULTILINE))

    # --- what is where -------------------------------------------------------------------------

    def test_destdir_stands_before_everything_and_uninstall_leaves_nothing(self):
        root = os.path.join(self.folder, "root")
        make("install", f"DESTDIR={root}", "PREFIX=/opt/dcalc", "bindir=/opt/bin")
        found = files_below(root)
        for name in ("opt/bin/dcalc", "opt/bin/dcalc-client", "opt/bin/dcalc-broker", "opt/bin/dcalc-worker",
                     "opt/dcalc/include/dcalc.h", "opt/dcalc/lib/libdcalc.a", "opt/dcalc/lib/libdcalc.so",
                     "opt/dcalc/lib/libdcalc.so.1", "opt/dcalc/lib/pkgconfig/dcalc.pc",
                     "opt/dcalc/share/doc/dcalc/examples/eval.c", "opt/dcalc/lib/systemd/system/dcalc-broker.service",
                     "opt/dcalc/share/bash-completion/completions/dcalc-client",
                     "opt/dcalc/share/zsh/site-functions/_dcalc",
                     "opt/dcalc/share/fish/vendor_completions.d/dcalc.fish",
                     "opt/dcalc/share/man/man1/dcalc-client.1", "opt/dcalc/share/man/man5/dcalc.conf.5",
                     "opt/dcalc/share/man/man7/dcalc.7", "opt/dcalc/share/man/man7/dcalc-expressions.7",
                     "opt/dcalc/share/man/man8/dcalc-broker.8", "opt/dcalc/share/man/man8/dcalc-worker.8"):
            self.assertIn(name, found)
        self.assertTrue(all(name.startswith(("opt/dcalc/", "opt/bin/")) for name in found), found)
        self.assertEqual(os.readlink(os.path.join(root, "opt/bin/dcalc")), "dcalc-client")
        for name in found:
            path = os.path.join(root, name)
            with open(path, "rb") as file:
                head = file.read(1 << 16) if not path.endswith((".so.1.0", ".a")) else b""
            if not head.startswith(b"\x7fELF"):
                self.assertNotIn(root.encode(), head, name)
        with open(os.path.join(root, "opt/dcalc/lib/systemd/system/dcalc-worker.service"), encoding="utf-8") as unit:
            self.assertIn("\nExecStart=/opt/bin/dcalc-worker\n", unit.read())
        make("uninstall", f"DESTDIR={root}", "PREFIX=/opt/dcalc", "bindir=/opt/bin")
        self.assertEqual(files_below(root), [])
        self.assertFalse(os.path.exists(os.path.join(root, "opt/dcalc/share/doc/dcalc")))

    def test_installed_programs_find_each_other(self):
        self.assertEqual(run(self.installed("bin/dcalc"), "--local=1", "6*7", env=clean_environment()), "42\n")

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_man_finds_the_pages(self):
        pages = self.installed("share/man")
        for name, path in [("dcalc", "man7/dcalc.7"), ("dcalc-client", "man1/dcalc-client.1"),
                           ("dcalc.conf", "man5/dcalc.conf.5"), ("dcalc-broker", "man8/dcalc-broker.8")]:
            self.assertEqual(run("man", "--manpath", pages, "--where", name), os.path.join(pages, path) + "\n")

    # --- the library ---------------------------------------------------------------------------

    def test_versions_agree(self):
        version = run(self.installed("bin/dcalc"), "--version").split()[1]
        self.assertEqual(self.pkg_config("--modversion"), [version])
        soname = re.search(r"\(SONAME\).*\[(.*)\]", run("readelf", "-dW", self.installed("lib/libdcalc.so")))
        self.assertEqual(soname.group(1), "libdcalc.so." + version.split(".", maxsplit=1)[0])
        self.assertTrue(os.path.exists(self.installed("lib", soname.group(1))))

    def test_both_kinds_show_what_the_header_declares_and_nothing_else(self):
        declared = self.names_declared()
        self.assertIn("dcalc_eval", declared)
        self.assertIn("dcalc_batch_options_init", declared)
        self.assertEqual(self.names_shown("-D", self.installed("lib/libdcalc.so")), declared)
        self.assertEqual(self.names_shown("--extern-only", self.installed("lib/libdcalc.a")), declared)

    def test_the_shared_one_needs_no_more_than_it_uses(self):
        for library in self.needed(self.installed("lib/libdcalc.so")):
            self.assertNotRegex(library, "sleef|seccomp|sqlite|ncurses")

    def test_the_header_is_cplusplus_too(self):
        compiler = shutil.which("g++")
        if not compiler:
            self.skipTest("there is no g++")
        source = os.path.join(self.folder, "use.cc")
        with open(source, "w", encoding="utf-8") as file:
            file.write("#include <dcalc.h>\n"
                       "#include <cstdio>\n"
                       "int main()\n"
                       "{\n"
                       "    dcalc_batch_options_t options = dcalc_batch_options_default();\n"
                       "    options.priority = 3;\n"
                       "    std::printf(\"%s %d\\n\", dcalc_version(), int(options.retries));\n"
                       "}\n")
        program = os.path.join(self.folder, "use")
        run(compiler, "-std=c++11", *STRICT, "-o", program, source, *self.pkg_config("--cflags", "--libs"))
        self.assertEqual(run(program, env={"LD_LIBRARY_PATH": self.installed("lib")}), "1.0 3\n")

    def test_a_program_on_the_shared_library(self):
        program = self.compile_example("eval", *self.pkg_config("--cflags", "--libs"))
        self.assertIn("libdcalc.so.1", self.needed(program))
        self.check_eval(program, {**clean_environment(), "LD_LIBRARY_PATH": self.installed("lib")})

    def test_a_program_on_the_static_library(self):
        flags = self.pkg_config("--cflags", "--static", "--libs")
        flags = ["-l:libdcalc.a" if flag == "-ldcalc" else flag for flag in flags]
        program = self.compile_example("eval", *flags)
        self.assertNotIn("libdcalc.so.1", self.needed(program))
        self.check_eval(program, clean_environment())

    def check_eval(self, program, environment):
        with Cluster(slots=1) as cluster:
            self.assertEqual(run(program, "2+3*4", cluster.frontend, env=environment), "14\n")
            failed = subprocess.run([program, "1/(2-2)", cluster.frontend], env=environment, check=False,
                                    capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((failed.returncode, failed.stdout), (1, ""))
            self.assertRegex(failed.stderr, "^eval: divide-by-zero: .+\n$")

    def test_a_program_that_sends_many(self):
        program = self.compile_example("batch", *self.pkg_config("--cflags", "--libs"))
        jobs = 50000  # more than the broker gives credit for at once, and the last has no newline
        with Cluster(slots=2) as cluster:
            printed = run(program, cluster.frontend, input="\n".join(f"{i}*2" for i in range(jobs)),
                          env={**clean_environment(), "LD_LIBRARY_PATH": self.installed("lib")})
        rows = sorted((int(row), value) for row, value in (line.split("\t") for line in printed.splitlines()))
        self.assertEqual(rows, [(i + 1, str(2 * i)) for i in range(jobs)])

    def test_a_program_that_sends_many_tells_that_one_has_failed(self):
        program = self.compile_example("batch", *self.pkg_config("--cflags", "--libs"))
        with Cluster(slots=1) as cluster:
            done = subprocess.run([program, cluster.frontend], input="6*7\n1/0\n'error: none'\n", check=False,
                                  capture_output=True, text=True, timeout=PATIENCE,
                                  env={**clean_environment(), "LD_LIBRARY_PATH": self.installed("lib")})
            self.assertEqual((done.stderr, done.returncode), ("", 1))
            self.assertEqual(sorted(done.stdout.splitlines()),
                             ["1\t42", "2\terror: divide-by-zero", "3\t\"error: none\""])


if __name__ == "__main__":
    unittest.main()
