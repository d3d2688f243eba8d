"""A mail server by aiosmtpd that takes messages, or fails as the recipient's name asks it to.

Arguments: a folder for the messages, and `pipelining` or `plain`. Prints the port when it listens.
"""

import asyncio
import os
import sys
import uuid

from aiosmtpd.smtp import SMTP

folder, pipelining = sys.argv[1], sys.argv[2] == "pipelining"
REFUSALS = {
    "gone": "550 5.1.1 <gone@example.org>: no such user",
    "full": "452 4.2.2 over quota",
    "busy": "451 4.7.0 greylisted, try again",
    "throttled": "454 Throttling failure: Maximum sending rate exceeded.",
    "leave": "421 4.3.2 shutting down",
}


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        if pipelining:
            responses.insert(-1, "250-PIPELINING")
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        said = REFUSALS.get(address.split("@")[0])
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "spam":
            return "554 5.7.1 rejected as spam"
        path = os.path.join(folder, uuid.uuid4().hex)
        with open(path + ".part", "wb") as file:
            file.write(f"{envelope.mail_from}\n{envelope.rcpt_tos[0]}\n".encode() + envelope.original_content)
        os.rename(path + ".part", path + ".eml")
        if name == "drop":
            server.transport.abort()
        if name == "hang":
            await asyncio.sleep(3600)
        return "250 2.0.0 queued"


async def main():
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(Handler(), enable_SMTPUTF8=True, hostname="sink.example", decode_data=False, loop=loop)
    server = await loop.create_server(make, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
