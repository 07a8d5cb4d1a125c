"""What a person has to be told of logging in, in plain words."""

import shlex

from ccops.session.loopback import HOST, PATH

STEPS = (
    "ccops logs in as an application of your own: the request quota is counted for it alone.",
    "1. Open https://developer.constantcontact.com, click My Applications and log in.",
    "2. Click New Application. Its name may not contain the words Constant Contact.",
    "3. Choose Authorization Code Flow with PKCE, or Device Flow for --device: no secret.",
    "4. Choose Rotating Refresh Tokens if logins stay in one store (this machine, CCOPS_STORE);",
    "   Long Lived Refresh Tokens for jobs whose disk does not stay.",
    f"5. For PKCE, add the redirect URI http://{HOST}:8099{PATH} and log in with --port 8099.",
    "6. Copy the API Key: it is the client id, and no secret.",
    "7. ccops auth login --port 8099 --client-id API-KEY   (or set CCOPS_CLIENT_ID)",
)
"""How to make an application (docs; the portal's labels change).

Redirect URIs are registered there with their port (docs), so that any free port may be refused
(inferred): hence the fixed one.
"""

NO_CI = (
    "This login has no refresh token: it ends with its access token, within a day, and cannot "
    "serve CI. For that, log in without --device."
)


def make_workspace(account: str, zone: str) -> str:
    """Say how to make a workspace for an account; its words are the API's, so they are quoted."""
    words = shlex.join(["ccops", "init", "--account", account, "--timezone", zone])
    return f"Next, in the folder that is to be the workspace: {words}"


REVOKING = (
    "This does not revoke it at Constant Contact, where its tokens work until they expire. To end "
    "it there, delete the application under My Applications at "
    "https://developer.constantcontact.com, or ask their support to revoke its access."
)
"""No page where an account's owner takes back a consent is known (docs·support)."""
