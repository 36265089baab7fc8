"""Run the Dockerfile's own steps in folders instead of a container engine, and measure what the image would hold.

    sudo python tools/run_dockerfile.py ROOTFS WORK [--build-arg NAME=VALUE ...] [--target STAGE]
        [--bind FOLDER ...] [--run COMMAND]

ROOTFS is a folder with a system that has Python 3.11 (for example from `debootstrap --variant=minbase
--include=python3,python3-venv,ca-certificates bookworm ROOTFS`); it stands for the base image. Each stage becomes a
folder below WORK. COMMAND is run at the end as the image's user in the last stage, or in the one that `--target` names,
like `docker run`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
IGNORED = {"VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
"""Instructions that say how to run an image and change nothing in it."""


@dataclass
class Stage:
    """One FROM and what followed."""

    folder: Path
    workdir: str = "/"
    user: str = "root"
    variables: dict[str, str] = field(default_factory=lambda: {"PATH": SYSTEM_PATH, "HOME": "/root"})

    def inside(self, path: str) -> Path:
        """Return where a path of the image is on this machine."""
        return self.folder / (path if path.startswith("/") else f"{self.workdir}/{path}").lstrip("/")

    def run(self, command: str) -> int:
        """Run a shell command in the stage; return its exit status."""
        shell = f"cd {shlex.quote(self.workdir)} && {command}"
        chroot = ["/usr/sbin/chroot", f"--userspec={self.user}", str(self.folder), "/bin/sh", "-ec", shell]
        return subprocess.run(chroot, env=self.variables, check=False).returncode  # noqa: S603 - our Dockerfile


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, comments gone and lines joined."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def build(arguments: argparse.Namespace) -> Stage:
    """Run the stages that the target needs; return the target, or the last one."""
    given = dict(argument.split("=", 1) for argument in arguments.build_arg)
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    told = instructions((ROOT / "Dockerfile").read_text())
    needed = find_needed(told, arguments.target)
    for name, value in told:
        if name == "FROM":
            base, _, label = value.partition(" AS ")
            label = label or "final"
            stage = None
            if label in needed:
                stage = stages[label] = begin(arguments, label, stages.get(base))
        elif stage is not None and name not in IGNORED:
            print(f"{name} {value}", flush=True)  # noqa: T201 - progress
            step(stage, name, value, given, stages)
    if not stages:
        sys.exit("the Dockerfile has no such stage")
    for done in stages.values():
        unbind(done.folder, arguments.bind)
    return stages[arguments.target]


def find_needed(told: list[tuple[str, str]], target: str) -> set[str]:
    """Return the stages that a stage is made from, itself included."""
    needs: dict[str, set[str]] = {}
    label = ""
    for name, value in told:
        if name == "FROM":
            base, _, label = value.partition(" AS ")
            label = label or "final"
            needs[label] = {base} & needs.keys()
        elif name == "COPY" and (source := re.search(r"--from=(\S+)", value)):
            needs[label].add(source[1])
    found, ahead = set[str](), [target]
    while ahead:
        label = ahead.pop()
        found.add(label)
        ahead += needs.get(label, set()) - found
    return found & needs.keys()


def begin(arguments: argparse.Namespace, label: str, base: Stage | None) -> Stage:
    """Return a new stage, like the one that it is made from."""
    stage = Stage(arguments.work / label)
    if base is not None:
        unbind(base.folder, arguments.bind)
        stage = Stage(stage.folder, base.workdir, base.user, dict(base.variables))
    source = arguments.rootfs if base is None else base.folder
    subprocess.run(["/bin/cp", "-a", source, stage.folder], check=True)  # noqa: S603 - our own paths
    for known in (base, stage):
        if known is not None:
            bind(known.folder, arguments.bind)
    return stage


def step(stage: Stage, name: str, value: str, given: dict[str, str], stages: dict[str, Stage]) -> None:
    """Run one instruction."""
    match name:
        case "ARG":
            key, _, default = value.partition("=")
            stage.variables[key] = given.get(key, default)
        case "ENV":
            pairs = (pair.split("=", 1) for pair in shlex.split(value))
            stage.variables |= {key: re.sub(r"\$PATH", stage.variables["PATH"], text) for key, text in pairs}
        case "WORKDIR":
            stage.workdir = value
            stage.inside(value).mkdir(parents=True, exist_ok=True)
        case "USER":
            stage.user, stage.variables["HOME"] = value, stage.workdir
        case "RUN":
            if stage.run(value):
                sys.exit(f"failed: RUN {value}")
        case "COPY":
            copy(stage, shlex.split(value), stages)
        case _:
            sys.exit(f"this tool does not know {name}")


def copy(stage: Stage, words: list[str], stages: dict[str, Stage]) -> None:
    """Copy files from the repository or from an earlier stage."""
    options = {word.split("=")[0]: word.split("=")[1] for word in words if word.startswith("--")}
    *sources, target = [word for word in words if not word.startswith("--")]
    origin = stages[options["--from"]].folder if "--from" in options else ROOT
    for source in sources:
        path = origin / source.lstrip("/")
        if path.is_dir():
            shutil.copytree(path, stage.inside(target), symlinks=True, dirs_exist_ok=True)
        else:
            into = stage.inside(target)
            if target.endswith("/"):
                into.mkdir(parents=True, exist_ok=True)
                into /= path.name
            shutil.copy2(path, into)
    if "--chown" in options:
        stage.run(f"chown -R {options['--chown']} {shlex.quote(target)}")


def bind(folder: Path, sources: list[Path]) -> None:
    """Show folders and files of this machine inside a stage, for a package index that is kept on disk."""
    for source in sources:
        target = folder / str(source).lstrip("/")
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            subprocess.run(["/bin/mount", "--bind", str(source), str(target)], check=True)  # noqa: S603 - our own paths
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def unbind(folder: Path, sources: list[Path]) -> None:
    """Take back what `bind` showed: it is no part of the image."""
    for source in sources:
        if source.is_dir():
            subprocess.run(["/bin/umount", str(folder / str(source).lstrip("/"))], check=True)  # noqa: S603 - our own paths


def megabytes(folder: Path) -> float:
    """Return what a folder takes on the disk, in units of 10^6 bytes."""
    done = subprocess.run(  # noqa: S603 - our own paths
        ["/usr/bin/du", "-s", "--block-size=1000", str(folder)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.split()[0]) / 1000


def main() -> int:
    """Build, measure, run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rootfs", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--target", default="final", help="a stage of the Dockerfile (default: the last one)")
    parser.add_argument("--build-arg", action="append", default=[])
    parser.add_argument("--bind", type=Path, action="append", default=[])
    parser.add_argument("--run", metavar="COMMAND")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("this needs root: it changes into the folders that it makes")
    arguments.work.mkdir(parents=True)
    image = build(arguments)
    base, whole = megabytes(arguments.rootfs), megabytes(image.folder)
    print(f"base {base:.0f} MB, added {whole - base:.0f} MB, image {whole:.0f} MB")  # noqa: T201 - the figure
    return image.run(arguments.run) if arguments.run else 0


if __name__ == "__main__":
    sys.exit(main())
