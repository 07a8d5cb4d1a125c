"""Files that an outsider may have put there: read once, through no link, waiting for nobody."""

import os
import stat
from pathlib import Path
from typing import Final

SAFELY: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
"""How such a file is opened: neither through a link nor waiting for the writer of a pipe.

Windows has neither flag, nor the things that they guard against; it reads text unless told otherwise.
"""


def read_regular(path: str | Path, most: int) -> bytes:
    """Return the bytes of a regular file, one more than `most` if it is larger.

    What is checked is what was opened. Raises OSError, or ValueError with the reason: it is none.
    """
    handle = os.open(path, SAFELY)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("it is no regular file")
        return stream.read(most + 1)
