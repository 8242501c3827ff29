// Bundles the program: a command opens a few files instead of several hundred, which is most of its start.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Packages with native code, with files of their own, or loaded by few commands. */
const EXTERNAL = [
  '@duckdb/node-api',
  '@faker-js/faker',
  'node-sqlite3-wasm',
  'pg',
  'pg-copy-streams',
  'typescript',
  'vega',
  'vega-lite',
];

/** The one class of undici that is used. Its index loads all others, which takes as long as the rest of a request's code. */
const UNDICI_AGENT = `
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import api from 'undici/lib/api/index.js';
Object.assign(Dispatcher.prototype, api);
export { Agent };
`;

const undiciAgent = {
  name: 'undici-agent',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'agent', namespace: 'undici' }));
    onLoad({ filter: /.*/, namespace: 'undici' }, () => ({ contents: UNDICI_AGENT, resolveDir: ROOT }));
  },
};

await build({
  entryPoints: {
    guard: join(ROOT, 'src/base/guard.ts'),
    launch: join(ROOT, 'commands/cli/launch.ts'),
    commands: join(ROOT, 'commands/index.ts'),
    pipeline: join(ROOT, 'src/pipeline.ts'),
    worker: join(ROOT, 'fake-api/worker.ts'),
    'run-worker': join(ROOT, 'src/launch/run-worker.ts'),
    'ingest-worker': join(ROOT, 'src/ingest/crew/ingest-worker.ts'),
  },
  outdir: join(ROOT, 'dist/bundle'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: EXTERNAL,
  plugins: [undiciAgent],
  // Packages in CommonJS call it.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module';\nconst require = createBundleRequire(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
});
