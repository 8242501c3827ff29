import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { loadConfig } from '../../src/base/config/config.js';
import { failure } from '../../src/base/errors.js';
import { serveDashboard } from '../../src/dashboard/serve-dashboard.js';
import { makeEffects, sleepForReal } from '../source/harness.js';
import { baseEnvironment, type Environment, type Sandbox } from '../support/cli.js';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A dashboard of a sandbox, in this process and on a free port. */
export interface OpenDashboard {
  /** Without a trailing slash. */
  readonly origin: string;
  readonly link: string;
  readonly newLink: () => string;
  /** Sends exactly the given headers, and Host. */
  readonly ask: (path: string, asking?: Asking) => Promise<Answered>;
  /** Follows a sign-in link and returns the session cookie. */
  readonly enter: (link?: string) => Promise<string>;
  /** Acts like Ctrl-C; `answer` is the reply to the question whether to stop a run. */
  readonly stop: (answer?: boolean) => Promise<void>;
}

export interface Opening {
  readonly now?: string;
  readonly host?: string;
  readonly tokenFile?: string;
  readonly patienceMs?: number;
  readonly hasTerminal?: boolean;
  readonly environment?: Environment;
}

/** Never reached, however slow the machine is: tests wait for the view itself. */
const PATIENT_MS = 120_000;

export async function openDashboard(
  { root, project }: Pick<Sandbox, 'root' | 'project'>,
  more: Opening = {},
): Promise<OpenDashboard> {
  const environment = { ...baseEnvironment(root), RECORDS: '200', ...more.environment };
  const controller = new AbortController();
  const now = more.now;
  const clock = now === undefined ? {} : { now: () => new Date(now) };
  const effects = makeEffects({ ...clock, sleep: sleepForReal, signal: controller.signal });
  const config = loadConfig({ project, environment });
  const patienceMs = more.patienceMs ?? PATIENT_MS;
  const { host = '127.0.0.1', tokenFile = null, hasTerminal = true } = more;
  const asked = { port: 0, host, tokenFile, hasTerminal, patienceMs };
  const { document, newLink, stopped } = await serveDashboard({ config, effects }, asked);
  let answer = true;
  const end = stopped(() => Promise.resolve(answer));
  const origin = document.address.replace(/\/$/, '');
  const ask = (path: string, asking: Asking = {}) => send(new URL(path, origin), asking);
  return {
    ...{ origin, link: document.link, newLink, ask },
    enter: async (link = newLink()) => {
      const { headers } = await send(new URL(link), {});
      return headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
    },
    stop: async (said = true) => {
      answer = said;
      controller.abort(failure('E_INTERRUPTED', {}));
      await end;
    },
  };
}

function send(url: URL, { method = 'GET', headers = {}, body }: Asking): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent: false }, (response) => {
      buffer(response).then((bytes) => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, body: bytes.toString(), bytes });
      }, reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
