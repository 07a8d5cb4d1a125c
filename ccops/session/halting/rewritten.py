"""Stop sends in the workspace's manifests: read again, rewritten, put back in one piece."""

from collections.abc import Iterable, Mapping, Sequence

from ccops import resources
from ccops.errors import InvalidInput
from ccops.manifest.rewrite import Stop, by_hand, stop_sends
from ccops.render.halting import HaltedManifest
from ccops.session.replacing import replace_file
from ccops.workspace import Workspace, read_file


def rewrite(
    space: Workspace, stops: Iterable[Stop], *, dry: bool = False
) -> dict[str, HaltedManifest]:
    """Stop these sends in their files, and say by campaign what became of each.

    Every file is replaced in one piece or left as it was; one that cannot be rewritten hinders
    no other, and neither do manifests in one file. `dry`: nothing is written.
    """
    files: dict[str, list[Stop]] = {}
    for stop in stops:
        files.setdefault(stop.desired.place.file, []).append(stop)
    done: dict[str, HaltedManifest] = {}
    for file, group in files.items():
        whole = _rewritten(space, file, group, dry=dry)
        if len(group) > 1 and not all(one.rewritten for one in whole.values()):
            for stop in group:
                done |= _rewritten(space, file, [stop], dry=dry)
        else:
            done |= whole
    return done


def _rewritten(
    space: Workspace, file: str, stops: Sequence[Stop], *, dry: bool
) -> Mapping[str, HaltedManifest]:
    try:
        before = read_file(space.root, file)
        after = stop_sends(
            file,
            before,
            stops,
            schema=resources.schema("campaign"),
            zone=space.settings.zone,
        )
        if after != before and not dry:
            replace_file(space.root, file, before, after)
    except InvalidInput as refused:
        problem = refused.diagnostics[0].message
        return {one.desired.campaign: _left(file, problem, one) for one in stops}
    return {one.desired.campaign: HaltedManifest(file=file, rewritten=True) for one in stops}


def _left(file: str, problem: str, stop: Stop) -> HaltedManifest:
    return HaltedManifest(file=file, rewritten=False, problem=problem, by_hand=by_hand(stop))
