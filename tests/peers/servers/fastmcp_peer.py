"""An MCP server on PyPI's `fastmcp`, with one of everything that a client can ask for.

It is served over stdio, or with the argument `http` over HTTP, on the port `$PORT`; then with a store of events, to resume from.
"""

import sys

import anyio
import mcp_types as types
from asks import ELICIT, PAGE, ROOTS, SAMPLE, ask
from fastmcp import Context, FastMCP

server = FastMCP("peer-fastmcp", version="1.0")


@server.tool()
def echo(text: str) -> str:
    return text


@server.tool()
async def slow(ms: int, ctx: Context) -> str:
    """Tells that it goes on, then takes its time."""
    await ctx.report_progress(1, 2, "begun")
    await anyio.sleep(ms / 1000)
    return f"{ms} ms"


@server.tool()
async def sample(ctx: Context) -> str | types.InputRequiredResult:
    return await ask(ctx, SAMPLE)


@server.tool()
async def elicit(ctx: Context) -> str | types.InputRequiredResult:
    return await ask(ctx, ELICIT)


@server.tool()
async def elicit_url(ctx: Context) -> str | types.InputRequiredResult:
    return await ask(ctx, PAGE)


@server.tool()
async def roots(ctx: Context) -> str | types.InputRequiredResult:
    return await ask(ctx, ROOTS)


@server.resource("peer://text")
def text() -> str:
    return "hello"


@server.resource("peer://greeting/{name}")
def greeting(name: str) -> str:
    return f"hello {name}"


@server.prompt()
def greet(name: str) -> str:
    return f"Greet {name}."


@server.completion()
async def complete(ref, argument, context):
    return types.Completion(values=[value for value in ["ada", "alan"] if value.startswith(argument.value)])


if sys.argv[1:] == ["http"]:
    from fastmcp.server.event_store import EventStore
    from web import serve

    serve(server.http_app(event_store=EventStore(), retry_interval=200))
else:
    server.run("stdio", show_banner=False)
