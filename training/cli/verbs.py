"""What the command line takes: its verbs, their options and their help."""

from __future__ import annotations

import argparse
from functools import partial

from training.cli.listing import add_listing
from training.cli.mapping import add_map
from training.cli.plotting import add_plot_options
from training.cli.several import add_several
from training.cli.steering import add_steering, add_stop

EXIT_CODES = "exit codes: 0 fine, 1 the run failed or could not be reached, 2 invalid input"
SET_HELP = "change a key, such as optimizer=AdamW or model.kind=vit; repeatable"
EDIT_HELP = "YAML file, new or not, or the name of a preset (default: the list of presets to start from)"
FORMAT_HELP = (
    "onnx and pt2 (torch.export) hold a network that takes pixels scaled to 0…1, float32 [N, C, H, W], normalises them "
    "itself and gives logits; safetensors holds the weights alone"
)
PREDICT_HELP = (
    "Exit code 1 only where no file can be read. --json prints one object a file: path, class, probability and top, or "
    "path and error for one that cannot be read. A byte of a path that is no UTF-8 is escaped as \\udc80 to \\udcff, "
    "which Python's os.fsencode turns back"
)
CLEAN_HELP = (
    "Runs that go on, are pinned, or that other runs of their folder come from are left alone. A run whose weights "
    "were removed cannot be resumed"
)
WITHOUT_HELP = "leave out, for good, what was set by hand beyond the checkpoint: a learning rate, epochs, a patience"
RUN_HELP = "a run: a path, a name, a unique prefix or `last` (the default)"
LOG_HELP = f"{RUN_HELP}; or a log of another tool: its file, or a folder that holds one"
LOGS_HELP = (
    "Logs are told by their content: CSV (Lightning, Keras, Ultralytics, timm, any with a loss in it), JSON Lines, "
    "trainer_state.json of Hugging Face, TensorBoard event files, offline runs of W&B. A training script of your own "
    "is a run with two lines: `from traindeck import report`, and report(epoch=…, train_loss=…, val_loss=…) each epoch"
)
THEME_HELP = (
    "colours of the app: dark, light, colour-blind-dark or colour-blind-light (default: $TRAINDECK_THEME, else the one "
    "that was chosen last with f9)"
)
RUNS_DIR_HELP = "folder of the runs (default: $TRAINDECK_RUNS, else ./traindeck_runs)"


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; its help is the reference."""
    parser = argparse.ArgumentParser(
        prog="traindeck",
        description="Edit a training config, launch it, watch it, and be told what is wrong with the curves. "
        "Without a verb, open the app.",
        epilog=f"RUN is a path, a name, a unique prefix or `last`, from any directory. {EXIT_CODES}.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the program's version number and exit")
    parser.add_argument("--theme", metavar="NAME", help=THEME_HELP)
    _add_runs_dir(parser, default=None)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")

    edit = _verb(verbs, "edit", "open the app on the editor of a config")
    edit.add_argument("config", metavar="CONFIG", nargs="?", help=EDIT_HELP)

    train = _verb(verbs, "train", "train a config: in the foreground, or with --detach under its supervisor alone")
    train.add_argument("config", metavar="CONFIG", help="YAML file, or the name of a preset")
    train.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=SET_HELP)
    train.add_argument("--name", default="", help="what to call the run")
    train.add_argument("--detach", action="store_true", help="start it and return at once")
    train.add_argument("--yes", action="store_true", help="answer yes to what would be asked (a shared GPU, the CPU)")
    _add_slurm(train)
    train.add_argument("--nnodes", metavar="N", type=_count, help="train on N machines; the others then `join` the run")
    train.add_argument("--rdzv-endpoint", metavar="HOST:PORT", default="", help="of this machine, where they meet")

    join = _verb(verbs, "join", "add this machine to a run that was launched on another one with --nnodes")
    join.add_argument("run", metavar="RUN", help="its folder, on a file system that both machines share")
    join.add_argument("--yes", action="store_true", help="answer yes to what would be asked (a shared GPU, the CPU)")

    resume = _verb(verbs, "resume", "go on with a run that was stopped, failed or crashed, from its newest checkpoint")
    resume.add_argument("run", metavar="RUN", nargs="?", default="last")
    resume.add_argument("--here", action="store_true", help="on this machine, also where Slurm ran it before")
    resume.add_argument("--without-overrides", action="store_true", help=WITHOUT_HELP)
    resume.add_argument("--detach", action="store_true", help="start it and return at once")
    resume.add_argument("--yes", action="store_true", help="answer yes to what would be asked (a shared GPU, the CPU)")

    check = _verb(verbs, "check", "say what is wrong with a config, and what the guide would change")
    check.add_argument("config", metavar="CONFIG")
    check.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=SET_HELP)
    check.add_argument("--silenced", action="store_true", help="list the hints that advice.silenced hides, too")
    check.add_argument("--memory", action="store_true", help="build the model, to tell whether a batch fits: seconds")

    data = _verb(verbs, "data", "say what a data set holds and what is wrong with it, before it is trained on")
    data.add_argument("path", metavar="PATH", help="folder with one subfolder a class, CSV manifest, or YAML config")
    data.add_argument("--source", choices=("folder", "manifest", "byteplot"), help="default: told from the path")

    model = _verb(verbs, "model", "parameters, multiply-adds, memory and layers of a config's model")
    model.add_argument("config", metavar="CONFIG", help="YAML file, or the name of a preset")
    model.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help=SET_HELP)
    model.add_argument("--classes", metavar="N", type=_count, help="where the data cannot be listed")
    model.add_argument("--image-size", metavar="N", type=_count, help="side in pixels, instead of data.image_size")

    fetch = _verb(verbs, "fetch", "get the pretrained weights of a backbone, such as resnet18")
    fetch.add_argument("model", metavar="MODEL")
    fetch.add_argument("--to", metavar="DIR", help="folder for the file (default: where training looks for it)")

    add_listing(partial(_verb, verbs))
    for name, text in (
        ("show", "state, progress, metrics and findings of a run"),
        ("watch", "open the app on the monitor of a run, or of a log that another tool writes"),
        ("stop", "stop a run with a checkpoint, and wait for it"),
    ):
        verb = _verb(verbs, name, text)
        takes_logs = name == "watch"
        verb.add_argument("run", metavar="RUN", nargs="?", default="last", help=LOG_HELP if takes_logs else RUN_HELP)
        if takes_logs:
            verb.description = f"{verb.description} {LOGS_HELP}."
            add_map(verb)
        elif name == "stop":
            add_stop(verb)
    add_steering(partial(_verb, verbs), SET_HELP)
    _add_disk(verbs)
    _add_using(verbs)
    diagnose = _verb(
        verbs, "diagnose", "say what is wrong with a run, or with a log of another tool, and what to change"
    )
    diagnose.description = f"{diagnose.description} {LOGS_HELP}."
    diagnose.add_argument("runs", metavar="RUN", nargs="*", default=["last"], help=LOG_HELP)
    add_map(diagnose)
    diagnose.add_argument("--report", metavar="FILE", help="write the whole story as Markdown; `-` prints it")
    diagnose.add_argument("--force", action="store_true", help="let the report replace a file that is none")
    plot = _verb(verbs, "plot", "draw the charts of a run, or of a log of another tool: as text, or to a file")
    plot.add_argument("run", metavar="RUN", nargs="?", default="last", help=LOG_HELP)
    add_plot_options(plot)
    presets = _verb(verbs, "presets", "list the presets, your own included, or print one as YAML")
    presets.add_argument("name", metavar="PRESET", nargs="?")
    diff = _verb(verbs, "diff", "say what differs between two configs, and what that means")
    for name, metavar in (("old", "A"), ("new", "B")):
        diff.add_argument(name, metavar=metavar, help="a YAML file, the name of a preset, or a run")
    _add_away(verbs)
    add_several(partial(_verb, verbs))
    schema = _verb(verbs, "schema", "print the JSON Schema of a config, by which editors complete and check the YAML")
    schema.add_argument("--output", metavar="FILE", help="write it there, such as traindeck.schema.json")
    schema.add_argument("--force", action="store_true", help="let it replace a file that is no schema of traindeck")
    _verb(verbs, "demo", "two real runs of handwritten digits, one of them with a fault")
    return parser


def _add_slurm(train: argparse.ArgumentParser) -> None:
    """Where to train, for a cluster."""
    train.add_argument("--slurm", action="store_true", help="submit it by sbatch; options of sbatch follow `--`")
    train.add_argument("--nodes", metavar="N", type=_count, help="with --slurm: nodes (default: 1)")
    train.add_argument("--gpus", metavar="N", type=_count, help="with --slurm: GPUs a node, each with its own process")
    train.add_argument("--time", metavar="TIME", help="with --slurm: time limit, such as 12:00:00 or 2-00:00:00")
    train.add_argument("--here", action="store_true", help="train on this host although it is a login node")


def _add_disk(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What keeps weights on the disk, and what removes them."""
    pin = _verb(verbs, "pin", "keep the weights of a run whatever is cleaned")
    pin.add_argument("run", metavar="RUN", nargs="?", default="last")
    pin.add_argument("--off", action="store_true", help="no longer")
    clean = _verb(verbs, "clean", "remove the weights of runs that are over, and keep config, curves and findings")
    clean.epilog = f"{CLEAN_HELP}; {EXIT_CODES}."
    clean.add_argument("runs", metavar="RUN", nargs="*", help="these alone (default: all)")
    clean.add_argument("--older", metavar="TIME", help="only runs that ended so long ago: 12h, 30d, 4w")
    clean.add_argument("--keep", choices=("best",), help="keep best.pt, the weights to evaluate and predict with")
    clean.add_argument("--all", action="store_true", help="those of every known runs folder")
    clean.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")
    clean.add_argument("--yes", action="store_true", help="remove without asking")


def _add_away(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What reaches people who are not at the screen."""
    share = _verb(verbs, "share", "write a run as one file to hand on: settings, curves, findings, environment")
    share.add_argument("run", metavar="RUN", nargs="?", default="last", help=RUN_HELP)
    share.add_argument("--out", metavar="FILE", help="FILE.html or FILE.md (default: RUN.html here)")
    share.add_argument("--redact", action="store_true", help="leave out paths, names of hosts and users, device ids")
    share.add_argument("--force", action="store_true", help="replace a file that is there")
    hook = _verb(verbs, "hook", "say which command your settings run when a run ends; `hook test` runs it")
    hook.add_argument("action", nargs="?", choices=("test",), help="run it now, with a made-up event")


def _add_using(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What uses a trained run."""
    evaluate = _verb(verbs, "evaluate", "judge a run on its validation and test images, or on others, class by class")
    evaluate.add_argument("run", metavar="RUN", nargs="?", default="last")
    evaluate.add_argument("--data", metavar="PATH", help="folder or manifest of the same classes, all of it")
    predict = _verb(verbs, "predict", "say what a run takes files for, and how sure it is")
    predict.epilog = f"{PREDICT_HELP}; {EXIT_CODES}."
    predict.add_argument("run", metavar="RUN")
    predict.add_argument("paths", metavar="PATH", nargs="+", help="files, and folders to look for them in")
    predict.add_argument("--top", metavar="N", type=_count, default=1, help="how many classes to name (default: 1)")
    export = _verb(verbs, "export", "write a run's network to a file for other programs, and check that file")
    export.add_argument("run", metavar="RUN", nargs="?", default="last")
    export.add_argument("--format", choices=("safetensors", "onnx", "pt2"), required=True, help=FORMAT_HELP)
    export.add_argument("--output", metavar="FILE", help="default: RUN.FORMAT here")
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    for verb in (evaluate, predict, export):
        verb.add_argument("--checkpoint", choices=("best", "last"), default="best", help="default: best")


def _verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", epilog=f"{EXIT_CODES}.")
    _add_runs_dir(verb, default=argparse.SUPPRESS)
    if name not in ("edit", "watch", "demo"):
        verb.add_argument("--json", action="store_true", help="print JSON")
    return verb


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _add_runs_dir(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--runs-dir", metavar="DIR", default=default, help=RUNS_DIR_HELP)


class _Version(argparse.Action):
    """Looked up only when asked for: going through the installed packages takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"traindeck {_version()}")  # noqa: T201
        parser.exit()


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("traindeck")
    except metadata.PackageNotFoundError:
        return "(not installed)"
