"""The pure core, as the import contract in pyproject.toml lists it: the one place that does.

Run as a script, it prints the file patterns for `coverage report --include`.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACT = "pure"


def modules() -> tuple[str, ...]:
    """Return the dotted names of the pure modules and packages, as the contract lists them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return tuple(next(one["source_modules"] for one in contracts if one["id"] == CONTRACT))


def pattern(module: str) -> str:
    """Return the pattern of one module's file, or of all files of a package."""
    path = ROOT.joinpath(*module.split("."))
    if path.is_dir():
        return f"{path}/*"
    return f"{path}.py"


if __name__ == "__main__":
    print(",".join(pattern(module) for module in modules()))
