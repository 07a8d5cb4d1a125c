"""What a careful person would write instead: one request after another, at the pace, each checked.

`script.py URL TOKEN WORK.json GAP [--check]`; WORK.json holds `[{"activity": id, "date": instant}]`.
It reads each activity, schedules it if it is a draft, and reads the schedule back. It knows no
manifests, no journal and no second run beside it.
"""

import json
import sys
import time
from pathlib import Path

import httpx


class Paced:
    """A client whose requests begin at least `gap` seconds apart."""

    def __init__(self, url: str, token: str, gap: float) -> None:
        self.client = httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"})
        self.gap = gap
        self.next = time.monotonic()

    def request(self, method: str, path: str, body: object = None) -> object:
        time.sleep(max(0.0, self.next - time.monotonic()))
        self.next = max(self.next, time.monotonic()) + self.gap
        reply = self.client.request(method, f"/v3/emails/activities/{path}", json=body)
        reply.raise_for_status()
        return reply.json()


def main() -> None:
    url, token, work, gap = sys.argv[1:5]
    api, check = Paced(url, token, float(gap)), "--check" in sys.argv
    for one in json.loads(Path(work).read_text(encoding="utf-8")):
        path = one["activity"]
        live = api.request("GET", path)
        if check or live["current_status"].upper() != "DRAFT":
            continue
        api.request("POST", f"{path}/schedules", {"scheduled_date": one["date"]})
        shown = api.request("GET", f"{path}/schedules")
        if [entry["scheduled_date"] for entry in shown] != [one["date"]]:
            sys.exit(f"{path} is scheduled for {shown}, not for {one['date']}")


if __name__ == "__main__":
    main()
