"""The fault matrix: what can go wrong, what ccops does then, and how the process ends.

Each row has at least one test in this folder, named `test_f01_…` after it, or a reason why it
cannot be built yet. `docs/faults.md` is made from here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault. `exits` are the codes that its tests reach; `missing` says why it has no test."""

    number: int
    fault: str
    expected: str
    exits: tuple[int, ...] = ()
    simulated: bool = False
    missing: str = ""

    @property
    def name(self) -> str:
        """For example `F-01`."""
        return f"F-{self.number:02}"

    @property
    def prefix(self) -> str:
        """What the names of its tests begin with."""
        return f"test_f{self.number:02}_"


def _row(number: int, fault: str, expected: str, *exits: int) -> Row:
    return Row(number=number, fault=fault, expected=expected, exits=exits)


def _simulated(number: int, fault: str, expected: str, *exits: int) -> Row:
    return Row(number=number, fault=fault, expected=expected, exits=exits, simulated=True)


def _missing(number: int, fault: str, why: str) -> Row:
    return Row(number=number, fault=fault, expected="", missing=why)


MATRIX: tuple[Row, ...] = (
    _simulated(1, "the connection breaks before a POST arrives", "waits, looks, posts once", 0),
    _simulated(2, "the connection breaks after a POST was carried out", "one POST in all", 0),
    _simulated(3, "a POST is carried out after ccops gave up on it", "one POST in all", 0),
    _simulated(
        4, "as F-03, and the next commit says unscheduled", "the next run sees and removes it", 0
    ),
    _simulated(5, "the connection breaks before or after a DELETE", "looks, then decides", 0),
    _simulated(6, "the connection breaks before or after a PUT", "looks, then decides", 0),
    _simulated(
        7,
        "the recipients change after the last look, while it is scheduled",
        "read back, and the own schedule is taken back",
        8,
    ),
    _row(8, "429 `throttled` without Retry-After", "waits; writes again only after a look", 0, 5),
    _row(
        9,
        "429 with a Retry-After that is long, a date, negative or nonsense",
        "waits up to a minute, never a day",
        0,
        5,
    ),
    _row(10, "429 `quota_exceeded`", "ends at once, and says when the day begins anew", 5),
    _row(11, "5xx for readings, a few and many", "reads again up to three times", 0, 1),
    _simulated(12, "500 for a POST, carried out or not", "looks, then decides", 0),
    _simulated(13, "502 with a page of HTML for a POST", "looks; the page is never shown", 0),
    _row(14, "200 with a page of HTML (captive portal)", "an error, never taken for absence", 1),
    _row(15, "an answer that drips", "30 seconds in all for a request", 0, 1),
    _row(16, "a body cut short, for a reading and for a POST", "reads again; looks", 0),
    _simulated(
        17,
        "2xx for a POST with another date, none, or one too many",
        "looks; takes a wrong schedule back",
        0,
        8,
    ),
    _row(
        18,
        "401 for a reading, mid-run, with a token that can be renewed",
        "renews once; after a write only to look, and the next run goes on",
        0,
        4,
        8,
    ),
    _simulated(19, "401 for a POST, carried out or not", "never repeated blindly", 4, 8, 10),
    _row(
        20,
        "the renewal of a token fails",
        "no write begins; in mid-sequence a person is called",
        0,
        4,
        5,
        10,
    ),
    _row(21, "the answer to a renewal is lost", "one try; logging in again repairs it", 4),
    _row(22, "eight runners renew one token at once", "one of them does, and the others use it", 0),
    _row(23, "this machine's clock is off by an hour, or jumps", "refuses to write", 6),
    _row(24, "the server tells no time, or nonsense", "refuses to write", 1),
    _row(
        25,
        "a local time that does not exist or exists twice, no zone, other zone data",
        "refused where it stands; a plan made with other zone data is stale",
        3,
        7,
    ),
    _simulated(
        26, "the send time passes, or comes near, between plan and apply", "never sent late", 6, 7
    ),
    _simulated(
        27, "the process is frozen between the look and the write", "reads again, or nothing", 0, 7
    ),
    _simulated(28, "somebody edits a campaign between plan and apply", "stale: no write", 7),
    _simulated(
        29,
        "somebody edits a campaign between the look and the POST",
        "read back, and the own schedule is taken back",
        8,
    ),
    _simulated(
        30,
        "somebody schedules, unschedules, sends or deletes it mid-run",
        "decides anew; never posts over it",
        1,
        6,
        7,
        8,
    ),
    _row(31, "the quota ends between DELETE and POST", "says loudly that it is unscheduled", 8, 10),
    _row(32, "a list or segment is deleted between plan and apply", "refuses", 3, 7, 8),
    _missing(
        33, "a list grows from 100 to 50,000 contacts", "the guard `max-growth` is not built yet"
    ),
    _row(34, "two applies of one plan at once", "the second one finds the lock held", 0, 9),
    _simulated(35, "an apply of an older plan after a newer one", "stale: no write", 7),
    _simulated(36, "the holder of the lock is killed", "the next run looks first, then goes on", 0),
    _simulated(37, "the lock is lost while its holder lives", "no further request", 9, 10),
    _missing(
        38,
        "a lock with a time limit expires while its holder is frozen",
        "there is no store with such a lock: a session's lock has no time limit; the simulated "
        "world has one",
    ),
    _simulated(39, "`kill -9` at every effect boundary", "the next run ends it", 0, 10),
    _row(40, "SIGINT or SIGTERM, once and twice", "finishes what it began", 130, 143, 10),
    _row(41, "disk full or read-only before a request", "the request is never made", 9),
    _row(42, "disk full after a request", "says that a person must look", 10),
    _row(43, "the journal is damaged, cut off or of another version", "refuses to write", 9),
    _row(44, "PostgreSQL is down, at the start or mid-run, or a replica", "no write", 9, 10),
    _row(
        45,
        "a plan file that was edited, is for another account, expired or a link",
        "no write",
        3,
        7,
    ),
    _row(46, "a page of a listing is foreign, in a circle, or fails", "never half an account", 1),
    _row(
        47, "a status nobody knows, in small letters, missing; `null` for lists", "blocked", 0, 1, 6
    ),
    _simulated(48, "somebody sent it between plan and apply", "no write", 7),
    _row(49, "a send failed half-way", "blocked: a person must look", 6),
    _simulated(50, "it is being sent when the DELETE arrives", "says so; no POST", 6, 8),
    _simulated(
        51, "readings lag behind the writes", "waits for them; else a person must look", 0, 10
    ),
    _simulated(52, "a proxy delivers a request twice", "the second one has no effect", 0),
    _row(53, "the privilege to send is missing", "refused before the first write", 4),
    _row(54, "the token is another account's", "refused before anything is compared", 4),
    _row(55, "no manifests, merge markers, half a checkout", "refuses", 3),
    _row(56, "no name, no route, an intercepted connection", "an error, and no write", 1),
    _row(57, "eight runners with skewed clocks for ten minutes", "one pace and one ledger", 0),
    _row(58, "PgBouncer in transaction mode", "refused: a lock needs a session", 3),
    _row(59, "200 campaigns of 1 MB each", "contents are not read at all", 0),
    _row(60, "`verify` finds a send to nobody, or a failed one", "says so", 6),
    _simulated(
        61,
        "a late DELETE of a reschedule lands after the new POST",
        "cannot: it is settled first",
        0,
    ),
    _simulated(62, "the next run begins the second after this one", "waits before it trusts", 0),
)
