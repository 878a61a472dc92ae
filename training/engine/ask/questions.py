"""What can be asked of a process of its own, mostly for its torch.

Each question is a module with `answer(arguments, tell)`. It returns what JSON can spell, calls `tell` with progress,
and raises TraindeckError for what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

Tell = Callable[[Any], None]
Answer = Callable[[Mapping[str, Any], Tell], Any]

# Question → module of training.engine.ask; imported only when it is asked.
MODULES = {
    "backbone": "backbone",
    "data": "data",
    "evaluate": "evaluate",
    "export": "export",
    "fetch": "fetch",
    "model": "model",
    "predict": "predict",
}


def find_answer(question: str) -> Answer:
    """Raises KeyError for a question that nobody answers."""
    answer: Answer = import_module(f"training.engine.ask.{MODULES[question]}").answer
    return answer
