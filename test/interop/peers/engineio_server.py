"""A server of Python's engineio that echoes; says on stdout which port it has."""
import asyncio

import engineio
from aiohttp import web

server = engineio.AsyncServer(async_mode="aiohttp", ping_interval=0.3, ping_timeout=5, max_http_buffer_size=2000000)


@server.on("message")
async def echo(sid, data):
    if data == "goodbye":
        await server.disconnect(sid)
    else:
        await server.send(sid, data)


async def main():
    app = web.Application(client_max_size=2000000)
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Future()


asyncio.run(main())
