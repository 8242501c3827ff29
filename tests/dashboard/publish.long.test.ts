import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { scanForCanaries } from '../support/canary.js';
import { findChromium, findViolations, launchChromium, LOOKS } from '../support/chromium.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { DATE, HOSTILE } from './scene.js';

const CHROMIUM = findChromium();
const INTERNAL = `-- title: For us alone
-- internal
-- people: none because it reads no table
select 12345678 as people
order by people
`;

let sandbox: Sandbox;
/** A project without landed data, for tests that do not depend on the site's content. */
let bare: Sandbox;
/** Published first, while the ledger is short, because each later command adds a view. */
let single: string;
let site: string;

beforeAll(async () => {
  bare = await makeSandbox();
  sandbox = await makeSandbox();
  const reports = join(sandbox.project, 'sql/persons/reports');
  writeFileSync(join(reports, 'hostile.sql'), HOSTILE);
  writeFileSync(join(reports, 'for_us.sql'), INTERNAL);
  for (const date of ['2026-02-28', DATE]) {
    const ended = await runHere(sandbox, ['run', 'persons', '--date', date], { RECORDS: '300' });
    expect(ended.exit, ended.stderr).toBe(0);
  }
  single = (await publish('--single-file', '--out', join(sandbox.root, 'report.html'))).path;
  site = (await publish('--out', join(sandbox.root, 'looked-at'))).path;
});

afterAll(async () => {
  await bare.remove();
  await sandbox.remove();
});

async function publish(...args: readonly string[]) {
  return publishOf(sandbox, ...args);
}

async function publishOf(project: Sandbox, ...args: readonly string[]) {
  const ended = await runHere(project, ['publish', '--json', ...args]);
  expect(ended.exit, ended.stdout + ended.stderr).toBe(0);
  return JSON.parse(ended.stdout) as { path: string; entry: string; files: number; bytes: number };
}

function readAll(dir: string): Map<string, string> {
  return new Map(
    readdirSync(dir)
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  );
}

describe('publish', () => {
  it('writes the views as files, identical for the same lake', async () => {
    const [one, two] = [join(sandbox.root, 'one'), join(sandbox.root, 'two')];
    const { files, entry } = await publish('--out', one);
    await publish('--out', two);
    const pages = readAll(one);
    expect(readAll(two)).toEqual(pages);
    expect(pages.size).toBe(files);
    expect(entry).toBe(join(one, 'index.html'));
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining([
        'index.html',
        'runs.html',
        'privacy-persons.html',
        'lake-persons.html',
        'pipeline-persons.html',
        'pipeline-persons-2026-02-28.html',
        `persons-${DATE}-email_provider_count.csv`,
      ]),
    );
    expect(await scanForCanaries([one])).toEqual([]);
  });

  it('links only to existing files, and loads nothing', async () => {
    const { path } = await publish();
    expect(path).toBe(join(sandbox.project, 'site'));
    for (const [name, text] of readAll(path)) {
      if (!name.endsWith('.html')) continue;
      const links = [...text.matchAll(/(?:href|src)="([^"#]+)[^"]*"/g)].map(([, link]) => link ?? '');
      expect(
        links.filter((link) => !existsSync(join(path, link))),
        name,
      ).toEqual([]);
      expect(text).not.toMatch(/<script(?! type="application\/json")|<form|\bon[a-z]+="/);
    }
  });

  it('leaves out internal reports, and inserts values as text', async () => {
    const { path } = await publish('--single-file', '--out', join(sandbox.root, 'mail', 'report.html'));
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('People by mail provider');
    expect(text).not.toMatch(/For us alone|12345678|12,345,678/);
    expect(text).not.toMatch(/<script>alert|<img/);
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Bidi_Control}\u2028]/u);
    const [, data = ''] =
      /<script type="application\/json" id="data-persons">([^<]*)<\/script>/.exec(text) ?? [];
    expect(JSON.parse(data)).toMatchObject({ pipeline: 'persons', date: DATE });
    expect(data).toContain('\\u003cscript\\u003e');
  });

  it('writes every view into the single file, with unique ids', async () => {
    const text = readFileSync(single, 'utf8');
    for (const title of ['Overview', 'Privacy of persons', 'Lake of persons', 'Runs', 'Stages']) {
      expect(text).toContain(`>${title}</h`);
    }
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
    expect(await scanForCanaries([single])).toEqual([]);
  });

  it('shows that a landed date is not built yet, and writes no reports for it', async () => {
    const date = '2026-02-27';
    const landed = await runHere(sandbox, ['ingest', 'persons', '--date', date], { RECORDS: '300' });
    expect(landed.exit, landed.stderr).toBe(0);
    const { path } = await publish('--out', join(sandbox.root, 'unbuilt'));
    const page = readFileSync(join(path, `pipeline-persons-${date}.html`), 'utf8');
    expect(page).toContain(`${date} has landed but is not in the tables yet`);
    expect(page).toContain('<code>pipeline transform persons</code>');
    expect(page).not.toContain('People by mail provider');
    const files = readdirSync(path).filter((name) => name.endsWith('.csv'));
    expect(files.filter((name) => name.includes(date))).toEqual([]);
    expect(files.filter((name) => name.includes(DATE))).not.toEqual([]);
    expect((await runHere(sandbox, ['transform', 'persons'])).exit).toBe(0);
  });

  it('removes files of an earlier publish that are no longer published, and no others', async () => {
    const { path } = await publish('--out', join(sandbox.root, 'repeated'));
    const report = join(sandbox.project, 'sql/persons/reports/hostile.sql');
    const csv = join(path, `persons-${DATE}-hostile.csv`);
    writeFileSync(join(path, 'mine.csv'), 'a');
    expect(existsSync(csv)).toBe(true);
    try {
      writeFileSync(report, HOSTILE.replace('-- people', '-- internal\n-- people'));
      await publish('--out', path);
      expect(existsSync(csv)).toBe(false);
      expect(existsSync(join(path, 'mine.csv'))).toBe(true);
    } finally {
      writeFileSync(report, HOSTILE);
    }
  });

  it('ignores a list that points out of its folder', async () => {
    const { path } = await publishOf(bare, '--out', join(bare.root, 'listed'));
    const outside = join(bare.root, 'outside.html');
    writeFileSync(outside, 'mine');
    const leads = JSON.stringify(['../outside.html', 'index.html/../../outside.html', 3]);
    const own = `{"written_by": "lakeveil publish", "files": ${leads}}`;
    for (const list of [leads, own, '{"a":1}', 'null', 'no list']) {
      writeFileSync(join(path, 'files.json'), list);
      await publishOf(bare, '--out', path);
      expect(readFileSync(outside, 'utf8')).toBe('mine');
      expect(existsSync(join(path, 'index.html'))).toBe(true);
    }
  });

  it('removes files of an interrupted publish', async () => {
    const path = join(sandbox.root, 'broken');
    const inTheWay = join(path, `persons-${DATE}-hostile.csv`);
    const early = join(path, 'persons-2026-02-28-hostile.csv');
    const report = join(sandbox.project, 'sql/persons/reports/hostile.sql');
    mkdirSync(inTheWay, { recursive: true });
    const ended = await runHere(sandbox, ['publish', '--out', path]);
    expect(ended.stderr).toContain('E_DISK');
    expect(existsSync(early)).toBe(true);
    rmdirSync(inTheWay);
    try {
      writeFileSync(report, HOSTILE.replace('-- people', '-- internal\n-- people'));
      await publish('--out', path);
      expect(existsSync(early)).toBe(false);
    } finally {
      writeFileSync(report, HOSTILE);
    }
  });

  it.each([
    ['a list of another program', (names: readonly string[]) => names, false],
    ['its own list', (files: readonly string[]) => ({ written_by: 'lakeveil publish', files }), true],
  ])('removes by %s only files that a site can contain', async (_, write, isOwn) => {
    const path = join(bare.root, `list-${isOwn ? 'own' : 'other'}`);
    mkdirSync(path);
    const old = 'pipeline-persons-2020-01-01.html';
    const others = ['notes.html', 'pipeline-persons-2020-01-02.html', 'people.csv', 'run-1.html'];
    for (const name of [old, 'notes.html', 'people.csv', 'run-1.html']) writeFileSync(join(path, name), 'a');
    symlinkSync(join(path, 'notes.html'), join(path, 'pipeline-persons-2020-01-02.html'));
    writeFileSync(join(path, 'files.json'), JSON.stringify(write([old, ...others])));
    await publishOf(bare, '--out', path);
    expect(readdirSync(path)).toEqual(expect.arrayContaining(others));
    expect(existsSync(join(path, old))).toBe(!isOwn);
  });

  it('is recorded in the ledger, and does not change the next publish', async () => {
    const path = join(bare.root, 'again');
    await publishOf(bare, '--out', path);
    const before = readAll(path);
    const listed = await runHere(bare, ['runs', '--json']);
    expect(listed.stdout).toContain('"command":"publish"');
    await publishOf(bare, '--out', path);
    expect(readAll(path)).toEqual(before);
  });

  it.each(['data_lake/site', 'db', 'sql/site', 'pipelines'])('does not write into %s', async (folder) => {
    const ended = await runHere(bare, ['publish', '--out', join(bare.project, folder)]);
    expect(ended.exit).toBe(2);
    expect(ended.stderr).toContain('cannot be written into');
  });

  it('works before anything has landed', async () => {
    const out = join(bare.root, 'site');
    await publishOf(bare, '--out', out);
    expect(readFileSync(join(out, 'pipeline-persons.html'), 'utf8')).toContain(
      'Nothing has landed for persons yet',
    );
  });

  describe.skipIf(CHROMIUM === null)('opened from disk', () => {
    let browser: Browser;
    let files: readonly string[];
    beforeAll(async () => {
      browser = await launchChromium(CHROMIUM ?? '');
      const names = readdirSync(site).filter((name) => name.endsWith('.html'));
      expect(names.length).toBeGreaterThan(6);
      files = [single, ...names.map((name) => join(site, name))];
    });
    afterAll(async () => {
      await browser.close();
    });

    it.each(LOOKS)('fits and is accessible at $width px, $colorScheme', async ({ width, colorScheme }) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      const problems = watch(page);
      for (const file of files) {
        await page.goto(pathToFileURL(file).href);
        expect(await page.evaluate('document.documentElement.scrollWidth'), file).toBe(width);
        expect(await findViolations(page), file).toEqual([]);
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('makes no requests, and offers its CSV files', async () => {
      const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
      const problems = watch(page);
      await page.goto(pathToFileURL(single).href);
      await page.getByRole('link', { name: 'persons', exact: true }).first().click();
      const coming = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Download CSV: People by mail provider' }).click();
      expect((await coming).suggestedFilename()).toBe('email_provider_count-2026-03-01.csv');
      expect(problems).toEqual([]);
      await page.close();
    });
  });

  /** Collects console messages and requests for other files. */
  function watch(page: Page): string[] {
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(request.url());
    });
    return problems;
  }
});
