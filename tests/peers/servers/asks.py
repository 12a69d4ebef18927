"""What the tools of both Python peers ask the client for: as requests in the legacy era, as required input in the
modern one."""

import mcp_types as types

SAMPLE = types.CreateMessageRequest(
    params=types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=types.TextContent(type="text", text="hi"))],
        max_tokens=10,
    )
)
ELICIT = types.ElicitRequest(
    params=types.ElicitRequestFormParams(
        message="Who is it?",
        requested_schema={
            "type": "object",
            "properties": {"name": {"type": "string", "title": "Name"}},
            "required": ["name"],
        },
    )
)
PAGE = types.ElicitRequest(
    params=types.ElicitRequestURLParams(
        message="Please visit this page.", url="https://peer.test/page?a=1&b=%20", elicitation_id="it"
    )
)
ROOTS = types.ListRootsRequest()

RESULTS = {SAMPLE.method: types.CreateMessageResult, ELICIT.method: types.ElicitResult, ROOTS.method: types.ListRootsResult}


def is_modern(ctx) -> bool:
    return (ctx.session.protocol_version or "") >= "2026-07-28"


async def ask(ctx, request) -> str | types.InputRequiredResult:
    """Asks, and says what was answered, as JSON."""
    if ctx.input_responses:
        return ctx.input_responses["it"].model_dump_json(by_alias=True)
    if is_modern(ctx):
        return types.InputRequiredResult(input_requests={"it": request})
    answer = await ctx.session.send_request(request, RESULTS[request.method])
    return answer.model_dump_json(by_alias=True)
