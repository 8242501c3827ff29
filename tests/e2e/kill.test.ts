import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeVerify, verifyLake } from '../../src/actions/verify/verify-lake.js';
import { run } from '../../src/pipeline.js';
import { readTree } from '../canary/lake-tree.js';
import { openHere, requestFor } from '../canary/open-here.js';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { killAtRandom, seedRandom, start } from '../support/kill-harness.js';
import { page, startStubApi, type StubApi } from '../support/stub-api.js';

const DATE = '2026-03-01';
const RECORDS = 3000;
const KILLS = 25;
/** Two lakes side by side, one for each core. */
const LANES = 2;
const PATIENCE_MS = 600_000;

let api: StubApi;
/** Answers wait while this is set. */
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  api = await startStubApi(({ query }) => async (response, request) => {
    await gate;
    const asked = Number(query.get('_quantity'));
    // Another seed, other people.
    await page(makeCanaries(asked, (Number(query.get('_seed')) % 9000) * 1000))(response, request);
  });
});
afterAll(async () => {
  await api.close();
});

it(
  `killed at ${KILLS} random moments: whole or absent, then healed to the same bytes`,
  { timeout: PATIENCE_MS },
  async () => {
    const lanes = Array.from({ length: LANES }, (_, lane) => killAgainAndAgain(lane));
    const outcomes = (await Promise.all(lanes)).flat();
    expect(outcomes).toHaveLength(KILLS);
    // Many of the moments must have hit a run under way, or nothing was tried.
    expect(outcomes.filter((wasKilled) => wasKilled).length).toBeGreaterThan(KILLS / 3);
  },
);

/** Kills runs that replace what is there by other content, in turns. @returns whether each was killed */
async function killAgainAndAgain(lane: number): Promise<boolean[]> {
  const sandbox = await makeSandbox();
  const random = seedRandom(4711 + lane);
  const outcomes: boolean[] = [];
  try {
    const undisturbed = await landBoth(sandbox);
    for (let kill = lane; kill < KILLS; kill += LANES) {
      const seed = outcomes.length % 2 === 0 ? 'old' : 'new';
      const ended = await killAtRandom(sandbox.program(argsFor(seed), DEBUG), {
        random,
        withinMs: undisturbed.longestMs,
      });
      outcomes.push(ended.signal === 'SIGKILL');
      await expectHealed(sandbox, seed, undisturbed.hashes, `kill ${kill} after ${ended.afterMs} ms`);
      const output = { stdout: ended.stdout, stderr: ended.stderr };
      expect((await scanForCanaries([], output)).slice(0, 1)).toEqual([]);
    }
    const { exit, stdout } = await sandbox.run(['verify', '--json']);
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
    return outcomes;
  } finally {
    await sandbox.remove();
  }
}

/** What an undisturbed run lands for either seed, and how long the slower one took; `new` is there at the end. */
async function landBoth(sandbox: Sandbox): Promise<{ hashes: Record<string, string>; longestMs: number }> {
  const hashes: Record<string, string> = {};
  let longestMs = 0;
  for (const seed of ['old', 'new']) {
    const startedMs = performance.now();
    const { exit, stderr } = await sandbox.run(argsFor(seed));
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    longestMs = Math.max(longestMs, performance.now() - startedMs);
    hashes[seed] = await hashPartition(sandbox);
  }
  expect(hashes['old']).not.toBe(hashes['new']);
  return { hashes, longestMs };
}

async function expectHealed(
  sandbox: Sandbox,
  seed: string,
  hashes: Record<string, string>,
  moment: string,
): Promise<void> {
  expect(await findRaw(sandbox), moment).toEqual([]);
  const project = await openHere(sandbox, {}, { RECORDS: String(RECORDS) });
  const verified = await verifyLake(project, { date: null });
  expect(judgeVerify(verified), `${moment}: ${JSON.stringify(verified.problems)}`).toBeNull();
  expect(Object.values(hashes), moment).toContain(await hashPartition(sandbox));

  const again = await run(project, requestFor({ date: DATE, seed, source: api.url }));
  expect(again.datasets, moment).toMatchObject([{ landed: RECORDS }]);
  expect(again.reports, moment).toHaveLength(4);
  expect(await hashPartition(sandbox), moment).toBe(hashes[seed]);
  expect(await listLeftovers(sandbox), moment).toEqual([]);
}

/** Files that a kill tore cannot be looked into; they may lie where nobody reads. */
async function findRaw({ root }: Sandbox): Promise<unknown[]> {
  const findings = await scanForCanaries([root]);
  return findings.filter(
    ({ needle, where }) => needle !== '(unreadable)' || !/\/(_staging|\.next)\//.test(where),
  );
}

describe.each([
  ['SIGINT', 130, 'E_INTERRUPTED'],
  ['SIGTERM', 143, 'E_TERMINATED'],
] as const)('%s', (signal, exit, code) => {
  it('in the middle of a fetch: stops at once, the lake is as it was, nothing is left over', async () => {
    const sandbox = await makeSandbox();
    let open = (): void => undefined;
    try {
      expect((await sandbox.run(argsFor('old'))).exit).toBe(0);
      const before = await readTree(sandbox.lake);
      const asked = api.requests.length;
      gate = new Promise((resolve) => (open = resolve));
      const running = start(sandbox.program([...argsFor('new'), '--json'], DEBUG));
      await expect.poll(() => api.requests.length, { timeout: 30_000 }).toBeGreaterThan(asked);
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(exit);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code, exit } });
      const after = await readTree(sandbox.lake);
      const ledger = Object.keys(after).filter((path) => path.startsWith('_runs/') && !(path in before));
      expect(ledger).toHaveLength(1);
      expect(JSON.parse(await readFile(join(sandbox.lake, ledger[0] ?? ''), 'utf8'))).toMatchObject({
        status: 'interrupted',
      });
      expect({ ...after, [ledger[0] ?? '']: undefined }).toEqual({ ...before, [ledger[0] ?? '']: undefined });
      expect(await listLeftovers(sandbox)).toEqual([]);
      expect(await findRaw(sandbox)).toEqual([]);
    } finally {
      open();
      gate = Promise.resolve();
      await sandbox.remove();
    }
  });
});

it('SIGINT and SIGTERM at random moments: whole or absent', { timeout: PATIENCE_MS }, async () => {
  const sandbox = await makeSandbox();
  const random = seedRandom(130);
  try {
    const { hashes, longestMs } = await landBoth(sandbox);
    const moments = [
      ['SIGINT', 'old'],
      ['SIGTERM', 'new'],
      ['SIGINT', 'old'],
      ['SIGTERM', 'new'],
    ] as const;
    for (const [signal, seed] of moments) {
      const running = start(sandbox.program(argsFor(seed), DEBUG));
      const timer = setTimeout(() => running.child.kill(signal), 300 + random() * longestMs);
      const ended = await running.ended;
      clearTimeout(timer);
      expect([0, signal === 'SIGINT' ? 130 : 143]).toContain(ended.code);
      expect(Object.values(hashes)).toContain(await hashPartition(sandbox));
      expect(await listLeftovers(sandbox)).toEqual([]);
    }
    expect((await sandbox.run(['verify'])).exit).toBe(0);
  } finally {
    await sandbox.remove();
  }
});

const DEBUG = { LOG_LEVEL: 'debug' };

function argsFor(seed: string): string[] {
  return ['run', '--date', DATE, '--records', String(RECORDS), '--seed', seed, '--source', api.url];
}

async function hashPartition({ lake }: Sandbox): Promise<string> {
  const path = join(lake, 'raw', ...DATE.split('-'), 'persons.parquet');
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** What a run has only while it works. */
async function listLeftovers({ root, project }: Sandbox): Promise<string[]> {
  const folders = [
    join(project, 'data_lake', '_staging'),
    join(project, 'data_lake', '_commits'),
    join(project, 'db', '.next'),
    join(root, 'tmp'),
  ];
  const trees = await Promise.all(folders.map(readTree));
  return trees.flatMap((tree) => Object.keys(tree));
}
