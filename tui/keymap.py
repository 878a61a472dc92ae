"""Every key of the app, once: bindings, footer, help screen, docs and the collision test read this table.

A screen takes `BINDINGS = keymap.bindings("home")` and yields `KeyBar("home")` (tui/widgets/keybar.py) as its footer;
the help screen finds the rows by the ids of the screen's bindings. Keys of the `app` block work on every screen that is
no dialog. No key may be one that tmux, screen or a terminal takes for itself: see RESERVED.
"""

# ruff: noqa: E501 - a table reads best with a line a row

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from textual.binding import Binding, BindingType

# Prefixes of screen and tmux, flow control, suspend, and the codes that terminals send for backspace, tab and enter.
RESERVED: frozenset[str] = frozenset(f"ctrl+{letter}" for letter in "absqzhijm")

NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "delete": "del",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "shift+tab": "shift-tab",
}


@dataclass(frozen=True)
class Key:
    """One key (or several, comma-separated) of one screen; `id` is stable, so that users can remap it."""

    screen: str
    id: str
    keys: str
    action: str
    description: str
    """Word or two for the footer."""
    show: bool = True
    """Whether the footer shows it."""
    priority: bool = False
    help: str = ""
    """Sentence for the help screen and the palette; the description where it is empty."""

    @property
    def names(self) -> str:
        """The keys as a person reads them: `↓ j`, or `1…9` where each key is its own number."""
        if self.numbered:
            keys = self.keys.split(",")
            return f"{keys[0]}…{keys[-1]}"
        return " ".join(display(key) for key in self.keys.split(","))

    @property
    def names_while_typing(self) -> str:
        """Those of the keys that are no text, as a person reads them."""
        return " ".join(display(key) for key in self.keys.split(",") if "+" in key or re.fullmatch(r"f\d+", key))

    @property
    def numbered(self) -> bool:
        """Whether the keys are digits that the action takes as its `{key}`."""
        return "{key}" in self.action


APP = (
    Key("app", "app.help", "question_mark,f1", "help", "Help", help="Show the keys of this screen"),
    Key("app", "app.palette", "ctrl+p,colon", "palette", "Commands", show=False, help="Find an action by its name"),
    Key("app", "app.theme", "f9", "switch_theme", "Theme", show=False, help="Next theme: dark, light, and two that need no red and green"),
    Key("app", "app.drafts", "D", "drafts", "Drafts", show=False, help="Changes to configs that were left without saving"),
    Key("app", "app.interrupt", "ctrl+c", "interrupt", "Quit", show=False, help="Quit, pressed twice; training goes on"),
)  # fmt: skip

HOME = (
    Key("home", "home.open", "enter", "open", "Open", help="Watch the selected run"),
    Key("home", "home.new", "n", "new", "New", help="New run from a preset"),
    Key("home", "home.file", "f", "from_file", "File", help="New run from a config file"),
    Key("home", "home.again", "e", "again", "Edit", help="New run from the selected run's config"),
    Key("home", "home.resume", "r", "resume", "Resume", help="Go on with the selected run, which ended before its time"),
    Key("home", "home.delete", "d,delete", "delete", "Delete", help="Delete the selected run and its folder"),
    Key("home", "home.search", "slash", "search", "Search", help="Filter the runs: words, lr>=1e-3, state:failed, started:<30d, -tag:old"),
    Key("home", "home.pin", "p", "pin", "Pin", show=False, help="Pin the selected run, so that its weights stay; or unpin it"),
    Key("home", "home.mark", "space", "mark", "Mark", help="Mark the selected run, or unmark it"),
    Key("home", "home.compare", "c", "compare", "Compare", help="Overlay the marked runs; with one or none, the selected run and its parent"),
    Key("home", "home.tags", "t", "tags", "Tags", show=False, help="Tags of the marked runs, or of the selected one"),
    Key("home", "home.note", "N", "note", "Note", show=False, help="A note to the selected run"),
    Key("home", "home.archive", "a", "archive", "Archive", show=False, help="Archive the marked runs or the selected one, or bring them back; nothing is removed"),
    Key("home", "home.archived", "A", "archived", "Archived", show=False, help="Show the archived runs, or hide them again"),
    Key("home", "home.columns", "C", "columns", "Columns", show=False, help="Choose the columns, of every key of the config, and their order"),
    Key("home", "home.sort", "s", "sort", "Sort", show=False, help="Sort by a column; the same once more turns the order round"),
    Key("home", "home.group", "b", "group", "Group by", show=False, help="Group the runs by a column, or runs that differ in their seed alone"),
    Key("home", "home.repeat", "R", "repeat", "Repeat", show=False, help="Repeat the selected run with other seeds"),
    Key("home", "home.unmark", "u", "unmark", "Unmark all", show=False, help="Unmark all runs"),
    Key("home", "home.copy", "Y", "copy", "Copy", show=False, help="Copy the path of the selected run, or the table"),
    Key("home", "home.share", "S", "share", "Share", show=False, help="Write a report of the selected run as one HTML or Markdown file"),
    Key("home", "home.others", "o", "others", "Others", help="Open a run that goes on in another folder"),
    Key("home", "home.clear", "escape", "clear", "End search", help="End the search"),
    Key("home", "home.down", "down,j", "move(1)", "Down", show=False, help="Next run"),
    Key("home", "home.up", "up,k", "move(-1)", "Up", show=False, help="Previous run"),
    Key("home", "home.page_down", "pagedown", "page(1)", "Page down", show=False, help="A page down"),
    Key("home", "home.page_up", "pageup", "page(-1)", "Page up", show=False, help="A page up"),
    Key("home", "home.first", "home,g", "first", "First", show=False, help="First run"),
    Key("home", "home.last", "end,G", "last", "Last", show=False, help="Last run"),
    Key("home", "home.quit", "q", "quit", "Quit", help="Quit; training goes on"),
)  # fmt: skip

EDITOR = (
    Key("editor", "editor.choose", "enter", "choose", "Edit", help="Type a value, list the choices, or fold a section"),
    Key("editor", "editor.launch", "f5,ctrl+l", "launch", "Launch", help="Check the config and launch a run"),
    Key("editor", "editor.save", "s,f4,ctrl+y", "save", "Save", help="Save as YAML; comments in the file stay"),
    Key("editor", "editor.recommended", "r,f2,ctrl+r", "recommended", "Take", help="Set the value that the hint recommends"),
    Key("editor", "editor.next_problem", "n,f8,ctrl+n", "problem(1)", "Next", help="Go to the next field with an error or a hint"),
    Key("editor", "editor.undo", "u", "undo", "Undo", help="Undo the last change, as often as there are any"),
    Key("editor", "editor.view", "v", "view(1)", "View", help="Next view beside the form: YAML, schedule, data, cost"),
    Key("editor", "editor.search", "slash", "search", "Find", help="Go to a field by its name"),
    Key("editor", "editor.presets", "p,f6,ctrl+t", "presets", "Presets", help="Start from a preset"),
    Key("editor", "editor.leave", "escape,q", "leave", "Back", help="Back; asks where something is not saved"),
    Key("editor", "editor.redo", "U", "redo", "Redo", show=False, help="Do again what was undone"),
    Key("editor", "editor.previous_problem", "N", "problem(-1)", "Previous", show=False, help="Go to the previous field with an error or a hint"),
    Key("editor", "editor.silence", "m,f10,ctrl+f", "silence", "Silence", show=False, help="Silence the hint of this field for this config, or show it again"),
    Key("editor", "editor.default", "d,f7,ctrl+g", "default", "Default", show=False, help="Set the field to its default"),
    Key("editor", "editor.view_back", "V", "view(-1)", "Previous view", show=False, help="Previous view beside the form"),
    Key("editor", "editor.scroll_down", "right_square_bracket", "scroll(4)", "Scroll down", show=False, help="Scroll the help down"),
    Key("editor", "editor.scroll_up", "left_square_bracket", "scroll(-4)", "Scroll up", show=False, help="Scroll the help up"),
    Key("editor", "editor.open", "o,f3,ctrl+o", "open_file", "Open", show=False, help="Open a YAML file"),
    Key("editor", "editor.compare", "c", "compare", "Compare", show=False, help="What differs from a preset, the defaults, a file or a past run"),
    Key("editor", "editor.external", "e", "external", "$EDITOR", show=False, help="Open the YAML in $EDITOR, and take what comes back"),
    Key("editor", "editor.keep_preset", "P", "keep_preset", "Keep as preset", show=False, help="Keep this config as a preset of your own"),
    Key("editor", "editor.next", "down,j,tab", "move(1)", "Next field", show=False, help="Next field"),
    Key("editor", "editor.previous", "up,k,shift+tab", "move(-1)", "Previous field", show=False, help="Previous field"),
    Key("editor", "editor.page_down", "pagedown", "section(1)", "Next section", show=False, help="Next section"),
    Key("editor", "editor.page_up", "pageup", "section(-1)", "Previous section", show=False, help="Previous section"),
    Key("editor", "editor.first", "home,g", "end(0)", "First", show=False, help="First field"),
    Key("editor", "editor.last", "end,G", "end(-1)", "Last", show=False, help="Last field"),
    Key("editor", "editor.fold", "z", "fold_all", "Fold", show=False, help="Fold all sections but this one, or unfold all"),
    Key("editor", "editor.add", "a", "item('add')", "Add", show=False, help="Add an item after this one (blocks, dense layers)"),
    Key("editor", "editor.duplicate", "y", "item('duplicate')", "Duplicate", show=False, help="Duplicate this item"),
    Key("editor", "editor.remove", "x,delete", "item('remove')", "Remove", show=False, help="Remove this item"),
    Key("editor", "editor.item_down", "J,shift+down", "item('down')", "Move down", show=False, help="Move this item down"),
    Key("editor", "editor.item_up", "K,shift+up", "item('up')", "Move up", show=False, help="Move this item up"),
)  # fmt: skip

# Keys of the form inside the editor while nothing is typed.
FORM = (
    Key("form", "form.right", "right,l,space", "side(1)", "Next value", show=False, help="Next choice, a larger number (1-2-5, powers of two), or unfold"),
    Key("form", "form.left", "left,h", "side(-1)", "Previous value", show=False, help="Previous choice, a smaller number, or fold"),
    Key("form", "form.more", "plus,equals_sign", "leap(1)", "Leap up", show=False, help="A number ten times as large, a batch twice as large"),
    Key("form", "form.rub", "backspace", "rub", "Delete", show=False, help="Delete the last character, and type on"),
    Key("form", "form.less", "minus", "leap(-1)", "Leap down", show=False, help="A number a tenth as large, a batch half as large"),
)  # fmt: skip

# Keys of the form while a value is typed: letters and the space are text.
TYPING = (
    Key("typing", "typing.done", "enter", "done(0)", "Done", help="Take the value"),
    Key("typing", "typing.up", "up", "step(1)", "Larger", help="The next larger number (1-2-5, powers of two)"),
    Key("typing", "typing.down", "down", "step(-1)", "Smaller", help="The next smaller number"),
    Key("typing", "typing.next", "tab", "done(1)", "Next field", help="Take the value and go to the next field"),
    Key("typing", "typing.leave", "escape", "done(0)", "Leave", help="Stop typing; u then undoes what was typed"),
    Key("typing", "typing.previous", "shift+tab", "done(-1)", "Previous field", show=False, help="Take the value and go to the previous field"),
    Key("typing", "typing.leap_up", "pageup", "stride(1)", "Leap up", show=False, help="A number ten times as large, a batch twice as large"),
    Key("typing", "typing.leap_down", "pagedown", "stride(-1)", "Leap down", show=False, help="A number a tenth as large, a batch half as large"),
    Key("typing", "typing.right", "right", "caret(1)", "Right", show=False, help="Right in the text"),
    Key("typing", "typing.left", "left", "caret(-1)", "Left", show=False, help="Left in the text"),
    Key("typing", "typing.start", "home", "edit('start')", "Start", show=False, help="Start of the text"),
    Key("typing", "typing.end", "end,ctrl+e", "edit('end')", "End", show=False, help="End of the text"),
    Key("typing", "typing.word_back", "ctrl+left", "edit('word_back')", "Word back", show=False, help="A word back"),
    Key("typing", "typing.word_ahead", "ctrl+right", "edit('word_ahead')", "Word ahead", show=False, help="A word ahead"),
    Key("typing", "typing.backspace", "backspace", "edit('backspace')", "Delete", show=False, help="Delete the character before"),
    Key("typing", "typing.delete", "delete,ctrl+d", "edit('delete_right')", "Delete right", show=False, help="Delete the character here"),
    Key("typing", "typing.delete_word", "ctrl+w", "edit('delete_word')", "Delete word", show=False, help="Delete the word before"),
    Key("typing", "typing.delete_to_start", "ctrl+u", "edit('delete_to_start')", "Delete to start", show=False, help="Delete all before"),
    Key("typing", "typing.delete_to_end", "ctrl+k", "edit('delete_to_end')", "Delete to end", show=False, help="Delete all from here"),
)  # fmt: skip

COMPARE = (
    Key("compare", "compare.take", "enter", "take", "Take over", help="Take the other's value of the marked line"),
    Key("compare", "compare.undo", "u", "undo", "Undo", help="Undo the last value that was taken over"),
    Key("compare", "compare.close", "escape,q", "close", "Back", help="Back to the editor"),
    Key("compare", "compare.other", "c", "other", "Other", help="Compare with something else"),
    Key("compare", "compare.down", "down,j", "move(1)", "Down", show=False, help="Next line"),
    Key("compare", "compare.up", "up,k", "move(-1)", "Up", show=False, help="Previous line"),
    Key("compare", "compare.page_down", "pagedown,space", "move(8)", "Page down", show=False, help="Eight lines down"),
    Key("compare", "compare.page_up", "pageup,b", "move(-8)", "Page up", show=False, help="Eight lines up"),
)  # fmt: skip

LAUNCH = (
    Key("launch", "launch.start", "enter", "start", "Launch", help="Launch the run"),
    Key("launch", "launch.where", "f2,ctrl+t", "where", "Where", help="Train on this machine, or submit to Slurm"),
    Key("launch", "launch.cancel", "escape", "cancel", "Back", help="Back to the editor"),
    Key("launch", "launch.help", "f1", "help", "Help", help="Show the keys of this dialog"),
    Key("launch", "launch.down", "down", "scroll(1)", "Down", show=False, help="Scroll down"),
    Key("launch", "launch.up", "up", "scroll(-1)", "Up", show=False, help="Scroll up"),
    Key("launch", "launch.page_down", "pagedown", "scroll(4)", "Page down", show=False, help="Four lines down"),
    Key("launch", "launch.page_up", "pageup", "scroll(-4)", "Page up", show=False, help="Four lines up"),
)  # fmt: skip

RESUME = (
    Key("resume", "resume.start", "enter,y", "start", "Resume", help="Go on with the run"),
    Key("resume", "resume.overrides", "o", "overrides", "Leave it out", help="Leave out what was set by hand beyond the checkpoint, or set it again"),
    Key("resume", "resume.cancel", "escape,n,q", "cancel", "Back", help="Leave it as it is"),
)  # fmt: skip

CONFIRM = (
    Key("confirm", "confirm.take", "enter", "take", "Take", help="Take the marked answer"),
    Key("confirm", "confirm.yes", "y", "answer(True)", "Yes", help="Do it"),
    Key("confirm", "confirm.no", "n,escape", "answer(False)", "No", help="Leave it"),
    Key("confirm", "confirm.other", "left,right,h,l,tab,shift+tab,up,down", "other", "Other", show=False, help="Mark the other answer"),
)  # fmt: skip

PICK = (
    Key("pick", "pick.take", "enter", "take", "Choose", help="Take the marked line"),
    Key("pick", "pick.down", "down,j", "move(1)", "Down", show=False, help="Next line; j in a list without a search"),
    Key("pick", "pick.up", "up,k", "move(-1)", "Up", show=False, help="Previous line; k in a list without a search, where any other letter goes to the next line that begins so"),
    Key("pick", "pick.page_down", "pagedown", "move(8)", "Page down", show=False, help="Eight lines down"),
    Key("pick", "pick.page_up", "pageup", "move(-8)", "Page up", show=False, help="Eight lines up"),
    Key("pick", "pick.cancel", "escape", "cancel", "Back", help="Take none"),
    Key("pick", "pick.help", "f1,question_mark", "help", "Help", help="Show the keys of this dialog"),
)  # fmt: skip

OPEN_FILE = (
    Key("file", "file.take", "enter", "take", "Take", help="Take this path"),
    Key("file", "file.cancel", "escape", "cancel", "Back", help="Take none"),
    Key("file", "file.complete", "tab", "complete", "Complete", help="Complete the path; again: the next entry"),
    Key("file", "file.inside", "right", "inside", "Go in", help="Into the marked folder"),
    Key("file", "file.down", "down", "move(1)", "Down", show=False, help="Next entry"),
    Key("file", "file.up", "up", "move(-1)", "Up", show=False, help="Previous entry"),
    Key("file", "file.complete_back", "shift+tab", "complete(-1)", "Complete back", show=False, help="The entry before"),
    Key("file", "file.page_down", "pagedown", "move(8)", "Page down", show=False, help="Eight entries down"),
    Key("file", "file.page_up", "pageup", "move(-8)", "Page up", show=False, help="Eight entries up"),
)  # fmt: skip

HELP = (
    Key("help", "help.close", "escape,question_mark,f1,q,enter", "close", "Close", help="Close the help"),
    Key("help", "help.down", "down,j", "scroll(1)", "Down", show=False, help="Scroll down"),
    Key("help", "help.up", "up,k", "scroll(-1)", "Up", show=False, help="Scroll up"),
    Key("help", "help.page_down", "pagedown,space", "page(1)", "Page down", show=False, help="A page down"),
    Key("help", "help.page_up", "pageup,b", "page(-1)", "Page up", show=False, help="A page up"),
    Key("help", "help.first", "home,g", "first", "First", show=False, help="To the top"),
    Key("help", "help.last", "end,G", "last", "Last", show=False, help="To the end"),
)  # fmt: skip


def _charts(screen: str) -> tuple[Key, ...]:
    """The keys of a screen with charts (tui/screens/charting.py)."""
    rows = (
        Key(screen, "right", "right,l", "across(1)", "Charts", help="Next charts; the crosshair: one value on"),
        Key(screen, "left", "left,h", "across(-1)", "Previous charts", show=False, help="Previous charts; the crosshair: one value back"),
        Key(screen, "crosshair", "x", "crosshair", "Values", help="The crosshair with exact values, or none"),
        Key(screen, "large", "z", "large", "Large", help="One large chart, or a grid"),
        Key(screen, "zoom_in", "plus,equals_sign", "zoom(1)", "Zoom", help="Zoom in on the x axis, around the crosshair or the end; the wheel, too"),
        Key(screen, "zoom_out", "minus", "zoom(-1)", "Zoom out", show=False, help="Zoom out on the x axis"),
        Key(screen, "whole", "0", "whole", "Whole run", show=False, help="The whole run again"),
        Key(screen, "pan_right", "shift+right,L", "pan(1)", "Pan", show=False, help="Move a zoomed view right; the crosshair: ten values on"),
        Key(screen, "pan_left", "shift+left,H", "pan(-1)", "Pan back", show=False, help="Move a zoomed view left; the crosshair: ten values back"),
        Key(screen, "scale", "y", "scale", "Log/linear", help="Y axes: automatic, logarithmic, linear"),
        Key(screen, "unit", "t", "unit", "X axis", show=False, help="X axes by epoch, step or training time"),
        Key(screen, "smoother", "right_square_bracket", "smooth(1)", "Smooth", show=False, help="Smooth the curves more; what was measured stays behind them"),
        Key(screen, "rougher", "left_square_bracket", "smooth(-1)", "Smooth less", show=False, help="Smooth the curves less"),
        Key(screen, "marker", "M", "marker", "Markers", show=False, help="Draw with braille dots, blocks or ASCII"),
        Key(screen, "choose", "v", "choose_charts", "Choose charts", show=False, help="Which charts are shown, and in which order"),
        Key(screen, "export", "E", "export", "Export", show=False, help="Write the first chart in sight to a file: SVG, PNG or CSV"),
    )  # fmt: skip
    return tuple(replace(row, id=f"{screen}.{row.id}") for row in rows)


MONITOR = (
    Key("monitor", "monitor.fix", "enter,f", "fix", "Fix", help="Show what the selected fix changes, then launch it; on a finding, its story"),
    Key("monitor", "monitor.fix_number", "1,2,3,4,5,6,7,8,9", "fix({key})", "Fix", show=False, help="Show what the fix of that number changes, then launch it"),
    Key("monitor", "monitor.story", "w", "story", "Why", help="The full story of the selected finding: evidence, why, what to try"),
    Key("monitor", "monitor.panel", "tab", "panel(1)", "Panels", help="Next panel: diagnosis, events, console, classes, devices, config"),
    Key("monitor", "monitor.control", "a", "control", "Adjust", help="Change the running job: learning rate, patience, epochs; checkpoint, pause, stop"),
    Key("monitor", "monitor.pause", "p", "pause", "Pause", help="Pause training after the current step"),
    Key("monitor", "monitor.resume", "r", "resume", "Resume", help="Go on with a run that is paused, or that ended before its time"),
    Key("monitor", "monitor.stop", "s", "stop", "Stop", help="Stop training; a checkpoint is kept"),
    Key("monitor", "monitor.mute", "m", "mute", "Mute", help="Mute the selected finding for this run, or hear of it again"),
    Key("monitor", "monitor.panel_back", "shift+tab", "panel(-1)", "Previous panel", show=False, help="Previous panel"),
    Key("monitor", "monitor.leave", "escape", "leave", "Home", help="End the crosshair or a search; else back to Home, and training goes on"),
    Key("monitor", "monitor.home", "q", "home", "Home", show=False, help="Back to Home; training goes on"),
    *_charts("monitor"),
    Key("monitor", "monitor.checkpoint", "K", "checkpoint", "Checkpoint", show=False, help="Write a checkpoint now"),
    Key("monitor", "monitor.fork", "e", "fork", "Fork", show=False, help="A new run from a checkpoint of this one, with an edited config"),
    Key("monitor", "monitor.repeat", "R", "repeat", "Repeat", show=False, help="Repeat this run with other seeds"),
    Key("monitor", "monitor.parent", "o", "parent", "Parent", show=False, help="Draw the parent's curves behind this run's, or not"),
    Key("monitor", "monitor.overlay", "O", "overlay", "Compare", show=False, help="Overlay this run with others: settings, curves, verdict"),
    Key("monitor", "monitor.classes", "c", "open_panel('classes')", "Classes", show=False, help="How each class fares; again: the confusion matrix"),
    Key("monitor", "monitor.devices", "g", "open_panel('devices')", "GPU", show=False, help="Load, memory, power and temperature of each GPU"),
    Key("monitor", "monitor.config", "i", "open_panel('config')", "Config", show=False, help="The config of the run; again: where it ran, with what"),
    Key("monitor", "monitor.search", "slash", "search", "Search", show=False, help="Search what the run printed"),
    Key("monitor", "monitor.next_match", "n", "match(1)", "Next match", show=False, help="The next line that the search found"),
    Key("monitor", "monitor.previous_match", "N", "match(-1)", "Previous match", show=False, help="The line before that the search found"),
    Key("monitor", "monitor.copy", "Y", "copy", "Copy", show=False, help="Copy the run's path, its values or the table of a panel"),
    Key("monitor", "monitor.share", "S", "share", "Share", show=False, help="Write a report of this run as one HTML or Markdown file"),
    Key("monitor", "monitor.down", "down,j", "select(1)", "Next finding", show=False, help="Select the next finding or fix"),
    Key("monitor", "monitor.up", "up,k", "select(-1)", "Previous finding", show=False, help="Select the previous finding or fix"),
    Key("monitor", "monitor.page_down", "pagedown,space", "scroll_panel(1)", "Page down", show=False, help="A page down in the panel"),
    Key("monitor", "monitor.page_up", "pageup,b", "scroll_panel(-1)", "Page up", show=False, help="A page up in the panel"),
)  # fmt: skip

OVERLAY = (
    Key("overlay", "overlay.open", "enter", "open", "Open", help="Watch the marked run"),
    Key("overlay", "overlay.panel", "tab", "panel(1)", "Table", help="Next view beside the charts: settings that differ, metrics at equal epochs, verdict"),
    Key("overlay", "overlay.panel_back", "shift+tab", "panel(-1)", "Previous table", show=False, help="The view before"),
    Key("overlay", "overlay.baseline", "b", "baseline", "Baseline", help="Judge the other runs against the marked one"),
    Key("overlay", "overlay.hide", "space", "hide", "Hide", help="Hide the curves of the marked run, or show them again"),
    Key("overlay", "overlay.seeds", "g", "group", "Seeds", show=False, help="Runs that differ in their seed alone as one mean and its spread, or each by itself"),
    Key("overlay", "overlay.leave", "escape", "leave", "Back", help="End the crosshair; else back"),
    Key("overlay", "overlay.close", "q", "close", "Back", show=False, help="Back"),
    *_charts("overlay"),
    Key("overlay", "overlay.copy", "Y", "copy", "Copy", show=False, help="Copy the table"),
    Key("overlay", "overlay.down", "down,j", "select(1)", "Next run", show=False, help="Next run"),
    Key("overlay", "overlay.up", "up,k", "select(-1)", "Previous run", show=False, help="Previous run"),
    Key("overlay", "overlay.page_down", "pagedown", "scroll_panel(1)", "Page down", show=False, help="A page down in the table"),
    Key("overlay", "overlay.page_up", "pageup", "scroll_panel(-1)", "Page up", show=False, help="A page up in the table"),
)  # fmt: skip

PROMPT = (
    Key("prompt", "prompt.take", "enter", "take", "Take", help="Take what was typed"),
    Key("prompt", "prompt.cancel", "escape", "cancel", "Back", help="Change nothing"),
)  # fmt: skip

CHOOSE = (
    Key("choose", "choose.take", "enter", "take", "Take", help="Take the list as it is"),
    Key("choose", "choose.toggle", "space,x", "switch", "On/off", help="Show the marked line, or leave it out"),
    Key("choose", "choose.later", "J,shift+down", "shift(1)", "Later", help="Move the marked line down"),
    Key("choose", "choose.sooner", "K,shift+up", "shift(-1)", "Sooner", help="Move the marked line up"),
    Key("choose", "choose.reset", "0", "reset", "Default", help="As it was at first"),
    Key("choose", "choose.cancel", "escape,q", "cancel", "Back", help="Change nothing"),
    Key("choose", "choose.down", "down,j", "move(1)", "Down", show=False, help="Next line"),
    Key("choose", "choose.up", "up,k", "move(-1)", "Up", show=False, help="Previous line"),
    Key("choose", "choose.page_down", "pagedown", "move(8)", "Page down", show=False, help="Eight lines down"),
    Key("choose", "choose.page_up", "pageup", "move(-8)", "Page up", show=False, help="Eight lines up"),
)  # fmt: skip

SELECTABLE = (
    Key("copy", "copy.close", "escape,q,enter", "close", "Back", help="Back"),
    Key("copy", "copy.down", "down,j", "scroll(1)", "Down", show=False, help="Scroll down"),
    Key("copy", "copy.up", "up,k", "scroll(-1)", "Up", show=False, help="Scroll up"),
    Key("copy", "copy.page_down", "pagedown,space", "page(1)", "Page down", show=False, help="A page down"),
    Key("copy", "copy.page_up", "pageup,b", "page(-1)", "Page up", show=False, help="A page up"),
)  # fmt: skip

FIX = (
    Key("fix", "fix.launch", "enter,y", "launch", "Launch", help="Launch the corrected run, or change the running one"),
    Key("fix", "fix.cancel", "escape,n,q", "cancel", "Back", help="Change nothing"),
    Key("fix", "fix.edit", "e", "edit", "Edit", help="Edit a copy of the run's config by hand"),
    Key("fix", "fix.down", "down,j,tab", "select(1)", "Choose", help="The next thing that can happen to the running one"),
    Key("fix", "fix.up", "up,k,shift+tab", "select(-1)", "Previous", show=False, help="The previous one"),
    Key("fix", "fix.page_down", "pagedown,space", "scroll_body(1)", "Page down", show=False, help="A page down"),
    Key("fix", "fix.page_up", "pageup,b", "scroll_body(-1)", "Page up", show=False, help="A page up"),
)  # fmt: skip

STORY = (
    Key("story", "story.fix", "enter,f", "fix", "Fix", help="Show what the marked fix changes, then launch it"),
    Key("story", "story.close", "escape,w,q", "close", "Back", help="Back to the run"),
    Key("story", "story.down", "down,j,tab", "select(1)", "Next fix", help="Mark the next fix"),
    Key("story", "story.up", "up,k,shift+tab", "select(-1)", "Previous fix", show=False, help="Mark the previous fix"),
    Key("story", "story.mute", "m", "mute", "Mute", help="Mute the finding for this run, or hear of it again"),
    Key("story", "story.page_down", "pagedown,space", "scroll_body(1)", "Page down", help="A page down"),
    Key("story", "story.page_up", "pageup,b", "scroll_body(-1)", "Page up", show=False, help="A page up"),
)  # fmt: skip

# Screens over another one: the keys of the app do not work there.
DIALOGS: frozenset[str] = frozenset(
    {"launch", "resume", "confirm", "pick", "file", "help", "fix", "story", "compare", "prompt", "choose", "copy"}
)

TABLE: tuple[Key, ...] = (
    *APP, *HOME, *EDITOR, *FORM, *TYPING, *COMPARE, *LAUNCH, *RESUME, *CONFIRM, *PICK, *OPEN_FILE, *HELP, *MONITOR,
    *OVERLAY, *PROMPT, *CHOOSE, *SELECTABLE, *FIX, *STORY,
)  # fmt: skip


def display(key: str) -> str:
    """The name of one key as a person reads it."""
    if key.startswith("shift+") and key not in NAMES:
        return f"shift-{display(key.removeprefix('shift+'))}"
    return NAMES.get(key, key.replace("ctrl+", "^"))


def of(screen: str) -> list[Key]:
    """The rows of a screen, in table order."""
    return [key for key in TABLE if key.screen == screen]


def find(id: str) -> Key:
    """The row with that id; raises KeyError for an unknown one."""
    for key in TABLE:
        if key.id == id:
            return key
    raise KeyError(id)


def bindings(screen: str) -> list[BindingType]:
    """The Textual bindings of a screen."""
    return [
        Binding(keys, key.action.format(key=keys), key.description, id=key.id, show=key.show, priority=key.priority)
        for key in of(screen)
        for keys in (key.keys.split(",") if key.numbered else [key.keys])
    ]


def screen_of(declared: Iterable[BindingType]) -> str:
    """The table's name of the screen that declares these bindings; empty for one without rows."""
    ids = {binding.id for binding in declared if isinstance(binding, Binding)}
    return next((key.screen for key in TABLE if key.id in ids), "")


def without_reserved(declared: Iterable[BindingType]) -> list[BindingType]:
    """Bindings that Textual's own widgets declare, less the keys that never reach an app inside screen or tmux."""
    kept: list[BindingType] = []
    for binding in Binding.make_bindings(declared):
        if binding.key not in RESERVED:
            kept.append(binding)
    return kept
