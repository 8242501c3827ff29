import { lookup } from 'node:dns/promises';
import { isIPv6, SocketAddress } from 'node:net';
import type { Config } from '../config.js';
import { createApp } from '../dashboard/server/app.js';
import { listen } from '../dashboard/server/listen.js';
import { Sessions } from '../dashboard/server/sessions.js';
import type { Effects } from '../effects.js';
import { failure, LakeveilError } from '../errors.js';
import { run } from '../pipeline.js';
import { readAssets } from './dashboard-assets.js';
import type { LakeSnapshot } from './lake-snapshot.js';
import { openSnapshot } from './lake-snapshot.js';
import { readVersion } from './lake-version.js';
import { openProject } from './open-project.js';
import { openSite } from './open-site.js';
import { readTokenFile } from './read-token-file.js';
import { RunDesk, tellMoment } from './run-desk.js';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const ANY_ADDRESS = ['0.0.0.0', '::'];
/** After so long without the page, a reader is shown one that says that it comes. */
export const PATIENCE_MS = 1_500;

export interface DashboardRequest {
  /** Null for the first free one from 8501 on. */
  readonly port: number | null;
  readonly host: string;
  /** Absolute or relative to the working directory; null where a code is enough. */
  readonly tokenFile: string | null;
  readonly patienceMs: number;
}

/** What `dashboard` prints once it listens. */
export interface DashboardDocument {
  /** With a code that works once, or where the token is asked for. */
  readonly link: string;
  readonly address: string;
}

export interface Dashboard {
  readonly document: DashboardDocument;
  /** Another link; the same one where a token is asked for. */
  readonly newLink: () => string;
  /**
   * Resolves when Ctrl-C has ended the server, its normal end. Where a run is under way, `ask` says whether to stop it;
   * else it is waited for, and pages are answered as long.
   * @throws E_TERMINATED
   */
  readonly stopped: (ask: (question: string) => Promise<boolean>) => Promise<void>;
}

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

/** Starts the dashboard. @throws E_USAGE, E_PORT, E_TOKEN_FILE, and what opening a project throws */
export async function serveDashboard(context: Context, request: DashboardRequest): Promise<Dashboard> {
  const { config, effects } = context;
  await refuseOpenDoor(request);
  const sessions = new Sessions(request.tokenFile === null ? null : await readTokenFile(request.tokenFile));
  await openProject(context);
  const desk = new RunDesk({
    effects,
    run,
    openProject: (watched) => openProject({ config, effects: watched }),
  });
  const site = openSite(keepSnapshot(context), config, (runId) => desk.look(runId), effects.now);
  const listening = await listen(request.host, request.port);
  const host = `${request.host.includes(':') ? `[${request.host}]` : request.host}:${listening.port}`;
  const app = createApp({
    ...{ site, desk, sessions, host },
    port: listening.port,
    assets: readAssets(),
    nowMs: () => performance.now(),
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
        await endRun(desk, reason, ask);
        if (!isInterrupt(reason)) throw reason;
      } finally {
        await listening.close();
      }
    },
  };
}

/** Ctrl-C asks; SIGTERM does not, since nobody is there to answer. */
async function endRun(
  desk: RunDesk,
  reason: unknown,
  ask: (question: string) => Promise<boolean>,
): Promise<void> {
  const current = desk.current();
  if (current === null) return;
  const question = `A run of ${current.pipeline} for ${tellMoment(current)} is under way. Stop it? [y/N] `;
  const asked = isInterrupt(reason)
    ? await Promise.race([ask(question), desk.ended().then(() => false)])
    : true;
  if (asked) await desk.stop(reason instanceof LakeveilError ? reason : failure('E_INTERRUPTED', {}));
  else await desk.ended();
}

function isInterrupt(reason: unknown): boolean {
  return reason instanceof LakeveilError && reason.code === 'E_INTERRUPTED';
}

/** The state of the lake that is current, read anew when the version has changed. */
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

async function refuseOpenDoor({ host, tokenFile }: DashboardRequest): Promise<void> {
  if (await isAnyAddress(host)) {
    const hint = 'name the one address that readers type, since no other Host is answered';
    throw failure('E_USAGE', { what: '--host takes one address, not all of them', hint });
  }
  if (LOOPBACK.includes(host) || tokenFile !== null) return;
  const hint = 'give `--token-file FILE`, or leave `--host` out';
  throw failure('E_USAGE', { what: 'an address beyond this machine needs a token for its readers', hint });
}

/** As the system reads it, which takes `0`, `0x0` and `::0` for all addresses, too, and as it would be listened on. */
async function isAnyAddress(host: string): Promise<boolean> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === '' || bare === '*') return true;
  const found = await lookup(bare, { all: true }).catch(() => []);
  return found.some(({ address }) => ANY_ADDRESS.includes(normalise(address)));
}

/** The shortest form of an address (RFC 5952); IPv4 within IPv6 is taken out of it. */
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
