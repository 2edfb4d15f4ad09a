"""What `packaging/` holds for an operator is what its programs take, and names settings that there are."""

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from support.server import REPOSITORY, binary

UNIT = REPOSITORY / "packaging/sextant.service"
COMPOSE = REPOSITORY / "packaging/compose.yaml"
DOCKERFILE = REPOSITORY / "packaging/Dockerfile"
ENTRYPOINT = REPOSITORY / "packaging/docker-entrypoint"
SETTING = re.compile(r"\bSEXTANT_[A-Z0-9_]+")
# systemd's own sum of what a service may do, from 0.0 (nothing) to 10.0 (everything).
MOST_EXPOSED = 4.0


def settings() -> set[str]:
    helped = subprocess.run([str(binary()), "serve", "--help"], capture_output=True, text=True, timeout=60, check=True)
    return set(SETTING.findall(helped.stdout))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "sextant"
    program.symlink_to(binary())
    text = UNIT.read_text().replace("/opt/sextant/sextant", str(program)).replace("/opt/sextant/docs", str(REPOSITORY / "docs"))
    unit = tmp_path / UNIT.name
    # Users that are there: systemd looks them up.
    unit.write_text(re.sub(r"^(User|Group)=.*$", r"\1=daemon", text, flags=re.MULTILINE))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert verified.returncode == 0 and verified.stderr == "", verified.stderr
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSytem=strict"))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert "ProtectSytem" in verified.stderr
    unit.write_text(text)
    exposed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True, timeout=60
    )
    (level,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", exposed.stdout)
    assert float(level) <= MOST_EXPOSED, exposed.stdout


@pytest.mark.parametrize("file", [UNIT, COMPOSE, DOCKERFILE, ENTRYPOINT], ids=lambda path: path.name)
def test_settings_are_known(file: Path) -> None:
    named = set(SETTING.findall(file.read_text()))
    assert named and named <= settings()


def test_the_compose_file_is_one_service_with_a_volume() -> None:
    described = yaml.safe_load(COMPOSE.read_text())
    assert set(described["services"]) == {"sextant"} and set(described["volumes"]) == {"sextant"}
    service = described["services"]["sextant"]
    assert (COMPOSE.parent / service["build"]["context"]).resolve() == REPOSITORY.resolve()
    assert (REPOSITORY / service["build"]["dockerfile"]) == DOCKERFILE
    # Nobody but this machine reaches it unless somebody opens it.
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    (volume,) = service["volumes"]
    assert volume.split(":")[1] in DOCKERFILE.read_text()


def test_the_image_copies_what_there_is_and_is_nobody_special() -> None:
    lines = DOCKERFILE.read_text().splitlines()
    for line in lines:
        if line.startswith("COPY "):
            assert (REPOSITORY / line.split()[1]).is_file(), line
    assert "USER sextant" in lines and lines.index("USER sextant") < lines.index('ENTRYPOINT ["docker-entrypoint"]')
    assert ENTRYPOINT.stat().st_mode & 0o111 == 0o111


def test_the_entry_makes_data_once_and_passes_commands_on(tmp_path: Path) -> None:
    (tmp_path / "sextant").symlink_to(binary())
    data = tmp_path / "data"
    # A port that is taken keeps it from serving for ever.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SEXTANT_DATA": str(data), "SEXTANT_PORT": port}

        def enter(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run([str(ENTRYPOINT), *arguments], capture_output=True, text=True, timeout=120, env=environment)

        version = enter("--version")
        assert version.returncode == 0 and re.match(r"\d+\.\d+\.\d+", version.stdout) and not data.exists()
        first = enter("serve")
        assert "token" in first.stdout.lower() and (data / "control.sqlite").is_file()
        assert first.returncode != 0 and port in first.stderr
        again = enter("serve")
        assert "token" not in again.stdout.lower() and again.returncode != 0 and port in again.stderr
