import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { SafeRoom, type SafeRoomOptions } from '../../src/anonymize/safe-room.js';
import type { Treatment } from '../../src/anonymize/treatment.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { LakeveilError } from '../../src/base/errors.js';
import type { Leaf } from '../../src/base/types/definition.js';
import { columnOf, datasetOf, DATE, KEY, leafOf } from './bench.js';

export const NAME: Leaf = leafOf('firstname');

/** A folder of the run's own, with links resolved as DuckDB wants it. */
export async function withStaging<T>(work: (stagingDir: string) => Promise<T>): Promise<T> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'lakeveil-room-')));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A safe room for one column, `firstname`, masked; what a test wants otherwise it says. */
export async function withRoom<T>(
  facts: Partial<SafeRoomOptions>,
  work: (room: SafeRoom, stagingDir: string) => Promise<T>,
): Promise<T> {
  return withStaging(async (stagingDir) => {
    const room = await SafeRoom.open({
      policy: compilePolicy(datasetOf([columnOf('firstname', [NAME], 'mask')]), KEY.id),
      key: KEY,
      date: DATE,
      stagingDir,
      pageSize: 1_000,
      pagesPerPart: 1_000,
      memoryLimitMb: 200,
      threads: 2,
      ...facts,
    });
    try {
      return await work(room, stagingDir);
    } finally {
      await room.close();
    }
  });
}

/** The registry with one treatment's SQL replaced; its shape is the true one's. `sql` gets the leaf's name. */
export function replaceSql(name: string, sql: (leaf: string) => string): ReadonlyMap<string, Treatment> {
  const treatment = TREATMENTS.get(name);
  if (treatment === undefined) throw new Error(`there is no treatment ${name}`);
  const weak: Treatment = {
    ...treatment,
    sql: (_dialect, inputs) => sql(inputs[0]?.sql ?? 'null'),
    precompute: () => null,
  };
  return new Map([...TREATMENTS, [name, weak]]);
}

/** Lakeveil's own error that `work` ends in. */
export async function failureOf(work: () => Promise<unknown>): Promise<LakeveilError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof LakeveilError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
