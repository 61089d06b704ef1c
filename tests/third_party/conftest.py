"""The servers, one of each for a whole run, and a home directory for every test."""

import pathlib
import sys

import pytest

import support

BESIDE_PYTHON = pathlib.Path(sys.executable).parent


@pytest.fixture
def home(tmp_path):
    """A home directory of its own: journals, locks and configuration end with the test."""
    return tmp_path


def started(folder, command, port=None, **env):
    home = folder / "home"
    home.mkdir()
    return support.Server(command, support.environment(home, **env), folder / "server.log", port)


@pytest.fixture
def emulator(tmp_path_factory):
    """An empty embedded KMS, a new one for every test. What is on its way there arrives when a test moves its clock."""
    folder = tmp_path_factory.mktemp("emulator")
    fleet = folder / "fleet.toml"
    fleet.write_text("seed = 7\n\n[transitions]\ncreating_ms = 3600000\nupdating_ms = 3600000\n")
    server = started(folder, [support.binary(), "emulate", "--listen", "127.0.0.1:0", "--fleet", str(fleet)])
    yield server
    server.stop()


@pytest.fixture
def ministack(tmp_path_factory):
    """ministack, bound to loopback only: without BIND_HOST it listens on every interface."""
    folder, port = tmp_path_factory.mktemp("ministack"), support.free_port()
    server = started(
        folder,
        [str(BESIDE_PYTHON / "ministack")],
        port,
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        SERVICES="kms,sts,iam",
    )
    yield server
    server.stop()


@pytest.fixture
def moto(tmp_path_factory):
    """moto's stand-alone server."""
    folder, port = tmp_path_factory.mktemp("moto"), support.free_port()
    server = started(folder, [str(BESIDE_PYTHON / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], port)
    yield server
    server.stop()
