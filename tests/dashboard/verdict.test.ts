import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { openDashboard, type OpenDashboard } from './open-dashboard.js';
import { NOW } from './scene.js';

/** A pipeline with data until the day before yesterday, and with a date missing in between. */
const DATES = ['2026-02-26', '2026-02-28'];
const EXPECTED =
  '    checks:\n      - { check: freshness, severity: warn, max_age: 0d, expected_by: "06:00" }\n';

describe('the verdict of the overview', () => {
  let sandbox: Sandbox;
  let dashboard: OpenDashboard;

  beforeAll(async () => {
    sandbox = await makeSandbox((yaml) => `${yaml.trimEnd()}\n${EXPECTED}`);
    for (const date of DATES) {
      const landed = await runHere(sandbox, ['run', 'persons', '--date', date], { RECORDS: '300' });
      expect(landed.exit, landed.stderr).toBe(0);
    }
    dashboard = await openDashboard(sandbox, { now: NOW });
  });
  afterAll(async () => {
    await dashboard.stop();
    await sandbox.remove();
  });

  const get = async (path: string) =>
    (await dashboard.ask(path, { headers: { cookie: await dashboard.enter() } })).body;
  const readCard = async () => {
    const [, card = ''] = (await get('/')).split('<article');
    return { card, reasons: [...card.matchAll(/<li class="(\w+)">([^]*?)<\/li>/g)].map(describeReason) };
  };

  it('counts what status lists, the worst first, each with a link and since when', async () => {
    const { card, reasons } = await readCard();
    expect(card.slice(0, 500)).toContain('Watch');
    expect(card).not.toContain('up to date');
    expect(reasons.filter((reason) => !reason.includes('check warned'))).toEqual([
      'watch: persons: Late: new data was expected by 06:00 on 2026-03-01. /lake/persons since 2026-03-01',
      'watch: 3 dates are missing. /lake/persons since 2026-02-27',
    ]);

    const check = join(sandbox.project, 'sql/persons/checks/impossible.sql');
    writeFileSync(check, '-- severity: error\nselect 1 as wrong\n');
    const failed = await runHere(sandbox, ['run', 'persons', '--date', '2026-03-01'], { RECORDS: '200' });
    expect(failed.exit).toBe(4);
    expect(failed.stderr).toContain('Landed data was kept. The warehouse is unchanged.');
    const LEFT_OUT =
      /Showing the tables of 20\d\d-\d\d-\d\d \d\d:\d\d UTC\. The run of [\d :-]+ failed \(check impossible found 1 row\); its rows are not included\./;
    const view = await get('/pipelines/persons?date=2026-02-28');
    expect(view).toMatch(LEFT_OUT);
    expect(view).toMatch(/Data of <span class="date">2026-02-28<\/span>, as of 20[\d :-]+ UTC/);
    const report = await runHere(sandbox, ['report', 'persons', '--date', '2026-02-28']);
    expect(report.stdout).toMatch(/^persons, 2026-02-28, as of 20[\d :-]+ UTC\n/);
    expect(report.stdout).toMatch(LEFT_OUT);
    const file = join(sandbox.root, 'site.html');
    const published = await runHere(sandbox, ['publish', '--single-file', '--out', file]);
    expect(published.exit, published.stderr).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(LEFT_OUT);
    const folder = join(sandbox.lake, 'raw/2026/02/26');
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    const worse = await readCard();
    expect(worse.card.slice(0, 500)).toContain('Bad');
    expect(worse.reasons.map((reason) => reason.replace(/[0-9a-f-]{36}|\d\d:\d\d/g, '…'))).toMatchObject([
      expect.stringMatching(
        /^bad: The last run failed: check impossible found 1 row \(E_CHECK_FAILED\)\. Landed data was kept\. The warehouse is unchanged\. \/runs\/… since 20\d\d-\d\d-\d\d … UTC$/,
      ),
      'bad: Landed data is gone or was changed: 1 partition. /lake/persons since 2026-02-26',
      expect.stringMatching(/^bad: 1 check failed: impossible\. \/runs\/… since 20/),
      'watch: persons: Late: new data was expected by … on 2026-03-02. /lake/persons since 2026-03-02',
      expect.stringMatching(/^watch: 1 date is missing\./),
      expect.stringMatching(/^watch: The tables are out of date for 1 date\. \/lake\/persons since 20/),
      expect.stringMatching(/^watch: 1 check warned: persons\.freshness\. \/runs\/… since 20/),
    ]);

    const [path = ''] = /\/runs\/[0-9a-f-]{36}/.exec(worse.reasons[0] ?? '') ?? [];
    const run = await get(path);
    expect(run).toMatch(/check impossible found 1 row\.[^]*Landed data was kept\./);
    expect(run).not.toContain('…');
  });

  function describeReason([, verdict = '', html = '']: RegExpExecArray): string {
    const [, href = ''] = /href="([^"]*)"/.exec(html) ?? [];
    const [text = '', since = ''] = html
      .replace(/<[^>]*>/g, '\n')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    return `${verdict}: ${text} ${href} ${since}`;
  }
});
