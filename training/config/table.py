"""The field table: every key of a config with its bounds, choices, title and help, read off the types of `schema`.

Read it through `training.config.fields`.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Meta, Struct
from msgspec.structs import fields as struct_fields

from training.config.schema import TrainingConfig

Kind = Literal["bool", "int", "float", "text", "choice", "list"]
_KINDS: dict[Any, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}


@dataclass(frozen=True)
class Field:
    """One key of a config."""

    key: str
    """Dotted: "optimization.grad_clip"; in the items of a list "model.blocks.0.filters"."""
    name: str
    section: str
    """"" for the guide's flat keys."""
    title: str
    help: str
    default: Any
    """None where `required`."""
    kind: Kind = "text"
    unit: str = ""
    guide: str = ""
    """Section of the hyperparameter guide."""
    steps: str = ""
    suggest: tuple[str, ...] = ()
    """Usual values of a text that takes others, too."""
    when: tuple[Any, ...] = ()
    """(key, value, ...): counts only while that key has one of these values."""
    choices: tuple[str, ...] = ()
    optional: bool = False
    """Whether null is allowed."""
    extra_choice: str = ""
    """A word that a number field takes besides numbers: "auto"."""
    minimum: float | None = None
    exclusive_minimum: bool = False
    maximum: float | None = None
    exclusive_maximum: bool = False
    pattern: str = ""
    min_length: int = 0
    required: bool = False
    items: tuple[Field, ...] = ()
    """The keys of an item ("model.blocks.*.filters"), for a list of mappings; empty for a list of texts."""
    item_type: type[Struct] | None = None

    @property
    def bounds(self) -> str:
        """The allowed range in words: "greater than 0 and at most 10"; "" where there is none."""
        low = high = ""
        if self.minimum is not None:
            low = f"{'greater than' if self.exclusive_minimum else 'at least'} {self.minimum}"
        if self.maximum is not None:
            high = f"{'less than' if self.exclusive_maximum else 'at most'} {self.maximum}"
        return " and ".join(part for part in (low, high) if part)


class SectionTitle(NamedTuple):
    """A section of the file; the name is "" for the guide's flat keys."""

    name: str
    title: str
    help: str


def _bare(annotation: Any) -> tuple[Any, list[Meta]]:
    """The type inside (possibly nested) Annotated, and its Metas, outermost first."""
    if get_origin(annotation) is not Annotated:
        return annotation, []
    inner, *metas = get_args(annotation)
    bare, deeper = _bare(inner)
    return bare, [meta for meta in metas if isinstance(meta, Meta)] + deeper


def _members(annotation: Any) -> Iterator[tuple[Any, list[Meta]]]:
    """The members of a union, each with its own Metas and those around it; any other type is its only member."""
    bare, metas = _bare(annotation)
    if get_origin(bare) in (Union, types.UnionType):
        for member in get_args(bare):
            yield from ((inner, metas + own) for inner, own in _members(member))
    else:
        yield bare, metas


def _struct(annotation: Any) -> type[Struct] | None:
    bare = _bare(annotation)[0]
    return bare if isinstance(bare, type) and issubclass(bare, Struct) else None


def _field(key: str, annotation: Any, default: Any) -> Field:
    metas = _bare(annotation)[1]
    facts: dict[str, Any] = {}
    members = list(_members(annotation))
    for bare, bounds in members:
        facts |= _type_facts(key, bare, alone=len(members) == 1)
        if bare is not type(None) and get_origin(bare) is not Literal:
            for meta in bounds:
                facts |= _bounds(meta)
    section, _, name = key.rpartition(".")
    return Field(
        key=key,
        name=name,
        section=section.partition(".")[0],
        title=metas[0].title or name,
        help=metas[0].description or "",
        default=None if default is NODEFAULT else default,
        required=default is NODEFAULT,
        **facts,
        **(metas[0].extra or {}),
    )


def _type_facts(key: str, bare: Any, alone: bool) -> dict[str, Any]:
    """What one member of a field's type says about it."""
    if bare is type(None):
        return {"optional": True}
    if get_origin(bare) is Literal:
        choices = get_args(bare)
        return {"kind": "choice", "choices": choices} if alone else {"extra_choice": choices[0]}
    if get_origin(bare) is tuple:
        item = _struct(get_args(bare)[0])
        return {"kind": "list", "item_type": item, "items": tuple(_fields(item, f"{key}.*.")) if item else ()}
    return {"kind": _KINDS[bare]}


def _bounds(meta: Meta) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for bound, inclusive, exclusive in (("minimum", meta.ge, meta.gt), ("maximum", meta.le, meta.lt)):
        if inclusive is not None:
            facts[bound] = inclusive
        if exclusive is not None:
            facts |= {bound: exclusive, f"exclusive_{bound}": True}
    if meta.pattern:
        facts["pattern"] = meta.pattern
    if meta.min_length:
        facts["min_length"] = meta.min_length
    return facts


def _fields(struct: type[Struct], prefix: str = "") -> Iterator[Field]:
    annotations = get_type_hints(struct, include_extras=True)
    for info in struct_fields(struct):
        section = _struct(annotations[info.name])
        if section:
            yield from _fields(section, f"{info.name}.")
        else:
            yield _field(prefix + info.name, annotations[info.name], info.default)


def _sections() -> Iterator[SectionTitle]:
    yield SectionTitle("", "Training", "The guide's own keys.")
    for name, annotation in get_type_hints(TrainingConfig, include_extras=True).items():
        if _struct(annotation):
            meta = _bare(annotation)[1][0]
            yield SectionTitle(name, meta.title or name, meta.description or "")


FIELDS: tuple[Field, ...] = tuple(_fields(TrainingConfig))
"""Every key in the order of a file; the keys of list items stand in their list's `items`."""

SECTIONS: tuple[SectionTitle, ...] = tuple(_sections())
GUIDE_KEYS: tuple[str, ...] = tuple(field.key for field in FIELDS if not field.section)
"""The flat keys of the guide's interchange format, in its order (guide, section 1)."""
