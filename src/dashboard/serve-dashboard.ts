import { lookup } from 'node:dns/promises';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isIPv6, SocketAddress } from 'node:net';
import type { Config } from '../base/config/config.js';
import type { Effects } from '../base/effects.js';
import { failure, LakeveilError, systemCode } from '../base/errors.js';
import { startRun } from '../launch/start-run.js';
import { openProject } from '../project.js';
import { readAssets } from './dashboard-assets.js';
import { type LakeSnapshot, openSnapshot } from './data/lake-snapshot.js';
import { readVersion } from './data/lake-version.js';
import { openSite } from './data/open-site.js';
import { formatMomentOf, RunLauncher } from './launcher/run-launcher.js';
import { createApp } from './server/app.js';
import { listen } from './server/listen.js';
import { Sessions } from './server/sessions.js';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const ANY_ADDRESS = ['0.0.0.0', '::'];
/** If a view takes longer, the browser gets a loading view first. */
export const PATIENCE_MS = 1_500;

interface DashboardRequest {
  /** Null for the first free port from 8501 on. */
  readonly port: number | null;
  readonly host: string;
  /** Absolute or relative to the working directory; null to sign in with a code. */
  readonly tokenFile: string | null;
  /** Whether what the command prints goes to a terminal. */
  readonly hasTerminal: boolean;
  readonly patienceMs: number;
}

/** What `dashboard` prints once it listens. */
interface DashboardDocument {
  /** Sign-in link with a single-use code; with a token file, the address alone. */
  readonly link: string;
  readonly address: string;
}

interface Dashboard {
  readonly document: DashboardDocument;
  /** Issues another sign-in link; with a token file, always the same address. */
  readonly newLink: () => string;
  /**
   * Resolves when Ctrl-C has stopped the server, which is its normal end. If a run is in progress, `ask` decides whether
   * to stop it; otherwise the server answers requests until the run ends.
   * @throws E_TERMINATED
   */
  readonly stopped: (ask: (question: string) => Promise<boolean>) => Promise<void>;
}

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

/** A link that is not printed on a terminal ends up in a log, which others can read. @throws E_USAGE */
function assertTerminal({ tokenFile, hasTerminal }: DashboardRequest): void {
  if (tokenFile !== null || hasTerminal) return;
  const what = 'without a terminal no sign-in link is written, since it would end up in a log';
  const hint =
    'create a token with `(umask 077; openssl rand -hex 32 > dashboard.token)`, then add `--token-file dashboard.token`';
  throw failure('E_USAGE', { what, hint });
}

/** Starts the dashboard. @throws E_USAGE, E_PORT, E_TOKEN_FILE, and what opening a project throws */
export async function serveDashboard(context: Context, request: DashboardRequest): Promise<Dashboard> {
  const { config, effects } = context;
  await assertLocalAddress(request);
  assertTerminal(request);
  const token = request.tokenFile === null ? null : await readTokenFile(request.tokenFile);
  const nowMs = (): number => performance.now();
  const sessions = new Sessions(token, nowMs);
  await openProject(context);
  const launcher = new RunLauncher({
    effects,
    start: (observed, request, onRecord) => startRun({ config, effects: observed }, request, onRecord),
  });
  const site = openSite(keepSnapshot(context), config, (runId) => launcher.snapshotOf(runId), effects.now);
  const listening = await listen(request.host, request.port);
  const host = `${request.host.includes(':') ? `[${request.host}]` : request.host}:${listening.port}`;
  const app = createApp({
    site,
    launcher,
    sessions,
    host,
    port: listening.port,
    assets: readAssets(),
    nowMs,
    patienceMs: request.patienceMs,
  });
  listening.answer(app.fetch);
  const address = `http://${host}/`;
  const newLink = (): string =>
    sessions.takesToken ? address : `${address}enter?code=${sessions.issueCode()}`;
  return {
    document: { link: newLink(), address },
    newLink,
    stopped: async (ask) => {
      try {
        await untilAborted(effects.signal);
        const reason: unknown = effects.signal.reason;
        await endRun(launcher, reason, ask);
        if (!isInterrupt(reason)) throw reason;
      } finally {
        await listening.close();
      }
    },
  };
}

/** Ctrl-C asks first; SIGTERM does not, because no one can answer. */
async function endRun(
  launcher: RunLauncher,
  reason: unknown,
  ask: (question: string) => Promise<boolean>,
): Promise<void> {
  const current = launcher.current();
  if (current === null) return;
  const question = `A run of ${current.pipeline} for ${formatMomentOf(current)} is in progress. Stop it? [y/N] `;
  const mustStop = isInterrupt(reason)
    ? await Promise.race([ask(question), launcher.ended().then(() => false)])
    : true;
  if (mustStop) await launcher.stop(reason instanceof LakeveilError ? reason : failure('E_INTERRUPTED', {}));
  else await launcher.ended();
}

function isInterrupt(reason: unknown): boolean {
  return reason instanceof LakeveilError && reason.code === 'E_INTERRUPTED';
}

/** The current snapshot of the lake, opened again whenever the version changes. */
function keepSnapshot({ config, effects }: Context): () => Promise<LakeSnapshot> {
  let kept: { readonly version: string; readonly snapshot: Promise<LakeSnapshot> } | null = null;
  return async () => {
    const version = await readVersion(config);
    if (kept?.version !== version) {
      const snapshot = openProject({ config, effects }).then((project) => openSnapshot(project, effects.now));
      kept = { version, snapshot };
    }
    return kept.snapshot;
  };
}

async function assertLocalAddress({ host, tokenFile }: DashboardRequest): Promise<void> {
  if (await isAnyAddress(host)) {
    const hint = 'give the one address that people type; requests for any other Host are rejected';
    throw failure('E_USAGE', { what: '--host takes one address, not all addresses', hint });
  }
  if (LOOPBACK.includes(host) || tokenFile !== null) return;
  const hint = 'add `--token-file FILE`, or omit `--host`';
  throw failure('E_USAGE', { what: 'an address that other machines can reach requires a token', hint });
}

/** Resolves the host as the system does, which also takes `0`, `0x0` and `::0` for all addresses. */
async function isAnyAddress(host: string): Promise<boolean> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === '' || bare === '*') return true;
  const found = await lookup(bare, { all: true }).catch(() => []);
  return found.some(({ address }) => ANY_ADDRESS.includes(normalise(address)));
}

/** The shortest form of an address (RFC 5952); IPv4-mapped IPv6 addresses become IPv4. */
function normalise(address: string): string {
  const { address: short } = new SocketAddress({ address, family: isIPv6(address) ? 'ipv6' : 'ipv4' });
  return short.replace(/^::ffff:(?=\d+\.)/, '');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

const MIN_LENGTH = 32;
const MAX_BYTES = 4_096;

/** Reads the sign-in token: one line of a file that only its owner can read. @throws E_TOKEN_FILE */
async function readTokenFile(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size > MAX_BYTES)
        throw failure('E_TOKEN_FILE', { path, why: 'it is not a regular file of at most 4 KB' });
      if ((stats.mode & 0o077) !== 0) throw failure('E_TOKEN_FILE', { path, why: 'other users can read it' });
      const token = (await file.readFile('utf8')).trim();
      if (/^[\x21-\x7e]+$/.test(token) && token.length >= MIN_LENGTH) return token;
      throw failure('E_TOKEN_FILE', { path, why: 'it is not a single line of at least 32 characters' });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    throw failure('E_TOKEN_FILE', { path, why: `it cannot be read (${systemCode(error)})` });
  }
}
