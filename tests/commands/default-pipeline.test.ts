import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCaptured } from './capture-output.js';

/** Which pipeline is meant where none is named. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATE = '2026-11-20';
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let root = '';
/** A project whose only pipeline is `people`, of which one date has landed. */
let dir = '';

const ask = async (...argv: string[]): Promise<{ exit: number; document: unknown }> => {
  const { exit, stdout } = await runCaptured([...argv, '--json', '--quiet', '--project', dir]);
  return { exit, document: JSON.parse(stdout) as unknown };
};
const page = (name: string) => join(dir, 'pipelines', `${name}.yaml`);

async function readNewest(): Promise<unknown> {
  return (await ask('runs', '--limit', '1')).document;
}

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-default-')));
  vi.stubEnv('XDG_CONFIG_HOME', join(root, 'config'));
  dir = join(root, 'project');
  await runCaptured(['init', dir]);
  expect(await ask('run', '--date', DATE, '--records', '100')).toMatchObject({
    exit: 0,
    document: { pipeline: 'people', datasets: [{ landed: 100 }] },
  });
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe('in a project of one pipeline that is not persons, that one is meant', () => {
  it.each([
    ['ingest', '--date', DATE, '--records', '100', '--limit-pages', '1'],
    ['transform'],
    ['transform', '--date', DATE],
    ['init-db'],
    ['backfill', '--from', DATE, '--to', DATE, '--records', '100'],
    ['report'],
    ['report', 'top_countries'],
    ['export', 'top_countries'],
    ['models'],
    ['models', '--lineage'],
    ['check'],
    ['test'],
    ['explain'],
    ['status', '--from', DATE, '--to', DATE],
  ])('by %s %s', async (...argv) => {
    expect(await ask(...argv)).toMatchObject({ exit: 0 });
  });

  it('also in the ledger', async () => {
    await ask('transform');
    expect(await readNewest()).toMatchObject({ runs: [{ command: 'transform', pipeline: 'people' }] });
  });
});

describe('in a project of several, none of them persons,', () => {
  beforeAll(() => {
    const text = readFileSync(page('people'), 'utf8');
    writeFileSync(
      page('guests'),
      text.replace(/^pipeline: people$/m, 'pipeline: guests').replace(/^ {2}people:$/m, '  guests:'),
    );
  });
  afterAll(() => {
    rmSync(page('guests'));
  });

  it.each([['transform'], ['transform', '--all'], ['transform', '--date', DATE], ['init-db']])(
    'all are built by %s %s, under `*` in the ledger',
    async (...argv) => {
      expect(await ask(...argv)).toMatchObject({ exit: 0 });
      expect(await readNewest()).toMatchObject({ runs: [{ command: argv[0], pipeline: '*' }] });
    },
  );

  it('a date on which nothing landed is not built', async () => {
    expect(await ask('transform', '--date', '2026-11-21')).toMatchObject({
      exit: 2,
      document: { error: { code: 'E_NOT_LANDED' } },
    });
  });

  it.each([['run'], ['models'], ['report'], ['report', 'top_countries'], ['check'], ['status']])(
    'one must be named for %s %s',
    async (...argv) => {
      expect(await ask(...argv)).toMatchObject({
        exit: 2,
        document: { error: { code: 'E_USAGE', remedy: 'name one of guests, people' } },
      });
    },
  );
});

describe('persons', () => {
  beforeAll(() => {
    for (const part of ['pipelines/persons.yaml', 'sql/persons']) {
      cpSync(join(ROOT, part), join(dir, part), { recursive: true });
    }
  });
  afterAll(() => {
    for (const part of ['pipelines/persons.yaml', 'sql/persons'])
      rmSync(join(dir, part), { recursive: true });
  });

  it('is meant where it exists, whatever is beside it', async () => {
    expect(await ask('explain')).toMatchObject({ exit: 0, document: { pipeline: 'persons' } });
    expect(await ask('transform')).toMatchObject({ exit: 0 });
    expect(await readNewest()).toMatchObject({ runs: [{ pipeline: 'persons' }] });
  });
});

it('a project without a page says so', async () => {
  const text = readFileSync(page('people'), 'utf8');
  rmSync(page('people'));
  try {
    expect(await ask('transform')).toMatchObject({ exit: 2, document: { error: { code: 'E_UNKNOWN' } } });
  } finally {
    writeFileSync(page('people'), text);
  }
});
