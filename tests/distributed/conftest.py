"""Runs on several gloo ranks, under a real torchrun."""

from __future__ import annotations

from tests.engine.conftest import _one_thread_on_the_cpu, make_run

__all__ = ["_one_thread_on_the_cpu", "make_run"]
