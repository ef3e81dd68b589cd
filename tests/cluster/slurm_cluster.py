"""A Slurm of this machine alone: munge, the controller and two nodes, in one folder, on loopback.

Debian's packages `munge`, `slurmctld`, `slurmd` and `slurm-client` are enough; it needs root, as Slurm does.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.clusters import Processes, free_port, wait_until

LOOPBACK = "127.0.0.1"

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo", "scontrol")
NODES = ("n1", "n2")

#: Jobs start within a second, nodes come back by themselves after they were killed, nothing is accounted.
SETTINGS = """\
ClusterName=test
SlurmctldHost={host}({loopback})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MaxArraySize={array}
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1
KillWait=2
{nodes}
PartitionName=cpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


@dataclass(frozen=True)
class SlurmCluster:
    """A Slurm that runs: its processes `slurmctld`, and one of each node's name."""

    processes: Processes
    settings: Path
    environment: dict[str, str]  # by which Slurm's commands find it


def missing() -> str | None:
    """Why no Slurm can be started here; None when it can."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    absent = [program for program in PROGRAMS if not shutil.which(program, path=path)]
    if absent:
        return f"no {', '.join(absent)} here: apt-get install munge slurmctld slurmd slurm-client"
    return None if os.geteuid() == 0 else "Slurm's controller and nodes are started as root"


@contextlib.contextmanager
def slurm_cluster(folder: Path, *, array: int = 1001) -> Iterator[SlurmCluster]:
    """Run a Slurm of two nodes, whose arrays have fewer than `array` tasks."""
    folder = folder.resolve()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    (folder / "state").mkdir(exist_ok=True)
    key = folder / "munge.key"
    key.touch(0o600)
    key.write_bytes(secrets.token_bytes(1024))
    ports = [free_port() for _ in NODES]
    host = socket.gethostname().split(".")[0]
    nodes = "\n".join(
        f"NodeName={name} NodeHostname={host} NodeAddr={LOOPBACK} Port={port} CPUs=2 RealMemory=1000"
        for name, port in zip(NODES, ports, strict=True)
    )
    settings = folder / "slurm.conf"
    settings.write_text(
        SETTINGS.format(host=host, loopback=LOOPBACK, folder=folder, port=free_port(), array=array, nodes=nodes)
    )
    environment = {"SLURM_CONF": str(settings), "PATH": f"{os.environ['PATH']}{os.pathsep}/usr/sbin{os.pathsep}/sbin"}

    def idle() -> bool:
        shown = subprocess.run(
            ["sinfo", "-h", "-o", "%t %D"], env={**os.environ, **environment}, capture_output=True, text=True
        )
        return shown.stdout.split() == ["idle", str(len(NODES))]

    with Processes(folder / "logs") as processes:

        def start(name: str, program: str, *options: str) -> None:
            path = shutil.which(program, path=environment["PATH"]) or program
            processes.start(name, path, *options, **environment)

        start("munged", "munged", "--foreground", "--force", *_munge(folder))
        wait_until((folder / "munge.socket").exists, lambda: processes.log("munged"))
        start("slurmctld", "slurmctld", "-D", "-c", "-i")
        for name in NODES:
            start(name, "slurmd", "-D", "-N", name)
        wait_until(idle, lambda: processes.log("slurmctld"))
        yield SlurmCluster(processes, settings, environment)


def _munge(folder: Path) -> list[str]:
    places = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    return [f"--{option}={folder}/munge.{ending}" for option, ending in places.items()]
