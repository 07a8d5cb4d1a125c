"""The first `ccops.yaml` of a workspace: one that `ccops validate` has nothing to say against."""

import zoneinfo
from dataclasses import replace

from ccops import resources
from ccops.errors import InvalidInput
from ccops.manifest.settings import examine_settings
from ccops.manifest.writer import quote
from ccops.workspace import FILE

_TEXT = """\
# yaml-language-server: $schema=.ccops/workspace.schema.json
version: 1
account: {account}            # the encoded_account_id; any other account is refused
timezone: {zone}
"""


def workspace_text(account: str, zone: str) -> str:
    """Write the file for an account and its IANA zone, whatever these words hold.

    Raises:
        InvalidInput: as `ccops validate` would of that file, so before there is one.
    """
    text = _TEXT.format(account=quote(account), zone=quote(zone))
    # The zone data that ships with ccops decides, as it does for every later command.
    zoneinfo.reset_tzpath(())
    schema = resources.schema("workspace")
    _, errors = examine_settings(FILE, text, schema=schema, loopback=False)
    if errors:
        raise InvalidInput(*(replace(one, place=None) for one in errors))
    return text
