import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { findFreePort } from '../support/postgres.js';
import { ROOT } from './pages.js';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** What commands of a page wrote. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell in a project of its own, in which the blocks of a page are run one after another. */
export interface Shell {
  /** A folder outside of the project. */
  readonly outside: string;
  /** Runs a block where the last one ended: in its folder, with its variables. */
  readonly run: (text: string) => Promise<Ran>;
  /** Starts a block that ends with the shell, and waits until it has printed something. */
  readonly start: (text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Servers are stopped as soon as they print; a dashboard without a terminal needs a token; `npm start` is what package.json says, of a fixed date. */
const PIPELINE = `#!/usr/bin/env bash
case "$1 $*" in *--once*) ;; dashboard*|schedule*|fake-api*)
  [ -n "$KEEP_SERVING" ] && exec node "$RUN_JS" "$@"
  case "$*" in schedule*--port*) ;; schedule*) set -- "$@" --port "$FREE_PORT" ;; esac
  case "$*" in *--token-file*) ;; dashboard*)
    (umask 077; openssl rand -hex 32 > "$TMPDIR/token"); set -- "$@" --token-file "$TMPDIR/token" ;; esac
  out="$(mktemp)"; node "$RUN_JS" "$@" >"$out" 2>&1 & pid=$!
  until [ -s "$out" ]; do kill -0 $pid || break; sleep 0.1; done
  kill -TERM $pid; wait $pid; code=$?; cat "$out"
  [ $code = 143 ] && exit 0; exit $code ;;
esac
exec node "$RUN_JS" "$@"
`;
const NPM = `#!/usr/bin/env bash
[ "$*" = start ] || { echo "npm $* is not for a page" >&2; exit 99; }
exec pipeline run --date 2026-11-20
`;

/** @param files of the project, by name */
export async function openShell(
  environment: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, string>,
): Promise<Shell> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-page-')));
  const project = join(root, 'project');
  for (const folder of ['bin', 'config/lakeveil', 'home', 'tmp', 'project']) {
    mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
  }
  writeFiles(
    join(root, 'bin'),
    new Map([
      ['pipeline', PIPELINE],
      ['npm', NPM],
    ]),
    0o755,
  );
  writeFiles(project, files);
  // A fixed key, on which the order of rows without an `order by` depends.
  const key = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256)).toString('base64');
  writeFiles(root, new Map([['config/lakeveil/local.key', `${key}\n`]]), 0o600);
  const env = {
    PATH: `${join(root, 'bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    RUN_JS: join(ROOT, 'bin', 'run.js'),
    FREE_PORT: String(await findFreePort()),
    HOME: join(root, 'home'),
    TMPDIR: join(root, 'tmp'),
    XDG_CONFIG_HOME: join(root, 'config'),
    ...environment,
  };
  const state = join(root, 'state');
  writeFileSync(state, `cd ${project}\n`);
  const begin = (text: string, more: object = {}): Child => {
    const script = `source ${state}\nset -euo pipefail\n${text}\n{ export -p; echo "cd '$PWD'"; } > ${state}\n`;
    return spawn('bash', ['-c', script], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const servers: Child[] = [];
  return {
    outside: join(root, 'tmp'),
    run: async (text) => {
      const child = begin(text);
      const [stdout, stderr, [code]] = await Promise.all([
        readText(child.stdout),
        readText(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      return { code, stdout, stderr };
    },
    start: async (text) => {
      const child = begin(`exec ${text}`, { KEEP_SERVING: '1' });
      servers.push(child);
      await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
    },
    close: async () => {
      for (const child of servers) {
        const closed = once(child, 'close');
        if (child.kill('SIGTERM')) await closed;
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function writeFiles(folder: string, files: ReadonlyMap<string, string>, mode = 0o644): void {
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode });
  }
}
