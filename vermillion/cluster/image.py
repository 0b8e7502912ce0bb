"""The image without an engine: ``python -m vermillion.cluster.image FOLDER`` builds its root and tries it.

The steps are read from `Dockerfile` and carried out in a chroot of debootstrap; Debian's own Python
stands in for that of the base image. Then `runc` starts a container of it with the options of a
service of `docker-compose.yml`, in which `vermillion doctor` and a small build run. Needs root,
`debootstrap` and `runc`; a folder that is built already is only tried again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from records.errors import ConfigError, RunError
from vermillion.cluster.stack import HOUSE

KNOWN = ("ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "RUN", "USER", "WORKDIR")
COMMANDS = (
    ("vermillion", "doctor", "--config", "configs/demo.toml"),
    ("vermillion", "build", "configs/demo.toml", "--limit", "2", "--out", "/tmp/built"),
)
"""What is tried in a container."""
BASE_PACKAGES = "ca-certificates,python3,python3-venv"
LOCAL_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
"""Of this machine, so that the chroot reaches the package registries as it does."""
CAPABILITIES = (
    *("CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL"),
    *("CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID"),
    *("CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"),
)
"""That Docker leaves a container at most; an ordinary user in it has none."""
MASKED = (
    *("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys"),
    *("/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list"),
    *("/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware"),
)
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
NAMESPACE_CALLS = ("clone3", "mount", "pivot_root", "setns", "umount2", "unshare")
"""Of Docker's default profile, what it keeps from a process without capabilities and a sandbox wants."""
NEW_USER_NAMESPACE = 0x10000000


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction of a Dockerfile."""

    name: str
    text: str


@dataclass(slots=True)
class Image:
    """What the instructions leave behind beside files."""

    environment: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "root"
    entrypoint: tuple[str, ...] = ()


def steps(dockerfile: str) -> list[Step]:
    """The instructions of a Dockerfile.

    Raises:
        ConfigError: one that is not carried out here.
    """
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = []
    for line in filter(str.strip, joined.splitlines()):
        name, _, text = line.strip().partition(" ")
        if name not in KNOWN:
            raise ConfigError(f"Dockerfile: {name} is not known here; known: {', '.join(KNOWN)}")
        found.append(Step(name, text.strip()))
    return found


def build(root: Path, recipe: Sequence[Step], context: Path) -> Image:
    """Carry out the instructions in a folder; one that is finished already is left as it is.

    Raises:
        ConfigError: debootstrap is missing, or this user is not root.
        RunError: a step failed.
    """
    image, finished = Image(), root.with_name(f"{root.name}.built")
    work = not finished.exists()
    for step in recipe:
        if work and step.name in ("COPY", "FROM", "RUN"):
            print(f"image: {step.name} {step.text[:100]}", flush=True)
        _carry_out(step, image, root, context, work)
    finished.touch()
    return image


def _carry_out(step: Step, image: Image, root: Path, context: Path, work: bool) -> None:
    if step.name == "FROM" and work:
        _debootstrap(root, step.text)
    elif step.name == "ARG":
        name, _, value = step.text.partition("=")
        image.arguments[name] = value
    elif step.name == "ENV":
        image.environment |= dict(one.split("=", 1) for one in step.text.split())
    elif step.name == "USER":
        image.user = step.text
    elif step.name == "ENTRYPOINT":
        image.entrypoint = tuple(json.loads(step.text))
    elif step.name == "WORKDIR":
        image.folder = step.text
        (root / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif step.name == "COPY" and work:
        _copy(step.text.split(), root / image.folder.lstrip("/"), root, context)
    elif step.name == "RUN" and work:
        _in_chroot(root, step.text, image)


def _debootstrap(root: Path, base: str) -> None:
    found = re.fullmatch(r"python:(3\.\d+)\S*-slim-(\w+)", base)
    if found is None:
        raise ConfigError(f"Dockerfile: FROM {base} cannot be stood in for by debootstrap")
    if os.geteuid() or not shutil.which("debootstrap"):
        raise ConfigError("building a root needs root, and: apt-get install debootstrap runc")
    if root.exists():
        raise ConfigError(f"{root}: a build was cut off there; remove it, or choose another folder")
    made = ["--variant=minbase", f"--include={BASE_PACKAGES}", found[2], str(root)]
    # What debootstrap mounts ends with it, also if it is killed.
    _run(["unshare", "--mount", "debootstrap", *made], "debootstrap")
    for name in LOCAL_FILES:
        if Path(name).exists():
            shutil.copy(name, root / name.lstrip("/"))
    # Scripts lie in /usr/local/bin, as in the base image; Debian keeps its own packages apart.
    _in_chroot(root, f"python{found[1]} -m venv --upgrade-deps /usr/local", Image())


def _copy(words: Sequence[str], folder: Path, root: Path, context: Path) -> None:
    """Copy files into the image's folder, and give them to their owner."""
    owner = next((word.partition("=")[2] for word in words if word.startswith("--chown=")), "root")
    *sources, target = [word for word in words if not word.startswith("--")]
    made = []
    for source in sources:
        into = folder / target
        if (context / source).is_dir():
            leave = shutil.ignore_patterns("__pycache__")
            shutil.copytree(context / source, into, ignore=leave, dirs_exist_ok=True)
        else:
            into = into / Path(source).name
            shutil.copy(context / source, into)
        made.append(f"/{into.relative_to(root)}")
    _in_chroot(root, f"chown -R {owner}: {' '.join(made)}", Image())


def _in_chroot(root: Path, command: str, image: Image) -> None:
    variables = {
        "PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        **image.arguments,
        **image.environment,
    }
    told = [f"{name}={value}" for name, value in variables.items()]
    script = f"mount -t proc proc /proc && cd {image.folder} && {command}"
    entered = ["unshare", "--mount", "--pid", "--fork", "chroot", str(root), "env", "-i", *told]
    _run([*entered, "/bin/sh", "-c", script], command)


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RunError(f"{what[:200]}: exit status {done.returncode}")


def options(service: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """User, security options, tmpfs and shared memory of a service, as runc wants them.

    Args:
        service: As docker-compose.yml describes it.
        variables: Stand for ``${NAME}``; a default after ``:-`` is used where one is missing.
    """
    said = json.loads(
        re.sub(
            r"\$\{(\w+)(?::[-?]([^}]*))?\}",
            lambda found: variables.get(found[1], found[2] or ""),
            json.dumps(dict(service)),
        )
    )
    user, _, group = str(said["user"]).partition(":")
    mounts = [
        _mount("/proc", "proc", "nosuid", "noexec", "nodev"),
        _mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        _mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666"),
        _mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        _mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", f"size={_bytes(said)}"),
        _mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        _mount("/sys/fs/cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
    ]
    for one in said.get("tmpfs", ()):
        where, _, more = one.partition(":")
        mounts.append(_mount(where, "tmpfs", "nosuid", "noexec", "nodev", *more.split(",")))
    free = "seccomp=unconfined" in said.get("security_opt", ())
    return {
        "user": {"uid": int(user), "gid": int(group or user)},
        "mounts": mounts,
        "seccomp": None if free else _no_namespaces(),
    }


def _mount(where: str, kind: str, *choices: str) -> dict[str, Any]:
    return {"destination": where, "type": kind, "source": kind, "options": list(choices)}


def _bytes(said: Mapping[str, Any]) -> int:
    number, unit = re.fullmatch(r"(\d+)([kmg]?)b?", str(said.get("shm_size", "64m"))).groups()  # type: ignore[union-attr]
    return int(number) << {"": 0, "k": 10, "m": 20, "g": 30}[unit]


def _no_namespaces() -> dict[str, Any]:
    """What Docker's default profile refuses to a sandbox."""
    flag = {"index": 0, "value": NEW_USER_NAMESPACE, "valueTwo": NEW_USER_NAMESPACE}
    cloned = {**flag, "op": "SCMP_CMP_MASKED_EQ"}
    refused = {"action": "SCMP_ACT_ERRNO", "errnoRet": 1}
    # A program that is told "not there" falls back from clone3 to clone.
    absent = {"action": "SCMP_ACT_ERRNO", "errnoRet": 38, "names": ["clone3"]}
    names = [name for name in NAMESPACE_CALLS if name != "clone3"]
    rules = [absent, {**refused, "names": names}, {**refused, "names": ["clone"], "args": [cloned]}]
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": rules,
    }


def container(
    root: Path, image: Image, asked: Mapping[str, Any], command: Sequence[str]
) -> dict[str, Any]:
    """The configuration of a container, as the OCI's runtime specification has it.

    It has the machine's loopback alone: no network leads out of it.
    """
    variables = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"}
    linux: dict[str, Any] = {
        "namespaces": [{"type": t} for t in ("pid", "ipc", "uts", "mount", "network", "cgroup")],
        "maskedPaths": list(MASKED),
        "readonlyPaths": list(READ_ONLY),
    }
    if asked["seccomp"]:
        linux["seccomp"] = asked["seccomp"]
    return {
        "ociVersion": "1.0.2",
        "hostname": "vermillion",
        "root": {"path": str(root), "readonly": False},
        "process": {
            "terminal": False,
            "user": asked["user"],
            "args": [*image.entrypoint, *command],
            "env": [f"{k}={v}" for k, v in {**variables, **image.environment}.items()],
            "cwd": image.folder,
            "capabilities": {"bounding": list(CAPABILITIES)},
        },
        "mounts": asked["mounts"],
        "linux": linux,
    }


def run(root: Path, described: Mapping[str, Any]) -> int:
    """Run a container to its end; its exit status.

    Raises:
        ConfigError: runc is not installed.
    """
    if not shutil.which("runc"):
        raise ConfigError("no runc is installed: apt-get install runc")
    bundle = root.with_name(f"{root.name}.bundle")
    bundle.mkdir(exist_ok=True)
    (bundle / "config.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
    name = f"vermillion-{os.getpid()}"
    try:
        return subprocess.run(
            ["runc", "run", "--bundle", str(bundle), name], check=False, stdin=subprocess.DEVNULL
        ).returncode
    finally:
        with suppress(FileNotFoundError):
            subprocess.run(["runc", "delete", "--force", name], capture_output=True, check=False)


def main() -> int:
    """Build and try; 1 if a step or a command fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the image's root, made if it is not there")
    parser.add_argument("--service", default="worker-render", help="whose options a container has")
    parser.add_argument(
        "--default-seccomp",
        action="store_true",
        help="no security_opt: namespaces are refused, as by Docker's default profile",
    )
    asked = parser.parse_args()
    root = asked.folder.absolute()
    try:
        image = build(root, steps((HOUSE / "Dockerfile").read_text(encoding="utf-8")), HOUSE)
        composed = yaml.safe_load((HOUSE / "docker-compose.yml").read_text(encoding="utf-8"))
        service = composed["services"][asked.service]
        if asked.default_seccomp:
            service.pop("security_opt", None)
        chosen = options(service, os.environ)
        for command in COMMANDS:
            print(f"image: {' '.join(command)}", flush=True)
            if code := run(root, container(root, image, chosen, command)):
                raise RunError(f"{' '.join(command)}: exit status {code}")
    except (ConfigError, RunError) as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
