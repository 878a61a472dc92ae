"""What the user's settings say of bell, notifications and title, read once an app."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

from training.config.problems import ConfigError
from training.runs.user_settings import UserSettings, read_settings

_WISHES: WeakKeyDictionary[App[Any], UserSettings] = WeakKeyDictionary()


def wishes_of(app: App[Any]) -> UserSettings:
    """The settings as they were when first asked for; what is wrong in them is said once, and the defaults count."""
    if app not in _WISHES:
        try:
            _WISHES[app] = read_settings()
        except ConfigError as error:
            _WISHES[app] = UserSettings()
            app.notify(str(error), title="Your settings cannot be used", severity="warning", markup=False)
    return _WISHES[app]
