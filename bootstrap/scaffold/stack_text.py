"""The text of a stack's module, and of the module with its detail types: a row, and a name, more."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import EnumType
from pathlib import Path
from typing import Any

from bootstrap.check.modules import given
from bootstrap.loading import file_of
from bootstrap.scaffold.names import Names, ScaffoldError

ROW = "FunctionSpec"
STEM = re.compile(r"""\.\w+(?=["']$)""")


@dataclass(frozen=True)
class Row:
    """A row of the stack's functions, by the offsets of its text: where it ends, and what names its module."""

    module: str
    end: int
    indent: int


class StackText:
    """A stack's module.

    Args:
        file: Where it is.

    Raises:
        ScaffoldError: It has no rows of functions, or names their events otherwise than by an enum.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._text = file.read_text(encoding="utf-8")
        self._tree = ast.parse(self._text)
        self._calls = list(self._rows())
        if not self._calls:
            raise ScaffoldError(
                f"{file} has no rows of FunctionSpec to write another one among: write the first by hand"
            )
        self.enum, self.enum_module = self._detail_types()

    @property
    def enum_file(self) -> Path:
        """The file of the detail types."""
        return file_of(self.enum_module)

    @property
    def members(self) -> dict[str, str]:
        """The names of the detail types, by what they are."""
        found = getattr(importlib.import_module(self.enum_module), self.enum)
        if not isinstance(found, EnumType):
            raise ScaffoldError(f"{self.enum_module}.{self.enum} is no enum: add the event and the row by hand")
        members: dict[str, Any] = dict(found.__members__)
        return {str(member.value): name for name, member in members.items()}

    def with_row(self, module: str, event: str, after: str | None, *, waited_for: bool) -> str:
        """The text with one row more.

        Args:
            module: The new function's.
            event: The name of its detail type.
            after: The stem of the module that its row follows; the last one, if None.
            waited_for: Whether a state waits for it.
        """
        rows = [self._row(call) for call in self._calls]
        row = next((row for row in rows if after and row.module.strip("\"'").rpartition(".")[2] == after), rows[-1])
        # As that row has it, where its text ends in the last part of the module's name.
        written, fits = STEM.subn(f".{module.rpartition('.')[2]}", row.module)
        written = written if fits else f'"{module}"'
        aside = "" if waited_for else ", waited_for=False"
        line = f"{' ' * row.indent}{ROW}({written}, {self.enum}.{event}{aside})"
        return f"{self._text[: row.end]},\n{line}{self._text[row.end :]}"

    def with_event(self, names: Names) -> str:
        """The text of the detail types with one more, behind the last that is written out."""
        text = self.enum_file.read_text(encoding="utf-8")
        classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name == self.enum]
        members = [node for node in classes[0].body if isinstance(node, ast.Assign)] if classes else []
        if not members:
            raise ScaffoldError(f"{self.enum_file} has no class {self.enum} with members: add {names.member} by hand")
        written = [node for node in members if isinstance(node.value, ast.Constant)] or members
        lines = text.splitlines(keepends=True)
        place = written[-1].end_lineno or 0
        lines.insert(place, f'{" " * written[-1].col_offset}{names.member} = "{names.function}"\n')
        return "".join(lines)

    def _rows(self) -> Iterator[ast.Call]:
        for node in ast.walk(self._tree):
            for element in node.elts if isinstance(node, ast.Tuple | ast.List) else ():
                if isinstance(element, ast.Call) and isinstance(element.func, ast.Name) and element.func.id == ROW:
                    yield element

    def _row(self, call: ast.Call) -> Row:
        named = given(call, 0, "module")
        module = ast.get_source_segment(self._text, named) if named else None
        lines = self._text.splitlines(keepends=True)
        # Columns of the syntax tree count bytes.
        last = lines[(call.end_lineno or 1) - 1].encode()[: call.end_col_offset].decode()
        end = sum(map(len, lines[: (call.end_lineno or 1) - 1])) + len(last)
        return Row(module or "", end, call.col_offset)

    def _detail_types(self) -> tuple[str, str]:
        """The enum that the rows take their events of, and its module."""
        events = [given(call, 1, "event") for call in self._calls]
        used = {
            event.value.id for event in events if isinstance(event, ast.Attribute) and isinstance(event.value, ast.Name)
        }
        for node in self._tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    if (alias.asname or alias.name) in used:
                        return alias.name, node.module
        raise ScaffoldError(f"the rows of {self.file} name their events by no enum: add the event and the row by hand")
