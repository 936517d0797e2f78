"""A client of Python's aiohttp: tries everything on the server at argv[1], and says on stdout what it has done."""
import asyncio
import sys

import aiohttp

SIZES = [0, 1, 125, 126, 65535, 65536, 300000]


async def main(url):
    async with aiohttp.ClientSession() as session:
        for compress in (0, 15, 10):
            async with session.ws_connect(url, compress=compress, protocols=["v2"]) as socket:
                assert socket.protocol == "v2", socket.protocol
                for size in SIZES:
                    text = "é" * size
                    await socket.send_str(text)
                    assert (await socket.receive_str()) == text, size
                    data = bytes(index * 7 & 255 for index in range(size))
                    await socket.send_bytes(data)
                    assert (await socket.receive_bytes()) == data, size
                await socket.ping(b"payload")
                print("exchanged with compress", compress)
        for code in (1000, 1001, 3000, 4999):
            async with session.ws_connect(url) as socket:
                await socket.send_str(f"close {code}")
                message = await socket.receive()
                assert message.type == aiohttp.WSMsgType.CLOSE, message
                assert (message.data, message.extra) == (code, "as you wish"), message
    print("ok")


asyncio.run(main(sys.argv[1]))
