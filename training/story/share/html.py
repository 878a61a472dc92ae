"""Pieces of an HTML page. Texts of runs enter through `words` alone, which leaves nothing of them to the browser."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from training.text import one_line, plain


def words(text: str) -> str:
    """Text on one line, safe between tags and in a quoted attribute."""
    return html.escape(one_line(text), quote=True)


def block(lines: Iterable[str]) -> str:
    """Lines as they are, in a fixed width."""
    return f"<pre>{html.escape(plain(chr(10).join(lines)), quote=True)}</pre>"


def pairs(items: Iterable[tuple[str, str]]) -> str:
    """Labels with what they are of; those without a word are left out."""
    rows = "".join(f"<dt>{words(label)}</dt><dd>{words(text)}</dd>" for label, text in items if text)
    return f"<dl>{rows}</dl>" if rows else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table; the columns of these places hold numbers."""

    def cells(tag: str, texts: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if index in numbers else ''}>{words(text)}</{tag}>" for index, text in enumerate(texts)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{cells('th', header)}</tr></thead><tbody>{body}</tbody></table></div>"


def section(title: str, *parts: str) -> str:
    """Under a heading; empty where nothing is in it."""
    content = "\n".join(part for part in parts if part)
    return f"<section><h2>{words(title)}</h2>\n{content}\n</section>" if content else ""


def bullets(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{words(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def numbered(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{words(text)}</li>" for text in texts)
    return f"<ol>{items}</ol>" if items else ""


def said(label: str, text: str) -> str:
    """A paragraph that begins with what it is."""
    return f"<p><b>{words(label)}</b> {words(text)}</p>" if text else ""
