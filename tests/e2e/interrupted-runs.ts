import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { evaluateVerify, verifyLake } from '../../src/actions/verify/verify-lake.js';
import { run } from '../../src/pipeline.js';
import { readTree } from '../canary/lake-tree.js';
import { openHere, requestFor } from '../canary/open-here.js';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import type { Sandbox } from '../support/cli.js';
import { page, startStubApi, type StubApi, type StubRequest } from '../support/stub-api.js';

/** Runs of one date in processes of their own that a test breaks off, and what must hold of the lake afterwards. */

export const DATE = '2026-03-01';
export const DEBUG = { LOG_LEVEL: 'debug' };

export interface HeldSource {
  /** Arguments of a run; another seed lands other people. */
  readonly argsFor: (seed: string) => string[];
  readonly requests: () => readonly StubRequest[];
  /** Lets answers wait from now on; the answer ends that. */
  readonly hold: () => () => void;
  /** Compares the lake with what undisturbed runs landed, then runs once more. */
  readonly expectHealed: (sandbox: Sandbox, seed: string, hashes: Hashes, moment: string) => Promise<void>;
}

/** What an undisturbed run lands, by seed. */
export type Hashes = Readonly<Record<string, string>>;

/** A source of canaries for all tests of a file. */
export function useHeldSource(records: number): HeldSource {
  let api: StubApi;
  let gate: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    api = await startStubApi(({ query }) => async (response, request) => {
      await gate;
      const asked = Number(query.get('_quantity'));
      await page(makeCanaries(asked, (Number(query.get('_seed')) % 9000) * 1000))(response, request);
    });
  });
  afterAll(async () => {
    await api.close();
  });
  return {
    argsFor: (seed) => [
      ...['run', '--date', DATE, '--records', String(records)],
      ...['--seed', seed, '--source', api.url],
    ],
    requests: () => api.requests,
    hold: () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => (open = resolve));
      return () => {
        open();
      };
    },
    expectHealed: async (sandbox, seed, hashes, moment) => {
      expect(await findRaw(sandbox), moment).toEqual([]);
      const project = await openHere(sandbox, {}, { RECORDS: String(records) });
      const verified = await verifyLake(project, { date: null });
      expect(evaluateVerify(verified), `${moment}: ${JSON.stringify(verified.problems)}`).toBeNull();
      expect(Object.values(hashes), moment).toContain(await hashPartition(sandbox));

      const again = await run(project, requestFor({ date: DATE, seed, source: api.url }));
      expect(again.datasets, moment).toMatchObject([{ landed: records }]);
      expect(again.reports, moment).toHaveLength(4);
      expect(await hashPartition(sandbox), moment).toBe(hashes[seed]);
      expect(await listLeftovers(sandbox), moment).toEqual([]);
    },
  };
}

/** Files that a kill tore cannot be looked into; they may lie where nobody reads. */
export async function findRaw({ root }: Sandbox): Promise<unknown[]> {
  const findings = await scanForCanaries([root]);
  return findings.filter(
    ({ needle, where }) => needle !== '(unreadable)' || !/\/(_staging|\.next)\//.test(where),
  );
}

export async function hashPartition({ lake }: Sandbox): Promise<string> {
  const path = join(lake, 'raw', ...DATE.split('-'), 'persons.parquet');
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

/** What a run has only while it works. */
export async function listLeftovers({ root, project }: Sandbox): Promise<string[]> {
  const folders = [
    join(project, 'data_lake', '_staging'),
    join(project, 'data_lake', '_commits'),
    join(project, 'db', '.next'),
    join(root, 'tmp'),
  ];
  const trees = await Promise.all(folders.map(readTree));
  return trees.flatMap((tree) => Object.keys(tree));
}
