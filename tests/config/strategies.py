"""Random configs, and YAML texts that spell a config in every way that a person may."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st

from training.config.fields import FIELDS, SECTIONS, Field, format_value
from training.config.names import ALIASES
from training.config.schema import TrainingConfig
from training.config.validate import convert

# Shrinking texts as long as these takes minutes and makes them no clearer.
QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate]
)

FLOATS = {
    "learning_rate": st.sampled_from([1e-6, 1e-5, 5e-5, 1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2, 0.1, 1.0]),
    "l2_lambda": st.sampled_from([0.0, 1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5]),
}
INTS = {
    "epochs": st.sampled_from([1, 2, 5, 7, 8, 9, 20, 29, 30, 49, 50, 100, 101, 200, 500]),
    "batch_size": st.sampled_from([1, 4, 8, 16, 32, 48, 64, 96, 128, 256, 1024]),
    "es_patience": st.integers(1, 25),
    "filters": st.sampled_from([8, 16, 32, 64, 128]),
    "heads": st.sampled_from([1, 2, 4, 8]),
    "width": st.sampled_from([64, 128, 192]),
    "patch_size": st.sampled_from([1, 2, 4]),
}
TEXTS = {
    "device": st.sampled_from(["auto", "cpu", "mps", "cuda", "cuda:1", "GPU-0a1b2c3d-0000"]),
    "checkpoint_every": st.sampled_from(["epoch", "500 steps", "10 min"]),
    "backbone": st.sampled_from(["resnet18", "vit_b_16", "convnext_tiny"]),
    "weights": st.sampled_from(["default", "none", "weights/my net.pt"]),
}
AWKWARD = [
    "data",
    "off",
    "1e-3",
    "null",
    "a: b",
    "x #y",
    "- z",
    "it's",
    'say "hi"',
    "größe",
    "a, b",
    "{c}",
    "0o17",
    " s ",
    "C:\\d",
]
NAMES = st.sampled_from(AWKWARD) | st.text(min_size=1, max_size=8).filter(str.isprintable)


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values of one field as plain Python."""
    if field.items:
        item = st.fixed_dictionaries({entry.name: values(entry) for entry in field.items})
        return st.lists(item, min_size=field.min_length, max_size=3)
    if field.kind == "bool":
        own: st.SearchStrategy[Any] = st.booleans()
    elif field.kind == "choice":
        own = st.sampled_from(field.choices)
    elif field.kind == "list":
        own = st.lists(NAMES, max_size=3)
    elif field.kind == "text":
        own = TEXTS.get(field.name, NAMES)
    elif field.kind == "int":
        low, high = int(field.minimum or 0), int(field.maximum or 512)
        own = INTS.get(field.name, st.integers(low, high))
    else:
        own = FLOATS.get(field.name, _floats(field))
    own = own | st.just(field.extra_choice) if field.extra_choice else own
    return own | st.none() if field.optional else own


def _floats(field: Field) -> st.SearchStrategy[float]:
    return st.floats(
        field.minimum or 0.0,
        field.maximum if field.maximum is not None else 100.0,
        exclude_min=field.exclusive_minimum,
        exclude_max=field.exclusive_maximum,
    )


@st.composite
def configs(draw: st.DrawFn) -> TrainingConfig:
    """Valid configs; each key is at its default more often than not."""
    mapping: dict[str, Any] = {}
    for field in FIELDS:
        if draw(st.integers(0, 3)) == 0:
            part = mapping.setdefault(field.section, {}) if field.section else mapping
            part[field.name] = draw(values(field))
    model = mapping.get("model", {})
    if model.get("kind") == "vit":
        model["width"] = model.get("heads", 4) * 16
    data = mapping.setdefault("data", {})
    data["image_size"] = draw(st.sampled_from([8, 32, "auto"]))
    if data.get("source", "digits") != "digits" and not data.get("path"):
        data["path"] = "images"
    data.pop("val_fraction", None)
    data.pop("test_fraction", None)
    config = convert(mapping).config
    assume(config is not None)
    assert config is not None
    return config


COMMENTS = st.sampled_from(["", "", "", " # why: it's {fine}", "   #- x: 1", "  # größer"])


@st.composite
def texts(draw: st.DrawFn, config: TrainingConfig) -> str:
    """A text that says `config`: any order and style, comments, quotes, anchors, line ends; some defaults too."""
    lines: list[str] = draw(
        st.sampled_from([[], ["# top", ""], ["---"], ["%YAML 1.2", "---"], ["", "  # indented", ""]])
    )
    lines = list(lines)
    flat = [field for field in FIELDS if not field.section]
    entries = [_entry(draw, field, config, "") for field in draw(st.permutations(flat)) if _wanted(draw, field, config)]
    step = " " * draw(st.sampled_from([1, 2, 4]))
    for section in SECTIONS[1:]:
        entries.append(_section(draw, section.name, config, step))
    for entry in draw(st.permutations(entries)):
        lines += entry
        lines += draw(st.sampled_from([[], [], ["# between"], [""], ["   # deeper", ""]]))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = newline.join(lines) + draw(
        st.sampled_from(["", newline, newline * 2, f"{newline}# end", f"{newline}...{newline}"])
    )
    return draw(st.sampled_from(["", "", "\ufeff"])) + text if not text.startswith("%") else text


def _wanted(draw: st.DrawFn, field: Field, config: TrainingConfig) -> bool:
    return _value(config, field) != field.default or draw(st.integers(0, 2)) == 0


def _value(config: TrainingConfig, field: Field) -> Any:
    found: Any = config
    for part in field.key.split("."):
        found = getattr(found, part)
    return found


def _section(draw: st.DrawFn, name: str, config: TrainingConfig, step: str) -> list[str]:
    fields = [field for field in FIELDS if field.section == name and _wanted(draw, field, config)]
    if not fields:
        return draw(st.sampled_from([[], [], [f"{name}:"], [f"{name}: {{}}"], [f"{name}: null # none"]]))
    fields = draw(st.permutations(fields))
    if draw(st.integers(0, 3)) == 0:
        gap = draw(st.sampled_from([", ", ",\n     ", " ,  "]))
        inside = gap.join(f"{field.name}: {_spelled(draw, field, _value(config, field))}" for field in fields)
        return f"{name}: {{ {inside}{draw(st.sampled_from(['', ' ', ' , ']))}}}{draw(COMMENTS)}".split("\n")
    anchor = draw(st.sampled_from(["", "", f" &{name}"]))
    lines = [f"{name}:{anchor}{draw(COMMENTS)}"]
    for field in fields:
        lines += _entry(draw, field, config, step)
        lines += draw(st.sampled_from([[], [], [f"{step}# inside"], [""]]))
    return lines


def _entry(draw: st.DrawFn, field: Field, config: TrainingConfig, indent: str) -> list[str]:
    value = _value(config, field)
    name = draw(st.sampled_from([field.name, field.name, f'"{field.name}"']))
    if isinstance(value, str) and value == value.strip() and value.isprintable() and draw(st.integers(0, 5)) == 0:
        mark = draw(st.sampled_from(["|-", ">-"] if "  " not in value else ["|-"]))
        return [f"{indent}{name}: {mark}{draw(COMMENTS)}", f"{indent}      {value}"]
    if not field.items or not value or draw(st.integers(0, 2)) == 0:
        colon = draw(st.sampled_from([": ", ":  ", " : "]))
        return [f"{indent}{name}{colon}{_spelled(draw, field, value)}{draw(COMMENTS)}"]
    deeper = indent + draw(st.sampled_from(["", "  "]))
    lines = [f"{indent}{name}:{draw(st.sampled_from(['', '', f' &all_{field.name}']))}{draw(COMMENTS)}"]
    anchored = draw(st.integers(0, 3)) == 0
    for index, item in enumerate(value):
        lines += draw(st.sampled_from([[], [], [""], [f"{deeper}# item {index}"], [f"{deeper}   # deeper"]]))
        shared = value.index(item)
        if shared < index and anchored:
            lines.append(f"{deeper}- *{field.name}{shared}{draw(COMMENTS)}")
            continue
        if anchored or draw(st.booleans()):
            anchor = f"&{field.name}{index} " if anchored else ""
            lines.append(f"{deeper}- {anchor}{_items_in_brackets(draw, field, item)}{draw(COMMENTS)}")
            continue
        first = f"{deeper}- "
        for entry in field.items:
            held = getattr(item, entry.name)
            if entry.required or held != entry.default or draw(st.booleans()):
                lines.append(f"{first}{entry.name}: {_spelled(draw, entry, held)}{draw(COMMENTS)}")
                first = f"{deeper}  "
    return lines


def _items_in_brackets(draw: st.DrawFn, field: Field, item: Any) -> str:
    pairs = [f"{entry.name}: {_spelled(draw, entry, getattr(item, entry.name))}" for entry in field.items]
    return f"{{{', '.join(pairs)}}}"


def _spelled(draw: st.DrawFn, field: Field, value: Any) -> str:
    if field.items:
        return f"[{', '.join(_items_in_brackets(draw, field, item) for item in value)}]"
    if value is None:
        return draw(st.sampled_from(["null", "~", "Null"]))
    if isinstance(value, bool):
        return draw(st.sampled_from([str(value), str(value).lower(), str(value).upper()]))
    if isinstance(value, int | float):
        exact = [
            text for text in (f"{value:.20g}", f"{value:e}", f"!!float {value!r}") if float(text.split()[-1]) == value
        ]
        return draw(st.sampled_from([format_value(value), f"+{value!r}", *exact]))
    if isinstance(value, str):
        other = [alias for alias, name in ALIASES.get(field.key, {}).items() if name == value]
        single = "'" + value.replace("'", "''") + "'"
        return draw(st.sampled_from([format_value(value), single, json.dumps(value), *other]))
    return f"[{', '.join(format_value(item) for item in value)}]"
