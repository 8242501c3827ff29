import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, dateOf } from '../../src/base/dates/calendar.js';
import { runHere } from '../canary/run-here.js';
import { openDashboard } from '../dashboard/open-dashboard.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A seeded pipeline, a snapshot, and one that lands by the hour. */
const PIPELINES = ['persons', 'directory', 'bookings'];
const TODAY = dateOf(new Date());
const [BEFORE, GAP, PAST] = [addDays(TODAY, -3), addDays(TODAY, -2), addDays(TODAY, -1)];
const MONTH_END = addDays(TODAY, 20);

describe('every command that a view or a command prints', () => {
  let sandbox: Sandbox;
  const run = (line: string) => runHere(sandbox, line.split(' '), { RECORDS: '20' });

  beforeAll(async () => {
    sandbox = await makeSandbox();
    for (const name of PIPELINES.slice(1)) {
      for (const path of [`pipelines/${name}.yaml`, `pipelines/${name}`, `sql/${name}`]) {
        if (existsSync(join(ROOT, path)))
          cpSync(join(ROOT, path), join(sandbox.project, path), { recursive: true });
      }
    }
    for (const line of [
      `ingest persons --date ${BEFORE}`,
      `ingest persons --date ${PAST}`,
      `ingest directory --date ${BEFORE} --as-of-now`,
      `ingest directory --date ${PAST} --as-of-now`,
      `ingest bookings --date ${BEFORE}T00`,
      `ingest bookings --date ${PAST}T05`,
    ]) {
      const landed = await run(line);
      expect(landed.exit, landed.stderr).toBe(0);
    }
    expect((await run('transform')).exit).toBe(0);
    // Landed data that is gone: status names the command that lands it again.
    const [year = '', month = '', day = ''] = BEFORE.split('-');
    rmSync(join(sandbox.lake, 'raw', year, month, day), { recursive: true });
  });
  afterAll(() => sandbox.remove());

  it('is one that the command line accepts', async () => {
    const texts: string[] = [];
    const dashboard = await openDashboard(sandbox);
    const cookie = await dashboard.enter();
    const get = async (path: string) => (await dashboard.ask(path, { headers: { cookie } })).body;
    texts.push(await get('/'));
    for (const name of PIPELINES) {
      texts.push(await get(`/lake/${name}`));
      for (const date of [GAP, PAST, TODAY, MONTH_END])
        texts.push(await get(`/pipelines/${name}?date=${date}`));
      for (const line of [
        `status ${name}`,
        `status ${name} --from ${GAP} --to ${MONTH_END}`,
        `report ${name} --date ${GAP}`,
        `transform ${name} --date ${GAP}`,
        `check ${name}`,
        'transform',
      ]) {
        const { stdout, stderr } = await run(line);
        texts.push(stdout, stderr);
      }
    }
    await dashboard.stop();
    const printed = listCommands(texts);
    expect(printed.some((line) => line.includes('--as-of-now'))).toBe(true);
    expect(printed.filter((line) => line.startsWith('backfill')).length).toBeGreaterThan(2);
    for (const line of printed) {
      // A dry run is refused wherever the backfill is, and takes no time.
      const { exit, stderr } = await run(line.startsWith('backfill') ? `${line} --dry-run` : line);
      expect(exit, `pipeline ${line}\n${stderr}`).not.toBe(2);
    }
  });

  it('status does not count dates that are still to come', async () => {
    const { stdout } = await run(`status persons --from ${PAST} --to ${MONTH_END} --json`);
    const { to, datasets } = JSON.parse(stdout) as { to: string; datasets: { missing: { to: string }[] }[] };
    expect(to).toBe(TODAY);
    for (const { missing } of datasets) for (const range of missing) expect(range.to <= TODAY).toBe(true);
  });

  it('a dry run of a backfill is refused where the backfill is', async () => {
    const line = `backfill directory --from ${addDays(TODAY, -9)} --to ${addDays(TODAY, -8)}`;
    const ends = [await run(`${line} --dry-run`), await run(line)];
    for (const { exit, stderr } of ends) {
      expect(exit).toBe(2);
      expect(stderr).toContain('E_DATE_SNAPSHOT');
    }
    const planned = await run(`${line} --as-of-now --dry-run`);
    expect(planned.stdout).toContain('2 of 2 dates would land');
    const keyless = `backfill persons --from ${addDays(TODAY, -9)} --to ${addDays(TODAY, -8)} --source https://example.org --dry-run`;
    const refused = await runHere(sandbox, keyless.split(' '), { TOKEN_KEY: '' });
    expect(refused.stderr).toContain('E_KEY_MISSING');
  });

  it('a command that never started a run is not in the ledger', async () => {
    const count = async () =>
      (JSON.parse((await run('runs --limit 1000 --json')).stdout) as { runs: unknown[] }).runs.length;
    const before = await count();
    for (const line of [
      'run persons --source https://example.org',
      'ingest persons --source https://example.org',
      `backfill persons --from ${addDays(TODAY, -9)} --to ${addDays(TODAY, -8)} --source https://example.org`,
    ]) {
      const { exit, stderr } = await runHere(sandbox, line.split(' '), { TOKEN_KEY: '' });
      expect(exit, line).toBe(2);
      expect(stderr).toMatch(/E_KEY_MISSING[^]*Nothing was started\./);
    }
    expect(await count()).toBe(before);
  });
});

/** Commands between backticks or code tags, or at the end of a line; options of the sample are left out. */
function listCommands(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => [
    ...[...text.matchAll(/<code>pipeline ([^<]+)<\/code>/g)].map(([, line = '']) => line),
    ...[...text.matchAll(/`pipeline ([^`]+)`/g)].map(([, line = '']) => line),
    ...[...text.matchAll(/(?:: |^Next: )pipeline ([a-z][\w -]*)$/gm)].map(([, line = '']) => line),
  ]);
  return [...new Set(found)].filter((line) => !/--help|--json$|"|\.\.\.|^new|^dashboard/.test(line));
}
