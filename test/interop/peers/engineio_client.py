"""A client of Python's engineio: tries every transport on the server at argv[1], and says on stdout what it has done."""
import asyncio
import sys

import engineio

SIZES = [0, 1, 125, 126, 65535, 65536, 300000]
COUNT = 50


async def talk(url, transports):
    client = engineio.AsyncClient()
    inbox = asyncio.Queue()
    client.on("message", lambda data: inbox.put_nowait(data))
    ended = asyncio.get_running_loop().create_future()
    client.on("disconnect", lambda: ended.done() or ended.set_result(None))
    await client.connect(url, transports=transports)

    async def echo(message):
        await client.send(message)
        answer = await asyncio.wait_for(inbox.get(), 20)
        assert answer == message, (len(message), answer[:50])

    for size in SIZES:
        # Its own decoder takes text for JSON where it can.
        await echo("x" + "é" * size)
        await echo(bytes(index * 7 & 255 for index in range(size)))
    for index in range(COUNT):
        await client.send(f"n{index}")
    for index in range(COUNT):
        assert await asyncio.wait_for(inbox.get(), 20) == f"n{index}"
    print(transports, "talked over", client.transport())
    assert client.transport() == (transports or ["websocket"])[-1]
    # Longer than a heartbeat, which is short here.
    await asyncio.sleep(1)
    await echo("still here")
    await client.disconnect()
    await asyncio.wait_for(ended, 10)


async def main(url):
    for transports in (["polling"], ["websocket"], ["polling", "websocket"]):
        await talk(url, transports)
    print("ok")


asyncio.run(main(sys.argv[1]))
