"""python segment_client.py BASE WRITE_KEY CALLS FLUSH_AT, with segment-analytics-python"""

import sys

import calls
from segment.analytics.client import Client

failures = []
host, write_key, path, flush_at = sys.argv[1:]
client = Client(
    write_key,
    host=host,
    upload_size=int(flush_at),
    gzip=int(flush_at) > 1,
    on_error=lambda error, items: failures.append(error),
)
calls.make(client, path)
client.shutdown()
sys.exit(str(failures) if failures else 0)
