"""Checks every DKIM signature of a message by dkimpy; the DNS is a file of `name<TAB>text` lines.

Prints one line a signature: its algorithm, whether it holds, and the fields it covers.
"""

import sys

import dkim

message = open(sys.argv[1], "rb").read()
records = dict(line.rstrip("\n").split("\t", 1) for line in open(sys.argv[2]))


def dns(name, timeout=5):
    text = records.get(name.decode().rstrip("."))
    return text.encode() if text else None


count = sum(1 for name, _ in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature")
for number in range(count):
    checked = dkim.DKIM(message, minkey=1024)
    try:
        holds = checked.verify(idx=number, dnsfunc=dns)
    except dkim.DKIMException as error:
        print("error", error)
        continue
    fields = checked.signature_fields
    covered = b":".join(b"".join(part.split()) for part in fields[b"h"].split(b":")).decode()
    print(fields[b"a"].decode(), "holds" if holds else "fails", covered)
