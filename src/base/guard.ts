import { toLakeveilError } from './defect.js';
import { failure, type LakeveilError } from './errors.js';
import { formatError, toErrorDocument } from './terminal/print-error.js';
import { formatJson } from './text/json.js';

/**
 * What the process may not be started with, and what it may not do. Runs before any other module is loaded, so that
 * it imports nothing but texts of errors. With config.ts the only reader of `process.env`.
 */

/** Flags of Node that write memory, keys or messages to a file, a socket or stderr. */
const FORBIDDEN_FLAGS = [
  /^--inspect(?:-|$)/,
  /^--heapsnapshot-/,
  /^--heap-prof(?:-|$)/,
  /^--report-/,
  /^--diagnostic-dir$/,
  /^--tls-keylog$/,
  /^--trace-uncaught$/,
  /^--abort-on-uncaught-exception$/,
];

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
  const flag = flags.find((name) => FORBIDDEN_FLAGS.some((pattern) => pattern.test(name)));
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
