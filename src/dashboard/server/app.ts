import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import pLimit from 'p-limit';
import { METRICS_TYPE } from '../../actions/metrics/gather-metrics.js';
import { isDate } from '../../base/dates/date-formats.js';
import { toLakeveilError } from '../../base/defect.js';
import { LakeveilError } from '../../base/errors.js';
import { NAME, NAME_PATTERN } from '../../base/names.js';
import type { Launcher } from '../launcher/run-request.js';
import { html } from '../markup.js';
import type { Site } from '../site.js';
import {
  frame,
  loadingView,
  missingView,
  problemView,
  type Surroundings,
  type View,
} from '../views/layout.js';
import { type Place, SERVER_LINKS } from '../views/links.js';
import { addSignIn, FailedSignIns } from './entry.js';
import { nameCookie, requireHost, requireSession, sendHeaders } from './guards.js';
import { addLive, watchVersion } from './live.js';
import { readRoute, type Route } from './route-views.js';
import type { Sessions } from './sessions.js';
import { prepare, type Rendered, ViewCache } from './view-cache.js';

const REPORT_CSV = new RegExp(`^(${NAME_PATTERN})\\.csv$`);

export interface Assets {
  readonly style: string;
  readonly script: string;
  readonly icon: string;
}

interface AppInput {
  readonly site: Site;
  readonly launcher: Launcher;
  readonly sessions: Sessions;
  readonly assets: Assets;
  /** The only accepted Host, such as `127.0.0.1:8501`. */
  readonly host: string;
  readonly port: number;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
  readonly nowMs: () => number;
  /** How long a view may take before the loading view is sent. */
  readonly patienceMs: number;
}

const CACHE_BYTES = 64 * 2 ** 20;

/** All routes; everything except sign-in requires a session. */
export function createApp(input: AppInput): Hono {
  const { launcher, sessions, host, port } = input;
  const origin = `http://${host}`;
  const app = new Hono();
  app.use(sendHeaders, requireHost(host));
  // Browsers and health checks request these by themselves, before anyone has signed in.
  app.get('/favicon.ico', (context) => context.body(null, 204));
  app.get('/healthz', (context) => context.text('ok'));
  const guesses = new FailedSignIns(input.nowMs);
  addSignIn(app, sessions, { port, origin, guesses });
  addMetrics(app, input, guesses);
  app.use(requireSession(sessions, port));
  addAssets(app, input.assets);
  addLive(app, launcher, { sessions, origin });
  const kept = keepViews(input);
  addCsv(app, input, kept);
  addViews(app, input, kept);
  app.onError((error, context) => context.html(describeFailure(error, placeOf(input)), statusOf(error)));
  return app;
}

/** For Prometheus, which sends the token of the token file; and for people who have signed in. */
function addMetrics(app: Hono, { sessions, port, metrics }: AppInput, guesses: FailedSignIns): void {
  app.get('/metrics', async (context) => {
    const [, token] = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '') ?? [];
    const address = getConnInfo(context).remote.address ?? '';
    if (token !== undefined && guesses.mustWait(address))
      return context.text('Too many incorrect tokens were sent from your address. Wait a minute.\n', 429, {
        'retry-after': '60',
      });
    const isKnown = token !== undefined && sessions.isToken(token);
    if (!isKnown && !sessions.isSignedIn(getCookie(context, nameCookie(port)))) {
      if (token !== undefined) guesses.record(address);
      const text = 'Send the token of `--token-file` as `Authorization: Bearer TOKEN`, or sign in.\n';
      return context.text(text, 401, { 'www-authenticate': 'Bearer' });
    }
    return context.body(await metrics(), 200, { 'content-type': METRICS_TYPE });
  });
}

function addAssets(app: Hono, { style, script, icon }: Assets): void {
  const send = (path: string, type: string, text: string) =>
    app.get(path, (context) => context.body(text, 200, { 'content-type': type }));
  send('/assets/style.css', 'text/css; charset=utf-8', style);
  send('/assets/client.js', 'text/javascript; charset=utf-8', script);
  send('/assets/icon.svg', 'image/svg+xml', icon);
}

/** CSV exports that run at once. More would not be faster in parallel, so they wait. */
const CSV_AT_ONCE = 2;

/** Serves the same bytes that `export` writes. */
function addCsv(app: Hono, { site }: AppInput, kept: Kept): void {
  const limit = pLimit(CSV_AT_ONCE);
  app.get('/pipelines/:pipeline/:file', async (context, next) => {
    const [, report] = REPORT_CSV.exec(context.req.param('file')) ?? [];
    const [pipeline, date] = [context.req.param('pipeline'), context.req.query('date') ?? ''];
    if (report === undefined || !NAME.test(pipeline) || !isDate(date)) return next();
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${report}-${date}.csv"`,
    };
    const csv = await kept(`csv ${pipeline} ${report} ${date}`, () =>
      limit(async () => prepare(200, await site.csv(pipeline, report, date), headers)),
    );
    return send(context, csv);
  });
}

function addViews(app: Hono, input: AppInput, kept: Kept): void {
  app.get('*', async (context) => {
    const route = readRoute(context.req.path, (name) => context.req.query(name));
    if (route === null) return send(context, await render(missingView(), 404, null, input));
    const isLive = route.key === `run ${input.launcher.current()?.runId ?? ''}`;
    const writing = isLive ? write(route, input) : kept(route.key, () => write(route, input));
    const rendered = await within(writing, input.patienceMs);
    if (rendered !== null) return send(context, rendered);
    context.header('refresh', '1');
    return context.html(writeDocument(loadingView(), placeOf(input), NOWHERE));
  });
}

/** Renders a key at most once per version of the lake. */
type Kept = (key: string, render: () => Promise<Rendered>) => Promise<Rendered>;

/** A run that starts or ends here invalidates the cache at once. */
function keepViews({ site, launcher, nowMs }: AppInput): Kept {
  const cache = new ViewCache(CACHE_BYTES);
  const version = watchVersion(site.version, nowMs, () => launcher.current()?.runId ?? '');
  return async (key, render) => cache.get(await version(), key, render);
}

async function write(route: Route, input: AppInput): Promise<Rendered> {
  const around = { ...(await input.site.surroundings()), current: route.current };
  const place = placeOf(input);
  const view = await route.write(input.site, place, around);
  return render(view ?? missingView(), view === null ? 404 : 200, route.current, input);
}

async function render(
  view: View,
  status: 200 | 404,
  current: string | null,
  input: AppInput,
): Promise<Rendered> {
  const around = await input.site.surroundings();
  const text = writeDocument(view, placeOf(input), { ...around, current });
  return prepare(status, text, { 'content-type': 'text/html; charset=utf-8' });
}

const TAKES_GZIP = /(?:^|,)\s*gzip\s*(?:,|$|;\s*q=(?!0(?:\.0*)?\s*(?:,|$)))/i;

function send(context: Context, { status, headers, body, packed }: Rendered): Response {
  const isPacked = TAKES_GZIP.test(context.req.header('accept-encoding') ?? '');
  const vary = { ...headers, vary: 'accept-encoding' };
  if (!isPacked) return context.body(body, status, vary);
  return context.body(packed, status, { ...vary, 'content-encoding': 'gzip' });
}

function placeOf({ sessions }: AppInput): Place {
  return { ...SERVER_LINKS, launcher: { token: sessions.headerToken }, datesOf: null };
}

const NOWHERE = { pipelines: [], asOf: null, current: null };

function describeFailure(error: Error, place: Place): string {
  const { code, message, remedy } = toLakeveilError(error);
  return writeDocument(problemView({ code, message, remedy }), place, NOWHERE);
}

function statusOf(error: Error): 404 | 500 {
  const isAbsent =
    error instanceof LakeveilError && (error.code === 'E_UNKNOWN' || error.code === 'E_NOT_LANDED');
  return isAbsent ? 404 : 500;
}

/** Null if the work takes longer; it continues, and the next request finds it done. */
async function within<T>(work: Promise<T>, patienceMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, patienceMs, null);
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** A complete HTML document. Style and script are separate files, so that the content security policy can forbid inline ones. */
function writeDocument(view: View, place: Place, around: Surroundings): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${view.title} · Lakeveil</title>
          <link rel="stylesheet" href="/assets/style.css" />
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <script src="/assets/client.js" defer></script>
          ${
            view.refresh !== null &&
            view.refresh !== undefined &&
            html`<noscript><meta http-equiv="refresh" content="${view.refresh}" /></noscript>`
          }
        </head>
        <body>
          ${frame(view, place, around)}
        </body>
      </html> `,
  );
}
