"""octoDNS, the peer that also plans from YAML to YAML: as many records as campaigns.

It goes into an environment of its own, .venv/peers. What cannot be installed has a row that says so.
"""

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.furnishing import EDITED
from benchmarks.manifests import measured
from benchmarks.measuring import HERE, ROOT, Row, Spent, beside, in_turns, row

VERSION = "1.22.0"
PEERS = ROOT / ".venv" / "peers"
CONFIG = HERE / "peers" / "octodns" / "config.yaml"
SIZES = (1_000, 10_000)
_BIN = PEERS / ("Scripts" if sys.platform == "win32" else "bin")


def rows() -> list[Row]:
    try:
        install()
    except (OSError, subprocess.CalledProcessError) as error:
        return [row("octoDNS, planning from YAML to YAML", f"could not be installed: {error}")]
    return [one for count in SIZES for one in _rows(count)]


def install() -> None:
    if not _BIN.exists():
        venv.create(PEERS, with_pip=True)
    pip = (str(_BIN / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq")
    subprocess.run((*pip, f"octodns=={VERSION}"), check=True)


def _rows(count: int) -> list[Row]:
    ours = measured(count, runs=2)["plan --offline"]
    theirs = _octodns(count)
    what = f"offline plan of {count:,}, 1 in {EDITED} edited"
    peer = f"octoDNS {VERSION}, as many A records in two files"
    return [
        beside(what, ours.seconds, theirs.seconds, peer),
        row(
            f"memory: {what}",
            f"{ours.megabytes:.0f} MB",
            f"{theirs.megabytes:.0f} MB, {peer}",
            ours.megabytes / theirs.megabytes,
        ),
    ]


def _octodns(count: int) -> Spent:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(CONFIG, folder)
        for version, later in (("base", 0), ("head", 1)):
            (folder / version).mkdir()
            zone = "".join(_record(number, later) for number in range(count))
            (folder / version / "example.com.yaml").write_text(zone, encoding="utf-8")
        # The folders of its providers are relative to where it is called.
        config = folder / "config.yaml"
        text = config.read_text(encoding="utf-8").replace("./", f"{folder}/")
        config.write_text(text, encoding="utf-8")
        command = (str(_BIN / "octodns-sync"), "--config-file", str(config), "--force")
        return in_turns({"octodns": command}, runs=2)["octodns"]


def _record(number: int, later: int) -> str:
    last = number % 250 + (later if number % EDITED == 0 else 0)
    return f"campaign-{number:05}:\n  type: A\n  ttl: 300\n  value: 192.0.2.{last + 1}\n"
