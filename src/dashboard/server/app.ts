import { type Context, Hono } from 'hono';
import pLimit from 'p-limit';
import { isDate } from '../../base/dates/date-formats.js';
import { toLakeveilError } from '../../base/defect.js';
import { LakeveilError } from '../../base/errors.js';
import { NAME, NAME_PATTERN } from '../../base/names.js';
import type { Launcher } from '../launcher/run-request.js';
import { html } from '../markup.js';
import type { Site } from '../site.js';
import {
  frame,
  loadingPage,
  missingPage,
  problemPage,
  type Surroundings,
  type View,
} from '../views/layout.js';
import { type Place, SERVER_LINKS } from '../views/links.js';
import { addEntry } from './entry.js';
import { demandHost, demandSession, sendHeaders } from './guards.js';
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
  readonly desk: Launcher;
  readonly sessions: Sessions;
  readonly assets: Assets;
  /** `127.0.0.1:8501`: the only Host that is answered. */
  readonly host: string;
  readonly port: number;
  readonly nowMs: () => number;
  /** How long a page may take before one that says so is shown. */
  readonly patienceMs: number;
}

const CACHE_BYTES = 64 * 2 ** 20;

/** Every address that there is, behind the door. */
export function createApp(input: AppInput): Hono {
  const { desk, sessions, host, port } = input;
  const origin = `http://${host}`;
  const app = new Hono();
  app.use(sendHeaders, demandHost(host));
  // Browsers ask for it unasked, also in front of the door.
  app.get('/favicon.ico', (context) => context.body(null, 204));
  addEntry(app, sessions, { port, origin, nowMs: input.nowMs });
  app.use(demandSession(sessions, port));
  addAssets(app, input.assets);
  addLive(app, desk, { sessions, origin });
  const kept = keepPages(input);
  addCsv(app, input, kept);
  addPages(app, input, kept);
  app.onError((error, context) => context.html(describeFailure(error, placeOf(input)), statusOf(error)));
  return app;
}

function addAssets(app: Hono, { style, script, icon }: Assets): void {
  const send = (path: string, type: string, text: string) =>
    app.get(path, (context) => context.body(text, 200, { 'content-type': type }));
  send('/assets/style.css', 'text/css; charset=utf-8', style);
  send('/assets/client.js', 'text/javascript; charset=utf-8', script);
  send('/assets/icon.svg', 'image/svg+xml', icon);
}

/** Statements of readers that run at once; more of them wait, and are no faster side by side. */
const CSV_AT_ONCE = 2;

/** The bytes that `export` writes. */
function addCsv(app: Hono, { site }: AppInput, kept: Kept): void {
  const limit = pLimit(CSV_AT_ONCE);
  app.get('/pipelines/:pipeline/:file', async (context, next) => {
    const [, report] = REPORT_CSV.exec(context.req.param('file')) ?? [];
    const [pipeline, date] = [context.req.param('pipeline'), context.req.query('date') ?? ''];
    if (report === undefined || !NAME.test(pipeline) || !isDate(date)) return next();
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${report}.csv"`,
    };
    const csv = await kept(`csv ${pipeline} ${report} ${date}`, () =>
      limit(async () => prepare(200, await site.csv(pipeline, report, date), headers)),
    );
    return send(context, csv);
  });
}

function addPages(app: Hono, input: AppInput, kept: Kept): void {
  app.get('*', async (context) => {
    const route = readRoute(context.req.path, (name) => context.req.query(name));
    if (route === null) return send(context, await render(missingPage(), 404, null, input));
    const isLive = route.key === `run ${input.desk.current()?.runId ?? ''}`;
    const writing = isLive ? write(route, input) : kept(route.key, () => write(route, input));
    const page = await within(writing, input.patienceMs);
    if (page !== null) return send(context, page);
    context.header('refresh', '1');
    return context.html(writeDocument(loadingPage(), placeOf(input), NOWHERE));
  });
}

/** What is known by a name, rendered at most once for a version of the lake. */
type Kept = (key: string, render: () => Promise<Rendered>) => Promise<Rendered>;

/** A run that begins or ends here shows on the very next page. */
function keepPages({ site, desk, nowMs }: AppInput): Kept {
  const cache = new ViewCache(CACHE_BYTES);
  const version = watchVersion(site.version, nowMs, () => desk.current()?.runId ?? '');
  return async (key, render) => cache.get(await version(), key, render);
}

async function write(route: Route, input: AppInput): Promise<Rendered> {
  const around = { ...(await input.site.surroundings()), current: route.current };
  const place = placeOf(input);
  const page = await route.write(input.site, place, around);
  return render(page ?? missingPage(), page === null ? 404 : 200, route.current, input);
}

async function render(
  page: View,
  status: 200 | 404,
  current: string | null,
  input: AppInput,
): Promise<Rendered> {
  const around = await input.site.surroundings();
  const text = writeDocument(page, placeOf(input), { ...around, current });
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
  return { ...SERVER_LINKS, desk: { token: sessions.headerToken }, datesOf: null };
}

const NOWHERE = { pipelines: [], asOf: null, current: null };

function describeFailure(error: Error, place: Place): string {
  const { code, message, remedy } = toLakeveilError(error);
  return writeDocument(problemPage({ code, message, remedy }), place, NOWHERE);
}

function statusOf(error: Error): 404 | 500 {
  const isAbsent =
    error instanceof LakeveilError && (error.code === 'E_UNKNOWN' || error.code === 'E_NOT_LANDED');
  return isAbsent ? 404 : 500;
}

/** Null if it takes longer; the work goes on, and whoever asks next finds it done. */
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

/** A page as the server sends it: style and script are files of their own, so that the policy can forbid all others. */
function writeDocument(page: View, place: Place, around: Surroundings): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${page.title} · Lakeveil</title>
          <link rel="stylesheet" href="/assets/style.css" />
          <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
          <script src="/assets/client.js" defer></script>
          ${
            page.refresh !== null &&
            page.refresh !== undefined &&
            html`<noscript><meta http-equiv="refresh" content="${page.refresh}" /></noscript>`
          }
        </head>
        <body>
          ${frame(page, place, around)}
        </body>
      </html> `,
  );
}
