"""YAML read with positions: which line each value came from, and refusals that name it. Used through core.definitions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from songhe.core.problem import Problem

Step = str | int
Where = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one place."""

    file: str
    line: int
    field: str
    problem: Problem

    def text(self, lang: str = "zh") -> str:
        place = f"{self.file}:{self.line} {self.field}".rstrip()
        return f"{place}{'：' if lang.startswith('zh') else ': '}{self.problem.text(lang)}"


class BadDefinition(ValueError):
    """Everything that is wrong with a definition, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__("\n".join(f.text() for f in faults))
        self.faults = tuple(faults)

    def text(self, lang: str = "zh") -> str:
        return "\n".join(f.text(lang) for f in self.faults)


@dataclass(frozen=True)
class Doc:
    """A definition and where each of its values stands."""

    path: Path
    data: Any
    lines: dict[Where, int] = field(repr=False, default_factory=dict)

    @property
    def name(self) -> str:
        """Folder and file: visiting/weekly.yaml."""
        return f"{self.path.parent.name}/{self.path.name}" if self.path.parent.name else self.path.name

    def line(self, *where: Step) -> int:
        """The line (from 1) of a value, or of the nearest thing around it that is written down."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def fault(self, where: Where, code: str, zh: str, en: str) -> Fault:
        """A fault at a place; callers use it for what no schema can say."""
        return Fault(self.name, self.line(*where), dotted(where), Problem(code, zh, en))


def dotted(where: Where) -> str:
    """("owed", 0, "calls") -> "owed[1].calls", counted from 1 as people do."""
    out = ""
    for step in where:
        out += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if out else step
    return out


def load(path: Path | str) -> Doc:
    """Read one YAML file. Raises BadDefinition when it is not YAML, repeats a key or uses an alias; OSError as open() does."""
    return loads(Path(path).read_bytes(), Path(path))


def load_all(folder: Path | str) -> list[Doc]:
    """Every .yaml file below a folder, in the order of their paths."""
    return [load(p) for p in sorted(Path(folder).rglob("*.yaml"))]


def loads(content: bytes | str, path: Path | str = "text.yaml") -> Doc:
    """load() for text that is already at hand."""
    doc = Doc(Path(path), None)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        loader = _Loader(text)
        node = loader.get_single_node()
    except UnicodeDecodeError:
        raise BadDefinition([doc.fault((), *_NOT_UTF8)]) from None
    except yaml.YAMLError as error:
        raise BadDefinition([_syntax(doc, error)]) from None
    except (RecursionError, ValueError):
        raise BadDefinition([doc.fault((), *_TOO_DEEP)]) from None
    builder = _Builder(doc)
    try:
        data = builder.build(node, ()) if node is not None else None
    except RecursionError:
        raise BadDefinition([doc.fault((), *_TOO_DEEP)]) from None
    if builder.faults:
        raise BadDefinition(builder.faults)
    return Doc(doc.path, data, doc.lines)


class _Loader(yaml.SafeLoader):
    """SafeLoader with fewer guesses about what a bare word means."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent) or getattr(self.peek_event(), "anchor", None):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="alias", problem_mark=mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}
for _tag, _shape, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?(0|[1-9]\d{0,17})", "-+0123456789"),
    ("float", r"[-+]?(0|[1-9]\d{0,17})\.\d+", "-+0123456789"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("timestamp", r"\d{4}-\d{2}-\d{2}", "0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_shape})$"), list(_first))


class _Builder:
    """Turns YAML nodes into plain data, noting lines and faults."""

    def __init__(self, doc: Doc):
        self.doc, self.faults = doc, []  # type: tuple[Doc, list[Fault]]

    def build(self, node: yaml.Node, where: Where) -> Any:
        self.doc.lines[where] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*where, i)) for i, child in enumerate(node.value)]
        return self._scalar(node, where)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(self.doc.name, key_node.start_mark.line + 1, dotted(where), _BAD_KEY))
                continue
            key = str(key_node.value)
            here = (*where, key)
            if key in out:
                first = self.doc.line(*here)
                self.faults.append(Fault(self.doc.name, key_node.start_mark.line + 1, dotted(here), _twice(key, first)))
                continue
            out[key] = self.build(value_node, here)
            self.doc.lines[here] = key_node.start_mark.line + 1
        return out

    def _scalar(self, node: yaml.Node, where: Where) -> Any:
        text = str(node.value)
        try:
            match node.tag.rpartition(":")[2]:
                case "bool":
                    return text == "true"
                case "int":
                    return int(text)
                case "float":
                    return float(text)
                case "null":
                    return None
                case "timestamp":
                    return date.fromisoformat(text)
        except ValueError:  # 2026-02-30, or an explicit tag on something else
            self.faults.append(self.doc.fault(where, *_no_date(text)))
            return None
        return text


def _syntax(doc: Doc, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    if getattr(error, "problem", "") == "alias":
        return Fault(doc.name, line, "", _ALIAS)
    detail = str(getattr(error, "problem", None) or error).splitlines()[0][:120]
    problem = Problem(
        "yaml_syntax",
        f"第{line}行附近不是合格的 YAML（{detail}）。请检查缩进、冒号后的空格和引号是否成对。",
        f"Not valid YAML near line {line} ({detail}). Check indentation, the space after colons and the quotes.",
    )
    return Fault(doc.name, line, "", problem)


_NOT_UTF8 = ("yaml_encoding", "文件不是 UTF-8 编码。请另存为 UTF-8。", "The file is not UTF-8. Save it as UTF-8.")
_TOO_DEEP = ("yaml_depth", "嵌套太深，无法读取。请拆成几层以内。", "Nested too deeply. Use a few levels only.")
_ALIAS = Problem(
    "yaml_alias",
    "不能使用 & 和 * 引用，否则出错时无法指明位置。请把内容写全。",
    "Anchors (&) and aliases (*) are not allowed, because an error must point at one place. Write the content out.",
)


_BAD_KEY = Problem(
    "key_not_text",
    "名称必须是一个词，不能是列表或映射。请改成“名称: 值”。",
    "A field name must be one word, not a list or a mapping. Write name: value.",
)


def _twice(key: str, first: int) -> Problem:
    return Problem(
        "key_twice",
        f"“{key}”出现了两次（第一次在第{first}行）。请合并或删去一个。",
        f'"{key}" stands twice (first on line {first}). Merge them or delete one.',
    )


def _no_date(text: str) -> tuple[str, str, str]:
    return (
        "no_such_value",
        f"“{text[:40]}”不存在或不合类型（例如没有的日期）。请核对。",
        f'"{text[:40]}" does not exist or does not fit its type (a date that is none, for example). Check it.',
    )
