"""The tables of the SQLite files, version by version.

A version that was released is never changed: files of it are recognised by its very text.
"""

from typing import Final

JOURNAL: Final = (
    """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    activity TEXT NOT NULL,
    write_id TEXT NOT NULL,
    entry TEXT NOT NULL,
    hash TEXT NOT NULL
);;
CREATE INDEX journal_activity ON journal (activity);;
CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;;
CREATE TRIGGER journal_is_never_cut BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;;
CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER, hash TEXT);;
CREATE TABLE open_writes (activity TEXT PRIMARY KEY, write_id TEXT NOT NULL);;
CREATE TABLE holder (
    only INTEGER PRIMARY KEY CHECK (only = 1), run TEXT, host TEXT, pid INTEGER, since TEXT
);;
""",
    """
CREATE TABLE generations (activity TEXT PRIMARY KEY, made_at TEXT NOT NULL);;
CREATE TABLE halts (activity TEXT PRIMARY KEY, halt TEXT NOT NULL);;
""",
)

METER: Final = (
    """
CREATE TABLE slot (only INTEGER PRIMARY KEY CHECK (only = 1), next_at INTEGER NOT NULL);;
CREATE TABLE ledger (day TEXT PRIMARY KEY, used INTEGER NOT NULL);;
""",
)

TOKEN: Final = (
    """
CREATE TABLE token (
    only INTEGER PRIMARY KEY CHECK (only = 1), generation INTEGER NOT NULL, record TEXT NOT NULL
);;
""",
)
