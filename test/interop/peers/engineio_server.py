"""A server of Python's engineio that echoes; says on stdout which port it has."""
import engineio
from aiohttp import web

from aiohttp_serving import serve

server = engineio.AsyncServer(async_mode="aiohttp", ping_interval=0.3, ping_timeout=5, max_http_buffer_size=2000000)


@server.on("message")
async def echo(sid, data):
    if data == "goodbye":
        await server.disconnect(sid)
    else:
        await server.send(sid, data)


app = web.Application(client_max_size=2000000)
server.attach(app)
serve(app)
