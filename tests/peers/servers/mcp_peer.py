"""An MCP server on PyPI's `mcp`, with one of everything that a client can ask for.

It is served over stdio, or with the argument `http` over HTTP, on the port `$PORT`; then without a store of events, so that nothing is
resumed.
"""

import sys

import anyio
import mcp_types as types
from asks import ELICIT, PAGE, ROOTS, SAMPLE, ask, is_modern
from mcp.server.mcpserver import Context, MCPServer

server = MCPServer("peer-mcp", version="1.0", log_level="ERROR")


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


@server.tool()
async def change(ctx: Context) -> str:
    """Tells who subscribed that the resource has changed."""
    if is_modern(ctx):
        await ctx.notify_resource_updated("peer://text")
    else:
        await ctx.session.send_resource_updated("peer://text")
    return "changed"


async def nothing_to_do(ctx, params) -> types.EmptyResult:
    return types.EmptyResult()


# The library serves subscriptions of the modern era by itself, and those of the legacy one only so.
for method, params in [
    ("resources/subscribe", types.SubscribeRequestParams),
    ("resources/unsubscribe", types.UnsubscribeRequestParams),
]:
    server._lowlevel_server.add_request_handler(method, params, nothing_to_do)


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
    from web import serve

    serve(server.streamable_http_app())
else:
    server.run("stdio")
