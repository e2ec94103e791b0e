"""A real cluster on loopback: a standalone master, two workers of one core each, a Spark Connect server upon them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_PATIENCE = 180.0


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@dataclass
class Cluster:
    """What runs, by the process; ``url`` is where Spark Connect answers, ``ui`` where it tells of its jobs."""

    home: Path
    folder: Path
    master: int = field(default_factory=_free)
    connect: int = field(default_factory=_free)
    pages: int = field(default_factory=_free)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"sc://127.0.0.1:{self.connect}"

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self.pages}"

    def start(self, name: str, program: list[str], ready: Callable[[], bool], memory: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        environment = os.environ | {
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": memory,
            "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        }
        self.running[name] = subprocess.Popen(
            [str(self.home / "bin" / program[0]), *program[1:]],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, env=environment, start_new_session=True,
        )  # fmt: skip
        ends = time.monotonic() + _PATIENCE
        while not ready():
            if self.running[name].poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"Spark's {name} did not start: {self.said(name)[-2000:]}")
            time.sleep(0.2)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def add_worker(self, name: str) -> None:
        words = ["--host", "127.0.0.1", "--cores", "1", "--memory", "768m", "--webui-port", str(_free())]
        program = [
            "spark-class",
            "org.apache.spark.deploy.worker.Worker",
            *words,
            "--work-dir",
            str(self.folder / name),
        ]
        ready = lambda: "Successfully registered" in self.said(name)  # noqa: E731
        self.start(name, [*program, f"spark://127.0.0.1:{self.master}"], ready, "160m")

    def kill(self, name: str) -> None:
        """kill -9 of a process and of what it started: for a worker, its executor."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def stop(self) -> None:
        for name in reversed(list(self.running)):
            process = self.running.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def running(systems: Path, folder: Path) -> Iterator[Cluster]:
    """The cluster, until the block ends; its programs are those that `scripts/systems` installed."""
    found = sorted(systems.glob("spark/lib/python*/site-packages/pyspark"))
    if not found:
        pytest.skip("Spark is not installed: scripts/systems spark")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: apt-get install openjdk-17-jre-headless")
    pytest.importorskip("pyspark", reason="Spark's client is not installed: pip install 'kpisheets[spark]'")
    cluster = Cluster(found[-1], folder)
    try:
        master = ["spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"]
        pages = ["--port", str(cluster.master), "--webui-port", str(_free())]
        cluster.start("master", [*master, *pages], lambda: _answers(cluster.master), "160m")
        for name in ("worker 1", "worker 2"):
            cluster.add_worker(name)
        settings = {
            "spark.executor.memory": "512m",
            "spark.executor.cores": "1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": str(cluster.connect),
            "spark.sql.session.timeZone": "Asia/Tokyo",  # ours sets its own
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.ui.port": str(cluster.pages),
        }
        options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        program = ["spark-submit", "--master", f"spark://127.0.0.1:{cluster.master}", "--driver-memory", "700m"]
        server = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
        cluster.start("connect", [*program, *options, *server], lambda: _answers(cluster.connect), "700m")
        yield cluster
    finally:
        cluster.stop()
