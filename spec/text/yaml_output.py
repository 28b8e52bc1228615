"""Values as YAML that readers of 1.1 and of 1.2 read alike."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["yaml_of"]


_QUOTED = re.compile("[\x85\u2028\u2029\ufeff]|^\u00a0")


class _YamlDumper(yaml.SafeDumper):
    """Quotes the texts that the core schema of 1.2 takes for numbers, beside those of 1.1."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write what is shared each time: a person reads it in its place."""
        return True


_YamlDumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+)\Z"),
    list("-+.0123456789"),
)


def _represent_text(writer: _YamlDumper, text: str) -> yaml.ScalarNode:
    # YAML 1.1 calls these ends of lines, kept in double quotes only. What begins with a no-break
    # space looks indented, and is told as a mistake where it is a plain key.
    style = '"' if _QUOTED.search(text) else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style)


_YamlDumper.add_representer(str, _represent_text)


def yaml_of(value: Any) -> str:
    """The text of a JSON value, in block style, with its keys in their order."""
    text = yaml.dump(value, Dumper=_YamlDumper, sort_keys=False, allow_unicode=True, width=100)
    return str(text)
