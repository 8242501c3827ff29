import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbedded } from '../../fake-api/start.js';
import { type CliEnd, type Environment, makeSandbox, type Sandbox } from '../support/cli.js';

const DATE = '2026-03-01';
const RECORDS = 3000;

let here: Sandbox;
let abroad: Sandbox;
let first: CliEnd;

/** All of a run from an API on this machine, which is off when it is over. */
async function runOnce(sandbox: Sandbox, environment: Environment): Promise<CliEnd> {
  const api = await startEmbedded({});
  try {
    const args = ['run', '--date', DATE, '--records', String(RECORDS), '--source', api.url, '--json'];
    return await sandbox.run(args, environment);
  } finally {
    await api.close();
  }
}

beforeAll(async () => {
  [here, abroad] = await Promise.all([makeSandbox(), makeSandbox()]);
  first = await runOnce(here, {});
});
afterAll(async () => {
  await here.remove();
  await abroad.remove();
});

it('run: pulls, lands, builds the tables and reports', () => {
  expect(first.exit).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({
    status: 'succeeded',
    datasets: [{ dataset: 'persons', fetched: RECORDS, landed: RECORDS, rejected: 0, duplicates: 0 }],
    models: [{ model: 'silver.persons_anonymized', rows: RECORDS }],
    reports: [
      { report: 'email_provider_count' },
      { report: 'germany_gmail_percentage' },
      { report: 'over60_gmail_users' },
      { report: 'top_gmail_countries' },
    ],
  });
});

it('without its warehouse: transform --all builds the same from the lake, with the API off', async () => {
  await rm(dirname(here.database), { recursive: true });
  const transform = await here.run(['transform', '--all', '--json']);
  expect(transform.exit).toBe(0);
  const rows = [{ model: 'silver.persons_anonymized', rows: RECORDS }];
  expect(readPart(transform, 'models')).toMatchObject(rows);
  const report = await here.run(['report', '--json']);
  expect(report.exit).toBe(0);
  expect(readPart(report, 'reports')).toEqual(readPart(first, 'reports'));
});

describe('the same seed and key elsewhere', () => {
  let again: CliEnd;
  beforeAll(async () => {
    const place = { TZ: 'Pacific/Auckland', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    again = await runOnce(abroad, { ...place, CONCURRENCY: '2' });
  });

  it('in another time zone, another language and another order of pages: the same bytes land', async () => {
    expect(again.exit).toBe(0);
    expect((await readFile(partitionOf(abroad))).equals(await readFile(partitionOf(here)))).toBe(true);
  });

  it('gives the same reports', () => {
    expect(readPart(again, 'reports')).toEqual(readPart(first, 'reports'));
  });
});

it('another key: other bytes', async () => {
  const elsewhere = await makeSandbox();
  try {
    const key = Buffer.from('another key of 32 bytes or more…').toString('base64');
    expect((await runOnce(elsewhere, { TOKEN_KEY: key })).exit).toBe(0);
    expect((await readFile(partitionOf(elsewhere))).equals(await readFile(partitionOf(here)))).toBe(false);
  } finally {
    await elsewhere.remove();
  }
});

function partitionOf({ lake }: Sandbox): string {
  return join(lake, 'raw', ...DATE.split('-'), 'persons.parquet');
}

function readPart({ stdout }: CliEnd, name: string): unknown {
  const document: unknown = JSON.parse(stdout);
  return Reflect.get(Object(document), name);
}
