"""Documents and the examples in them: README.md, and manual pages in mdoc(7).

An example is a literal block that shows a terminal: commands behind `$ ` (lines of the same command
behind `> `), and below each what it prints. What cannot be said so stands in a comment on the line
above the block, `<!-- example: MARK -->` in Markdown and `.\\" example: MARK` in mdoc:

    file NAME          the block is what is in a file of that name, which the next examples use
    varies A, B        these texts of the output are others each time
    not run, REASON    a person would need what a test has not
    prompt             what stands behind `> ` is typed at the prompt of dcalc, which is not shown
    picture            it shows no terminal

Of the output a line `...` stands for any number of lines. What is a time or a rate (`0.2 ms`, `184k/s`) is
another each time. A batch may have another number than in the document, but then has it everywhere.
"""

import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

# What a test cannot have, as the reasons of examples that are not run begin.
EXCUSES = ("a second machine", "systemd", "root", "the tests themselves")


class Block:
    """A literal block: its `lines`, the `number` of its first line in the document, its mark."""

    def __init__(self, lines, number, mark):
        self.lines, self.number = lines, number
        self.file = self._behind("file ", mark)
        self.excuse = self._behind("not run, ", mark)
        self.varying = (self._behind("varies ", mark) or "").split(", ") if mark.startswith("varies ") else []
        self.is_picture, self.is_prompt = mark == "picture", mark == "prompt"
        if mark and not (self.file or self.excuse or self.varying or self.is_picture or self.is_prompt):
            raise ValueError(f"line {number}: there is no mark '{mark}'")

    @staticmethod
    def _behind(word, mark):
        return mark[len(word):] if mark.startswith(word) else None

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)

    def commands(self):
        """Pairs of a command and the lines that it is said to print."""
        found = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif not found:
                raise ValueError(f"line {self.number}: it begins with no command, and has no mark: {line}")
            elif line.startswith("> ") and not found[-1][1]:
                found[-1] = (found[-1][0] + "\n" + line[2:], [])
            else:
                found[-1][1].append(line)
        return found


def blocks_of(path):
    """The literal blocks of a document, in order."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    if path.endswith(".md"):
        starts, end, comment = r"^```", r"^```$", r"<!-- example: (.*) -->$"
    else:
        starts, end, comment = r"^\.Bd -literal", r"^\.Ed$", r"^\.\\\" example: (.*)$"
    blocks, at = [], 0
    while at < len(lines):
        if re.match(starts, lines[at]):
            mark = re.match(comment, lines[at - 1]) if at else None
            first = at + 1
            at = next(i for i in range(first, len(lines)) if re.match(end, lines[i]))
            blocks.append(Block(lines[first:at], first + 1, mark.group(1) if mark else ""))
        at += 1
    return blocks


NUMBER = r"\d[\d,.]*"
TIME = r"(?:µs|ms|s|min|h)"
VARIES = rf"(?P<pace> \({NUMBER}[kMG]?/s\))|(?P<rate>{NUMBER}[kMG]?/s(?!\w))|(?P<time>{NUMBER} {TIME}(?!\w)|(?<=♥ ){NUMBER}s)|(?P<batch>\bb\d+\b)"


class Output:
    """What commands are said to print, one after the other, against what they print."""

    def __init__(self):
        self.batches = {}  # what the document calls them, and what they are called here

    def command(self, text):
        """The command, about the batches that are here."""
        return re.sub(r"\bb\d+\b", lambda match: self.batches.get(match.group(), match.group()), text)

    def matches(self, lines, varying, output):
        """Is `output` what these lines show?"""
        self.unknown = []
        found = re.fullmatch("".join(self._pattern_of(line, varying) for line in lines), output)
        if found:
            self.batches.update({name: found.group(name) for name in self.unknown})
        return found is not None

    def _pattern_of(self, line, varying):
        if line == "...":
            return r"(?:.*\n)*?"
        pattern, at = "", 0
        always = "|".join(re.escape(text) for text in sorted(varying, key=len, reverse=True)) or r"(?!)"
        for match in re.finditer(f"(?P<always>{always})|{VARIES}", line):
            pattern += re.escape(line[at:match.start()])
            at = match.end()
            if match.group("always"):
                pattern += r"\S+(?: \S+)*?"
            elif match.group("pace"):
                pattern += rf"(?: \({NUMBER}[kMG]?/s\))?"  # of what took no time none is told
            elif match.group("rate"):
                pattern += rf"{NUMBER}[kMG]?/s"
            elif match.group("time"):
                pattern += rf"{NUMBER} ?{TIME}"
            else:
                pattern += self._pattern_of_batch(match.group("batch"))
        return pattern + re.escape(line[at:]) + r"[ ]*\n"

    def _pattern_of_batch(self, name):
        if name in self.batches:
            return re.escape(self.batches[name])
        if name in self.unknown:
            return f"(?P={name})"
        self.unknown.append(name)
        return rf"(?P<{name}>b\d+)"
