"""A client of Python's websockets: tries everything on the server at argv[1], and says on stdout what it has done."""
import asyncio
import sys

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

SIZES = [0, 1, 125, 126, 65535, 65536, 300000]


async def main(url):
    deflates = [
        None,
        [ClientPerMessageDeflateFactory()],
        [ClientPerMessageDeflateFactory(client_max_window_bits=10, server_max_window_bits=11)],
        [ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)],
    ]
    for extensions in deflates:
        async with websockets.connect(url, extensions=extensions, compression=None, subprotocols=["v2"]) as socket:
            assert socket.subprotocol == "v2", socket.subprotocol
            assert bool(socket.extensions) == bool(extensions), socket.extensions
            for size in SIZES:
                for message in ("é" * size, bytes(index * 7 & 255 for index in range(size))):
                    await socket.send(message)
                    assert await socket.recv() == message, size
            await socket.send(["frag", "", "ments"])
            assert await socket.recv() == "fragments"
            await asyncio.wait_for(await socket.ping(b"payload"), 10)
            print("exchanged with", extensions)
    for code in (1000, 1001, 3000, 4999):
        async with websockets.connect(url) as socket:
            await socket.send(f"close {code}")
            try:
                await socket.recv()
                raise AssertionError("not closed")
            except websockets.ConnectionClosed as closed:
                assert (closed.rcvd.code, closed.rcvd.reason) == (code, "as you wish"), closed
    async with websockets.connect(url) as socket:
        await socket.close(4000, "bye")
        assert socket.close_code == 4000, socket.close_code
    print("ok")


asyncio.run(main(sys.argv[1]))
