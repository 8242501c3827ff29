import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { type CliEnd, makeSandbox, type Sandbox } from '../support/cli.js';
import { page, startStubApi, type StubApi } from '../support/stub-api.js';
import { queryFile } from './lake-files.js';
import { readTree } from './lake-tree.js';
import { runHere } from './run-here.js';

const DATE = '2026-03-01';
const RECORDS = 1100;

/** Commands on what a run of canaries landed. */
const COMMANDS = [
  'report',
  'report --json',
  'export',
  'export silver.persons_anonymized --with-tokens --format json',
  'query from|persons_anonymized --json',
  'query from|ops.runs',
  'transform --all',
  'transform --json',
  'verify --json',
  'explain',
  'explain --json',
  'runs',
  'runs --json',
  'status --json',
  'init-db',
  'doctor --json',
];
const WRITING = /^(?:export|transform|init-db)/;

let sandbox: Sandbox;
let api: StubApi;
let ended: CliEnd;

beforeAll(async () => {
  sandbox = await makeSandbox();
  let served = 0;
  api = await startStubApi(({ query }) => {
    const asked = Number(query.get('_quantity'));
    served += asked;
    return page(makeCanaries(asked, served - asked), query.get('_seed'));
  });
  ended = await sandbox.run(
    ['run', '--date', DATE, '--records', String(RECORDS), '--source', api.url, '--json'],
    { LOG_LEVEL: 'debug', CONCURRENCY: '1' },
  );
});
afterAll(async () => {
  await api.close();
  await sandbox.remove();
});

describe('a run of canaries', () => {
  it('lands every one, and nothing of them is anywhere', async () => {
    expect(ended.stderr).not.toContain('E_');
    expect(ended.exit).toBe(0);
    const document: unknown = JSON.parse(ended.stdout);
    expect(document).toMatchObject({
      status: 'succeeded',
      datasets: [{ fetched: RECORDS, landed: RECORDS, rejected: 0, duplicates: 0 }],
    });
    expect(await scanForCanaries([sandbox.root], { ...ended })).toEqual([]);
  });

  it('keeps what its treatments state, and no more', async () => {
    const rows = await queryFile(
      partition(),
      `select distinct firstname, lastname, email, phone[:3] as calling, street, zipcode, latitude, longitude,
        country_code from landed order by email, zipcode`,
    );
    const hidden = { firstname: '***', lastname: '***', street: '***' };
    const place = { calling: '+49', zipcode: '41', latitude: 48, longitude: -12 };
    expect(rows).toEqual([
      { ...hidden, ...place, email: '***@gmail.com', country_code: 'DE' },
      { ...hidden, ...place, email: '***@other', country_code: 'SK' },
      { ...hidden, ...place, email: '***@yahoo.com', country_code: 'JP' },
    ]);
  });

  it('leaves no staging and no temporary file', async () => {
    expect(await readTree(join(sandbox.lake, '_staging'))).toEqual({});
    expect(await readTree(join(sandbox.root, 'tmp'))).toEqual({});
  });

  it('lands again the same, said to a person', async () => {
    const before = await readFile(partition());
    const again = await runHere(
      sandbox,
      ['ingest', '--date', DATE, '--records', '1000', '--source', api.url, '--limit-pages', '1'],
      { LOG_LEVEL: 'debug' },
    );
    expect(again.exit).toBe(0);
    expect(before.equals(await readFile(partition()))).toBe(true);
    expect(await scanForCanaries([sandbox.root], { ...again })).toEqual([]);
  });

  it('refuses to adopt them in the raw, under the right names, without a word of them', async () => {
    const raw = join(sandbox.root, 'raw.parquet');
    const hostile = `select * replace ('Kanaryfirst' as firstname) from landed`;
    await queryFile(partition(), `copy (${hostile}) to '${raw}' (format parquet)`);
    const before = await readFile(partition());
    const args = ['adopt', raw, '--dataset', 'persons', '--date', '2026-02-28'];
    for (const form of [[], ['--json']]) {
      const end = await runHere(sandbox, [...args, ...form], { LOG_LEVEL: 'debug' });
      expect(end.exit).toBe(5);
      const folders = ['project', 'tmp', 'config', 'home'].map((name) => join(sandbox.root, name));
      expect(await scanForCanaries(folders, { ...end })).toEqual([]);
    }
    await rm(raw);
    expect(before.equals(await readFile(partition()))).toBe(true);
    expect(await readTree(join(sandbox.lake, 'raw', '2026', '02'))).toEqual({});
  });

  it('says nothing of them in any command on what has landed', async () => {
    for (const command of COMMANDS) {
      const words = command.split(' ').map((word) => word.replace('|', ' '));
      const end = await runHere(sandbox, words, { LOG_LEVEL: 'debug' });
      expect({ command, ...end }).toMatchObject({ exit: 0 });
      expect(end.stdout.length, command).toBeGreaterThan(20);
      // What reads leaves an entry in the ledger at most, which stays until the end.
      const written = WRITING.test(command) ? [sandbox.root] : [];
      expect(await scanForCanaries(written, { ...end }), command).toEqual([]);
    }
    expect(await scanForCanaries([sandbox.root])).toEqual([]);
  });
});

function partition(): string {
  return join(sandbox.lake, 'raw', ...DATE.split('-'), 'persons.parquet');
}
