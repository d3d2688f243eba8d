"""The calls of calls.json, made with whatever client is given."""

import json
from datetime import datetime, timedelta, timezone


def make(client, path):
    made = datetime.now(timezone.utc)
    names = {"userId": "user_id", "anonymousId": "anonymous_id", "previousId": "previous_id", "groupId": "group_id"}
    with open(path, encoding="utf-8") as file:
        for call in json.load(file):
            method = getattr(client, call.pop("type"))
            timestamp = made - timedelta(seconds=call.pop("secondsAgo"))
            method(timestamp=timestamp, **{names.get(name, name): value for name, value in call.items()})
