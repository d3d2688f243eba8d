"""A DNS server by dnslib for tests: a file of `name TYPE value` lines. Prints its port.

A name that starts with `long` is only answered over TCP: over UDP its answer is cut.
"""

import sys

from dnslib import QTYPE, RR
from dnslib.server import BaseResolver, DNSLogger, DNSServer

zone = {}
for line in open(sys.argv[1]):
    name, kind, value = line.rstrip("\n").split(" ", 2)
    zone.setdefault((name.lower() + ".", kind), []).append(value)


class Resolver(BaseResolver):
    def resolve(self, request, handler):
        reply = request.reply()
        name, kind = str(request.q.qname).lower(), QTYPE[request.q.qtype]
        values = zone.get((name, kind), [])
        if not values and not any(known == name for known, _ in zone):
            reply.header.rcode = 3
        if name.startswith("long") and handler.protocol == "udp":
            reply.header.tc = 1
            return reply
        for value in values:
            if kind == "TXT":
                value = " ".join('"%s"' % value[at : at + 200] for at in range(0, len(value), 200))
            reply.add_answer(*RR.fromZone(f"{name} 60 IN {kind} {value}"))
        return reply


quiet = DNSLogger(logf=lambda *_: None)
udp = DNSServer(Resolver(), port=0, address="127.0.0.1", logger=quiet)
port = udp.server.server_address[1]
tcp = DNSServer(Resolver(), port=port, address="127.0.0.1", tcp=True, logger=quiet)
tcp.start_thread()
print(port, flush=True)
udp.start()
