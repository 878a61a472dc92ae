"""Help for the row with the cursor: what the field is and takes, then the tables of the guide that explain it."""

from __future__ import annotations

from training.config.fields import SECTIONS, Field, applies, expected, field, format_value, value
from training.errors import InvalidInput
from training.guide.sections import cited
from training.guide.tables import Table, tables_of
from tui.editor.draft import Draft
from tui.editor.help_table import HERE, table_rows
from tui.editor.items import is_item, item_label, singular
from tui.editor.rows import SECTION
from tui.widgets.rows import Part, Row, joined, width_of, wrap


def help_rows(draft: Draft, key: str, width: int) -> list[Row]:
    """Everything to know of the row of that key ("section:model", "model.blocks.+" and items too), `width` cells wide.

    The row of a table that the config falls under is marked. Read only: the tables' rows are shared.
    """
    if key.startswith(SECTION):
        return [*_section(key.removeprefix(SECTION), width), *_tables(draft, key, width, "")]
    of = key.removesuffix(".+")
    try:
        entry = field(of.rpartition(".")[0] if is_item(of) else of)
    except InvalidInput:
        return []
    rows = _list(entry, key, width) if entry.items else _leaf(draft, entry, width)
    return [*rows, *_tables(draft, key, width, entry.guide)]


def _section(name: str, width: int) -> list[Row]:
    for section in SECTIONS:
        if section.name == name:
            return [*_heading(section.title, f"{name}:" if name else "", width), *wrap(section.help, width)]
    return []


def _heading(title: str, key: str, width: int) -> list[Row]:
    """The title with the dotted key beside it, or under it."""
    row: Row = [(title, "title"), (f"  {key}" if key else "", "muted")]
    if width_of(row) <= width:
        return [row]
    return [*wrap(title, width, "title"), *wrap(key, width, "muted")]


def _leaf(draft: Draft, entry: Field, width: int) -> list[Row]:
    """One value: what it means, what it may be, what it is if nobody says."""
    rows = [*_heading(entry.title, entry.key, width), *wrap(entry.help, width)]
    now = value(draft.config, entry.key)
    choices = ("false", "true") if entry.kind == "bool" else entry.choices
    if choices and not any(_lists(table, choices) for table in tables_of(entry.key)):
        rows += _choices(choices, format_value(now) if entry.kind == "bool" else now, width)
    if not choices:
        unit = f", in {entry.unit}" if entry.unit else ""
        usual = "; usual are" if entry.suggest else "."
        rows += wrap(f"Takes {expected(entry)}{unit}{usual}", width, "muted")
    if entry.suggest:
        rows += _choices(entry.suggest, now, width)
    rows += wrap("It has no default." if entry.required else f"Default {_default(entry)}.", width, "muted")
    if not applies(entry, draft.config):
        on, *values = entry.when
        rows += wrap(f"Counts only while {on} is {_alternatives(values)}.", width, "muted")
    return [*rows, *_cited(entry.guide, width)]


def _default(entry: Field) -> str:
    unit = entry.unit if entry.default not in (None, entry.extra_choice, "auto") else ""
    return f"{format_value(entry.default)} {unit}".rstrip()


def _alternatives(values: list[object]) -> str:
    return " or ".join(format_value(each) for each in values)


def _lists(table: Table, choices: tuple[str, ...]) -> bool:
    """Whether the table's rows are the choices."""
    return [row[0] for row in table.rows] == list(choices)


def _choices(choices: tuple[str, ...], now: object, width: int) -> list[Row]:
    """As many on a line as fit; the one in force is marked."""
    rows: list[Row] = [[]]
    for choice in choices:
        here = choice == now
        part: list[Part] = [(HERE if here else "  ", "key"), (choice, "strong" if here else "muted")]
        longer = joined([rows[-1], part], (" ", "text"))
        if width_of(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(part)
    return rows


def _list(entry: Field, key: str, width: int) -> list[Row]:
    """A list of blocks or layers, or one of them: what each of its keys may be."""
    title = item_label(key) if is_item(key) else entry.title
    rows = [*_heading(title, entry.key if key.endswith(".+") else key, width), *wrap(entry.help, width)]
    rows += wrap(f"Each {singular(entry).lower()} has:", width, "muted")
    for item in entry.items:
        default = "" if item.required else f"; default {format_value(item.default)}"
        rows += wrap(f"{expected(item)}{default}", width, "muted", first=[(f"  {item.name}  ", "text")], indent=4)
    return [*rows, *_cited(entry.guide, width)]


def _cited(guide: str, width: int) -> list[Row]:
    if not guide:
        return []
    return wrap(f"Guide, section {', '.join(cited(guide))}.", width, "muted")


def _tables(draft: Draft, key: str, width: int, guide: str) -> list[Row]:
    rows: list[Row] = []
    for table in tables_of(key):
        rows += [[], *table_rows(table, table.current(draft.config, draft.facts, key), width)]
        if table.guide != guide:
            rows += _cited(table.guide, width)
    return rows
