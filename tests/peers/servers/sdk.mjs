// An MCP server on npm's `@modelcontextprotocol/server`, with one of everything that a client can ask for. With the
// argument `modern` it speaks the modern era alone. It is served over stdio, or with `http` at the end over HTTP, on
// the port `$PORT`: each request on its own, without sessions.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { completable, createMcpHandler, inputRequired, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

function make() {
    const capabilities = { resources: { subscribe: true } };
    const server = new McpServer({ name: 'peer-sdk', version: '1.0' }, { capabilities });
    const text = (text) => ({ content: [{ type: 'text', text }] });
    server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, async (given) => text(given.text));
    server.registerTool('slow', { inputSchema: z.object({ ms: z.number() }) }, async ({ ms }, ctx) => {
        const progressToken = ctx.mcpReq._meta?.progressToken;
        if (progressToken !== undefined) {
            const params = { progressToken, progress: 1, total: 2, message: 'begun' };
            await ctx.mcpReq.notify({ method: 'notifications/progress', params });
        }
        await sleep(ms, undefined, { signal: ctx.mcpReq.signal });
        return text(`${ms} ms`);
    });
    // The library asks a client of the legacy era itself, with requests.
    const asks = (name, request) =>
        server.registerTool(name, { inputSchema: z.object({}) }, async (_given, ctx) => {
            const answer = ctx.mcpReq.inputResponses?.it;
            return answer ? text(JSON.stringify(answer)) : inputRequired({ inputRequests: { it: request } });
        });
    const hi = { role: 'user', content: { type: 'text', text: 'hi' } };
    const form = { type: 'object', properties: { name: { type: 'string', title: 'Name' } }, required: ['name'] };
    asks('sample', inputRequired.createMessage({ messages: [hi], maxTokens: 10 }));
    asks('elicit', inputRequired.elicit({ message: 'Who is it?', requestedSchema: form }));
    asks('elicit_url', inputRequired.elicitUrl({ message: 'Please visit this page.', url: 'https://peer.test/page?a=1&b=%20' }));
    asks('roots', inputRequired.listRoots());
    // Of the modern era it sends these to those who asked for them alone.
    server.registerTool('change', { inputSchema: z.object({}) }, async () => {
        if (web) {
            web.notify.resourceUpdated('peer://text');
            web.notify.toolsChanged();
        } else {
            await server.server.sendResourceUpdated({ uri: 'peer://text' });
            await server.server.sendToolListChanged();
        }
        return text('changed');
    });
    server.server.setRequestHandler('resources/subscribe', async () => ({}));
    server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
    server.registerResource('text', 'peer://text', {}, async (uri) => ({ contents: [{ uri: uri.href, text: 'hello' }] }));
    const template = new ResourceTemplate('peer://greeting/{name}', { list: undefined });
    server.registerResource('greeting', template, {}, async (uri, { name }) => ({
        contents: [{ uri: uri.href, text: `hello ${name}` }],
    }));
    const name = completable(z.string(), (given) => ['ada', 'alan'].filter((value) => value.startsWith(given)));
    server.registerPrompt('greet', { argsSchema: z.object({ name }) }, async ({ name }) => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }],
    }));
    return server;
}

const isModern = process.argv[2] === 'modern';
let web;
if (process.argv.at(-1) === 'http') {
    web = createMcpHandler(make, { legacy: isModern ? 'reject' : 'stateless' });
    const server = createServer(toNodeHandler(web));
    server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(`listening on port ${server.address().port}`));
} else {
    serveStdio(make, { legacy: isModern ? 'reject' : 'serve' });
}
