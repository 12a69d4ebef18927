// Runs a WASI program: `node wasi.mjs PROGRAM ARGUMENT…`. It sees this repository's files, and no environment
// but RUST_BACKTRACE.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [program, ...rest] = process.argv.slice(2);
const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const { RUST_BACKTRACE = '0' } = process.env;
const wasi = new WASI({
  version: 'preview1',
  args: [program, ...rest],
  env: { RUST_BACKTRACE },
  preopens: { [root]: root },
  returnOnExit: true,
});
const module = await WebAssembly.compile(await readFile(program));
// What the C library lacks: threads. Each function says ENOTSUP.
const lacking = WebAssembly.Module.imports(module).filter((wanted) => wanted.module === 'env');
const env = Object.fromEntries(lacking.map(({ name }) => [name, () => 58]));
const instance = await WebAssembly.instantiate(module, { ...wasi.getImportObject(), env });
process.exitCode = wasi.start(instance);
