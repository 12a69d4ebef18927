// The conformance runner imports `globSync` from node's `fs`, which has it from Node 22 on. In client mode it isn't
// called: under an older node (`node --import ./glob.mjs`) an empty one is enough.
import * as fs from 'node:fs';
import { register } from 'node:module';

const withGlob = 'data:text/javascript,export * from "node:fs"; export const globSync = () => [];';
const hooks = `export const resolve = (name, context, next) =>
    name === 'fs' ? { url: ${JSON.stringify(withGlob)}, shortCircuit: true } : next(name, context);`;
if (!fs.globSync) register(`data:text/javascript,${encodeURIComponent(hooks)}`);
