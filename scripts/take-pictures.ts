import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Page } from 'playwright-core';

/**
 * `npm run pictures`: takes the two screenshots of the README from real runs in a temporary project: the view of `persons`
 * in light mode, and the published single file in dark mode. Requires Debian's Chromium.
 */
const PACKAGE = join(import.meta.dirname, '..');
const BIN = join(PACKAGE, 'bin', 'run.js');
const CHROMIUM = '/usr/bin/chromium';
const VIEWPORT = { width: 1280, height: 800 };
/** Size limit, because the README is also read over slow connections. */
const MAX_BYTES = 200_000;
const DATES = 12;
const DAY_MS = 86_400_000;

const dir = await mkdtemp(join(tmpdir(), 'lakeveil-pictures-'));
const env = { HOME: dir, XDG_CONFIG_HOME: join(dir, 'config') };
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  for (const part of ['pipelines', 'sql'])
    await cp(join(PACKAGE, part), join(dir, part), { recursive: true });
  await land();
  await takeDashboard();
  await takeFile();
} finally {
  await browser.close();
  await rm(dir, { recursive: true, force: true });
}

/** Lands several dates of `persons`, and today of all other pipelines. */
async function land(): Promise<void> {
  const nameDay = (back: number): string => new Date(Date.now() - back * DAY_MS).toISOString().slice(0, 10);
  await pipeline('backfill', 'persons', '--from', nameDay(DATES - 1), '--to', nameDay(0));
  const pages = (await readdir(join(dir, 'pipelines'))).filter((name) => name.endsWith('.yaml'));
  for (const name of pages.map((page) => page.slice(0, -'.yaml'.length)).sort()) {
    if (name !== 'persons') await pipeline('run', name);
  }
}

async function pipeline(...args: readonly string[]): Promise<string> {
  const command = [BIN, ...args, '--quiet', '--project', dir];
  return (await promisify(execFile)(process.execPath, command, { env, maxBuffer: 2 ** 26 })).stdout;
}

async function takeDashboard(): Promise<void> {
  const token = randomBytes(32).toString('hex');
  const file = join(dir, 'dashboard.token');
  await writeFile(file, token, { mode: 0o600 });
  const args = ['dashboard', '--json', '--token-file', file, '--project', dir];
  const server = spawn(process.execPath, [BIN, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [printed] = (await once(server.stdout, 'data')) as [Buffer];
    const { address } = JSON.parse(String(printed)) as { address: string };
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'light' });
    await page.goto(address);
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.waitForURL(address);
    await page.goto(`${address}pipelines/persons`);
    await page.getByRole('heading', { name: 'People by mail provider' }).waitFor();
    await take(page, 'dashboard.png');
  } finally {
    server.kill('SIGINT');
    await once(server, 'exit');
  }
}

async function takeFile(): Promise<void> {
  const path = join(dir, 'report.html');
  await pipeline('publish', '--single-file', '--out', path);
  const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'dark' });
  await page.goto(pathToFileURL(path).href);
  await take(page, 'publish.png');
}

async function take(page: Page, name: string): Promise<void> {
  const path = join(PACKAGE, 'docs', name);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`docs/${name} has ${size} bytes, more than ${MAX_BYTES}`);
  console.log(`docs/${name}: ${size} bytes`);
}
