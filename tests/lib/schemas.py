"""What a command prints with `-o json`, held against its schema in tests/schemas/.

    problems = Schemas().problems("list", line)       # sentences; none if all is well

A line has to be JSON to the letter: UTF-8, no NaN, no member twice.
"""

import json
import os
import warnings

import jsonschema

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schemas")


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def refuse_doubles(members):
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise ValueError(f"a member comes twice: {names}")
    return dict(members)


def parse(line):
    """The value of a line, as bytes. ValueError if it is not JSON."""
    return json.loads(line.decode("utf-8"), parse_constant=refuse_constant,
                      object_pairs_hook=refuse_doubles)


class Schemas:
    def __init__(self):
        self.documents = {}
        for name in os.listdir(FOLDER):
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                self.documents[name] = json.load(file)
        self.checkers = {}

    def names(self):
        """Of those that describe a line; what they share is none."""
        return sorted(name.removesuffix(".json") for name in self.documents if name != "common.json")

    def _checker(self, name):
        if name not in self.checkers:
            schema = self.documents[name + ".json"]
            jsonschema.Draft202012Validator.check_schema(schema)
            with warnings.catch_warnings():
                # Newer releases would rather have a registry, which Debian's does not know yet.
                warnings.simplefilter("ignore", DeprecationWarning)
                resolver = jsonschema.RefResolver(schema["$id"], schema, store=self.documents)
            self.checkers[name] = jsonschema.Draft202012Validator(schema, resolver=resolver)
        return self.checkers[name]

    def problems(self, name, value):
        """What is wrong with `value` as a line of command `name`: a list of sentences."""
        return [f"{error.json_path}: {error.message}"
                for error in self._checker(name).iter_errors(value)]
