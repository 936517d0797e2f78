"""What the servers here that run on aiohttp have in common."""
import asyncio

from aiohttp import web


def serve(app):
    """Serves on a free port, and says on stdout which."""
    asyncio.run(_serve(app))


async def _serve(app):
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Future()
