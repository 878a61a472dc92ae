"""How a script ends, and what it does to the line to its recorder, is told as it is and costs the script nothing."""

from __future__ import annotations

import pytest

from tests.recording.conftest import Scripts, epochs
from tests.waiting import wait_until

LOOP = """
for epoch in range(1, 4):
    report(epoch=epoch, train_loss=1.0 / epoch, val_loss=1.2 / epoch)
"""


@pytest.mark.parametrize(
    ("end", "code", "state", "detail"),
    [
        ("import sys; sys.exit(3)", 3, "failed", "exit code 3"),
        ("exit(3)", 3, "failed", "exit code 3"),
        ("import sys; sys.exit('no luck')", 1, "failed", "no luck"),
        ("import sys; sys.exit()", 0, "finished", "the script ended after epoch 3"),
        (
            "import sys\ntry: sys.exit(3)\nexcept SystemExit as ended: assert ended.code == 3",
            0,
            "finished",
            "the script ended after epoch 3",
        ),
        (
            "import sys, threading\nt = threading.Thread(target=sys.exit, args=(3,)); t.start(); t.join()",
            0,
            "finished",
            "the script ended after epoch 3",
        ),
        ("import sys\ntry: 1 / 0\nexcept ZeroDivisionError: sys.exit(1)", 1, "failed", "division by zero"),
    ],
)
def test_an_exit_code_is_the_end_of_the_run(scripts: Scripts, end: str, code: int, state: str, detail: str) -> None:
    assert scripts.run(LOOP + end)[0] == code
    assert scripts.only.state == state
    assert detail in scripts.only.detail


def test_a_report_after_the_end_begins_no_other_run(scripts: Scripts) -> None:
    late = "import atexit\natexit.register(lambda: (report(epoch=4, loss=1.0), report.start('late')))\n"
    assert scripts.run(late + LOOP) == (0, "", "")
    assert (scripts.only.summary.name, scripts.only.summary.epoch) == ("train", 3)


def test_a_script_that_closes_all_it_has_open_goes_on_with_what_is_its_own(scripts: Scripts) -> None:
    source = """
        import os, socket
        os.closerange(3, 200)
        mine, other = socket.socketpair()
        mine2, other2 = socket.socketpair()
        report(epoch=4, loss=1.0)
        for line in (mine, other, mine2, other2):
            line.setblocking(False)
            try:
                print(line.recv(100))
            except BlockingIOError:
                pass
        print("trained")
        """
    code, out, err = scripts.run(LOOP + "import textwrap\nexec(textwrap.dedent('''" + source + "'''))")
    assert (code, out) == (0, "trained\n")
    assert err == (
        "traindeck: The script has closed the line to its recorder. The training goes on without being recorded.\n"
    )
    wait_until(lambda: scripts.runs() and not scripts.only.live, 10, "the end of the line to be seen")


def test_a_setting_that_cannot_be_told_costs_no_more_than_itself(scripts: Scripts) -> None:
    source = """
        class Meta:
            def tolist(self): raise RuntimeError("no data")
        endless = {"lr": 0.1}
        endless["self"] = endless
        report.start("named", config={"lr": 0.1, "x": Meta(), "endless": endless, "big": 10**9999}, n_train=5)
        report(epoch=1, loss=1.0)
        """
    code, _, err = scripts.run(source)
    assert code == 0
    assert err.count("\n") == 1
    assert all(name in err for name in ("'x' (RuntimeError: no data)", "'endless'", "'big'"))
    assert scripts.only.summary.settings == {"learning_rate": 0.1}
    assert (scripts.only.summary.name, scripts.only.summary.epoch) == ("named", 1)


def test_a_config_that_names_no_settings_costs_no_more_than_itself(scripts: Scripts) -> None:
    _, _, err = scripts.run("report.start('named', config=5)\nreport(epoch=1, loss=1.0)")
    assert err == "traindeck: report.start(config=…) got a int, which names no settings; it is left out.\n"
    assert scripts.only.summary.name == "named"


def test_a_name_in_any_script_is_one_in_any_locale(scripts: Scripts) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert scripts.run("report.start('n\\xe4me')\nreport(epoch=1, loss=1.0)", **plain) == (0, "", "")
    assert (scripts.only.folder.id, scripts.only.state) == ("n\xe4me", "finished")


def test_an_error_in_the_recorder_is_one_line_and_no_traceback(scripts: Scripts) -> None:
    (scripts.cwd / "sitecustomize.py").write_text(
        "import sys\n"
        "if '_record' in sys.argv:\n"
        "    sys.path.insert(0, sys.argv[0].rpartition('/')[0])\n"
        "    from training.recording.recorder import Recorder\n"
        "    Recorder.report = lambda *_: 1 / 0\n"
    )
    path = scripts.env()["PYTHONPATH"]
    source = "import time\nreport(epoch=1, loss=1.0)\ntime.sleep(1.5)\nreport(epoch=2, loss=1.0)\nprint('trained')"
    code, out, err = scripts.run(source, PYTHONPATH=f"{scripts.cwd}:{path}")
    assert (code, out) == (0, "trained\n")
    assert err == "traindeck: not recorded: ZeroDivisionError: division by zero\n"
    assert epochs(scripts.only.folder) == []
    assert "ZeroDivisionError" in scripts.only.folder.console.read_text()
