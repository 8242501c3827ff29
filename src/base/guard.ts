import { limitCoreFiles, restartWithoutCoreFiles } from './core-files.js';
import { toLakeveilError } from './defect.js';
import { failure, type LakeveilError } from './errors.js';
import { formatError, toErrorDocument } from './terminal/print-error.js';
import { formatJson } from './text/json.js';

/**
 * What the process may not be started with, and what it may not do. Runs before any other module is loaded, so that
 * it imports nothing but texts of errors. With config.ts the only reader of `process.env`.
 */

/**
 * Flags of Node and V8 that load code, set a size, or choose certificates and addresses. Others are refused: many of them
 * write memory, keys or messages to a file, a socket or the terminal (`--log-maps`, `--prof`, `--heapsnapshot-signal`,
 * `--inspect`, `--report-on-fatalerror`, `--tls-keylog`), and a new version of Node may bring more.
 */
const ALLOWED_FLAGS = new Set([
  ...['--import', '--require', '-r', '--loader', '--experimental-loader', '--conditions', '-C'],
  ...[
    '--input-type',
    '--eval',
    '-e',
    '--env-file',
    '--env-file-if-exists',
    '--title',
    '--experimental-default-type',
  ],
  ...[
    '--preserve-symlinks',
    '--preserve-symlinks-main',
    '--enable-source-maps',
    '--stack-trace-limit',
    '--stack-size',
  ],
  ...[
    '--max-old-space-size',
    '--max-semi-space-size',
    '--max-heap-size',
    '--max-http-header-size',
    '--v8-pool-size',
  ],
  ...[
    '--max-old-space-size-percentage',
    '--expose-gc',
    '--jitless',
    '--single-threaded',
    '--secure-heap',
    '--secure-heap-min',
  ],
  ...['--warnings', '--deprecation', '--disable-warning', '--pending-deprecation', '--throw-deprecation'],
  ...[
    '--dns-result-order',
    '--network-family-autoselection',
    '--network-family-autoselection-attempt-timeout',
  ],
  ...[
    '--use-openssl-ca',
    '--use-bundled-ca',
    '--use-system-ca',
    '--openssl-config',
    '--openssl-shared-config',
  ],
  ...['--openssl-legacy-provider', '--enable-fips', '--force-fips', '--tls-cipher-list', '--icu-data-dir'],
  ...['--tls-min-v1.2', '--tls-min-v1.3', '--tls-max-v1.2', '--tls-max-v1.3', '--use-env-proxy'],
  ...[
    '--frozen-intrinsics',
    '--disable-proto',
    '--zero-fill-buffers',
    '--experimental-strip-types',
    '--strip-types',
  ],
  ...['--experimental-vm-modules', '--experimental-require-module', '--experimental-detect-module'],
]);

/** Parts of Node and undici that print requests, headers or bodies when NODE_DEBUG names them. */
const TALKATIVE = ['undici', 'fetch', 'stream', 'http', 'tls'];

const KEY_VARIABLE = /^TOKEN_KEY(?:_|$)/;

let heldKeyVariables: ReadonlyMap<string, string> = new Map();

/** Guards this process for the rest of its life; ends it with exit 2 if it was started in a way that can leak. */
export function guardProcess(): void {
  Reflect.deleteProperty(Object.prototype, '__proto__');
  process.umask(0o077);
  // With a listener of ours, a signal from another local user no longer opens the inspector.
  process.on('SIGUSR1', () => undefined);
  process.on('uncaughtException', endWithDefect);
  process.on('unhandledRejection', endWithDefect);
  process.stdout.on('error', endWhenReaderIsGone);
  // Nobody reads the log any more: that is no reason to give up the work.
  process.stderr.on('error', () => undefined);
  Reflect.deleteProperty(process.env, 'DEBUG');
  heldKeyVariables = removeKeyVariables(process.env);
  const error = findForbiddenStart(process.execArgv, process.env);
  if (error !== null) endWith(error);
}

/**
 * Keeps this command from leaving a core file, if it reads a source.
 * @returns the exit code of the command if it had to be started again; null to go on
 */
export async function guardMemory(): Promise<number | null> {
  if (limitCoreFiles(process.argv[2], process.env) === 'done') return null;
  return restartWithoutCoreFiles({ ...process.env, ...Object.fromEntries(heldKeyVariables) });
}

/** The `TOKEN_KEY*` variables that the guard took out of the environment; given out once, to config.ts. */
export function takeKeyVariables(): ReadonlyMap<string, string> {
  const taken = heldKeyVariables;
  heldKeyVariables = new Map();
  return taken;
}

/** Why a process with these flags and variables may not go on, or null. */
export function findForbiddenStart(
  execArgv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): LakeveilError | null {
  const flags = [...execArgv, ...splitOptions(environment['NODE_OPTIONS'] ?? '')].map(nameFlag);
  const flag = flags.find((name) => name.startsWith('-') && !isAllowed(name));
  if (flag !== undefined) return failure('E_FLAG_PROCESS', { flag });
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    return failure('E_ENV_INVALID', {
      name: 'NODE_TLS_REJECT_UNAUTHORIZED',
      wants: 'unset: 0 accepts any server as the source',
    });
  }
  const talkative = TALKATIVE.find((part) => isDebugged(part, environment['NODE_DEBUG'] ?? ''));
  return talkative === undefined ? null : failure('E_FLAG_PROCESS', { flag: `NODE_DEBUG=${talkative}` });
}

/** `--no-warnings` takes back what `--warnings` says. */
function isAllowed(flag: string): boolean {
  return ALLOWED_FLAGS.has(flag.replace(/^--no-/, '--'));
}

/** `--inspect_brk=0.0.0.0` → `--inspect-brk`: Node takes underscores for dashes. */
function nameFlag(option: string): string {
  const [name = ''] = option.split('=', 1);
  return name.replaceAll('_', '-');
}

/** As Node does: at blanks, with double quotes around what holds blanks, and a backslash before what is meant as it is. */
function splitOptions(options: string): string[] {
  return (options.match(/(?:[^\s"]|"(?:\\.|[^"\\])*")+/g) ?? []).map((option) =>
    option.replace(/\\(.)|"/gs, (_, escaped: string | undefined) => escaped ?? ''),
  );
}

/** As `util.debuglog` reads NODE_DEBUG: a list at commas, any case, `*` for anything. */
function isDebugged(part: string, list: string): boolean {
  return list.split(',').some((entry) => {
    const pattern = entry.trim().replace(/[|\\{}()[\]^$+?.]/g, '\\$&').replaceAll('*', '.*'); // prettier-ignore
    return new RegExp(`^${pattern}$`, 'i').test(part);
  });
}

function removeKeyVariables(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!KEY_VARIABLE.test(name)) continue;
    if (value !== undefined) held.set(name, value);
    Reflect.deleteProperty(environment, name);
  }
  return held;
}

function endWithDefect(thrown: unknown): never {
  endWith(toLakeveilError(thrown));
}

function endWith(error: LakeveilError): never {
  if (process.argv.includes('--json')) process.stdout.write(`${formatJson(toErrorDocument(error))}\n`);
  else process.stderr.write(`${formatError(error, false)}\n`);
  process.exit(error.exit);
}

/** `pipeline query … | head` is no defect. */
function endWhenReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  endWithDefect(error);
}
