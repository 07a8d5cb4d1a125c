"""`ccops auth`: log in, see who is logged in, and log out."""

import sys
from pathlib import Path

import click

from ccops.commands.look import encoding_of, look
from ccops.commands.options import base_url_option, format_option, workspace_option
from ccops.commands.output import show, show_document, show_done, tell
from ccops.errors import ExitCode
from ccops.render.escape import terminal
from ccops.render.login import login_json, login_text
from ccops.session.login import Way, log_in, log_out, status, what_next
from ccops.session.walkthrough import REVOKING

_LOGIN_EXAMPLE = """\b
Example:
  ccops auth login --client-id 0c2f1c6a-6a3e-4f0e-a6f0-6f2d3f0f7d11
"""


@click.group("auth")
def command() -> None:
    """Log in to the workspace's account, see who is logged in, and log out."""


@command.command("login", epilog=_LOGIN_EXAMPLE)
@workspace_option
@base_url_option
@click.option(
    "--client-id",
    help="The client id of an application of yours, instead of CCOPS_CLIENT_ID (or …_FILE). "
    "Without one: how to get it.",
)
@click.option("--device", is_flag=True, help="Type a short code on any device instead.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or print the page.")
@click.option("--port", default=0, show_default="any", help="Of the redirect URI on 127.0.0.1.")
@click.option("--keychain", is_flag=True, help="Keep the login in this machine's keychain.")
def _login(
    *,
    start: Path,
    base_url: str | None,
    client_id: str | None,
    device: bool,
    browser: bool,
    port: int,
    keychain: bool,
) -> ExitCode:
    """Log in in the browser, and store the login for this account.

    Its renewal is no matter of yours. Nothing is written to the account. Outside a workspace it
    says which account that is, and how to make a workspace for it.
    """
    way = Way(device=device, browser=browser, port=port, client_id=client_id, keychain=keychain)
    done = log_in(start, base_url, way, tell=tell)
    show_done(login_text(done.shown, **look(sys.stdout)))
    for line in what_next(done):
        tell(line)
    return ExitCode.DONE


@command.command("status")
@workspace_option
@base_url_option
@format_option("text", "json")
def _status(start: Path, base_url: str | None, form: str) -> ExitCode:
    """Say whose login it is, for how long, and where it is stored."""
    shown = status(start, base_url)
    text = login_text(shown, **look(sys.stdout))
    if form == "json":
        show_document(login_json(shown))
    else:
        show(text)
    return ExitCode.DONE


@command.command("logout")
@workspace_option
@base_url_option
def _logout(start: Path, base_url: str | None) -> ExitCode:
    """Forget the stored login here. Constant Contact goes on accepting its tokens."""
    done = log_out(start, base_url)
    where = terminal(done.where, encoding_of(sys.stdout))
    no_login = f"No login was stored in {where}"
    show_done(f"Logged out: removed from {where}" if done.was_in else no_login)
    for name in done.still_set:
        tell(f"{name} is set, and still speaks for somebody: unset it")
    tell(REVOKING)
    return ExitCode.DONE
