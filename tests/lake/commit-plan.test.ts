import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/base/types/manifest.js';
import {
  isUnchanged,
  partitionsOf,
  planCommit,
  type Replacement,
  type StagedDataset,
  type StagedFile,
} from '../../src/lake/commit-plan.js';
import { DATE, FOLDER, manifestOf } from './lake-fixture.js';

const RUN = '019a0000-0000-7000-8000-000000000001';

function fileOf(name: string, sha256 = name): StagedFile {
  return { name, rows: 1, bytes: 10, sha256 };
}

function stage(parts: number, quarantine: boolean, runId = RUN): StagedDataset {
  return {
    key: { dataset: 'persons', date: DATE, slot: null },
    files: Array.from({ length: parts }, (_, i) => fileOf(`part-${i}`)),
    quarantine: quarantine ? fileOf('quarantine') : null,
    manifest: manifestOf('persons', runId, { landed: parts, rejected: quarantine ? 1 : 0 }),
  };
}

/** The manifest of a staged dataset, once it has landed. */
function landed(staged: StagedDataset): Manifest {
  const plan = planCommit(
    RUN,
    RUN,
    { replacements: [{ staged, current: null, currentQuarantine: null }], known: [] },
    null,
  );
  const [written] = plan.manifests;
  if (written === undefined) throw new Error('no manifest was planned');
  return written.manifest;
}

function replace(staged: StagedDataset, current: StagedDataset | null): Replacement {
  return {
    staged,
    current: current === null ? null : landed(current),
    currentQuarantine: current?.quarantine?.sha256 ?? null,
  };
}

const raw = (name: string) => `raw/${FOLDER}/${name}`;
const bad = `quarantine/${FOLDER}/persons.parquet`;
const part = (i: number) => raw(`persons.000${i}.parquet`);
const whole = raw('persons.parquet');

describe('a commit', () => {
  type Stage = readonly [parts: number, quarantine: boolean];
  it.each<[string, Stage | null, Stage, string[], string[]]>([
    ['nothing', null, [1, false], [whole], []],
    ['nothing, with quarantine', null, [1, true], [whole, bad], []],
    ['as many parts', [2, false], [2, false], [part(1), part(2)], []],
    ['fewer parts', [1, false], [3, false], [part(1), part(2), part(3)], [whole]],
    ['more parts', [3, false], [1, false], [whole], [part(1), part(2), part(3)]],
    ['two parts by three', [2, false], [3, false], [part(1), part(2), part(3)], []],
    ['three parts by two', [3, false], [2, false], [part(1), part(2)], [part(3)]],
    ['a quarantine by none', [1, true], [1, false], [whole], [bad]],
    ['a quarantine by another', [1, true], [1, true], [whole, bad], []],
    ['no quarantine by one', [1, false], [1, true], [whole, bad], []],
  ])('in place of %s moves and removes exactly that', (_, before, after, moves, removes) => {
    const current = before === null ? null : stage(...before);
    const plan = planCommit(
      RUN,
      'staging1',
      { replacements: [replace(stage(...after), current)], known: [] },
      { run: 1 },
    );
    expect(plan.moves.map(({ to }) => to)).toEqual(moves);
    expect(plan.removes).toEqual(removes);
    expect(plan).toMatchObject({ format: 1, run_id: RUN, staging: 'staging1', receipt: { run: 1 } });
  });

  it('moves each staged file under its own hash', () => {
    const plan = planCommit(RUN, RUN, { replacements: [replace(stage(2, true), null)], known: [] }, null);
    expect(plan.moves.map(({ from, sha256 }) => [from, sha256])).toEqual([
      ['part-0', 'part-0'],
      ['part-1', 'part-1'],
      ['quarantine', 'quarantine'],
    ]);
  });

  it('says in the manifest by which names the files are found', () => {
    const { manifest } = { manifest: landed(stage(2, false)) };
    expect(manifest.files.map(({ name }) => name)).toEqual(['persons.0001.parquet', 'persons.0002.parquet']);
  });

  it('holds all datasets of a run', () => {
    const bookings: StagedDataset = {
      ...stage(1, false),
      key: { dataset: 'bookings', date: DATE, slot: '13' },
    };
    const plan = planCommit(
      RUN,
      RUN,
      { replacements: [replace(stage(1, false), null), replace(bookings, null)], known: [] },
      null,
    );
    expect(plan.moves.map(({ to }) => to)).toEqual([whole, raw('bookings.T13.parquet')]);
    expect(plan.manifests.map(({ path }) => path)).toEqual([
      raw('persons.manifest.json'),
      raw('bookings.T13.manifest.json'),
    ]);
  });
});

describe('partitions', () => {
  it('are numbered only where there are several', () => {
    expect(partitionsOf(stage(1, false)).map(({ path }) => path)).toEqual([whole]);
    expect(partitionsOf(stage(2, false)).map(({ path }) => path)).toEqual([part(1), part(2)]);
  });
});

describe('a dataset', () => {
  const OTHER_RUN = '019a0000-0000-7000-8000-000000000002';
  const before = stage(2, true);

  it('is unchanged under another run, at another time, by another version', () => {
    const again = stage(2, true, OTHER_RUN);
    const later = { ...again.manifest, landed_at: '2027-01-01T00:00:00.000Z', tool_version: '9.9.9' };
    expect(isUnchanged(replace({ ...again, manifest: later }, before))).toBe(true);
  });

  it.each<[string, (staged: StagedDataset) => StagedDataset]>([
    ['bytes', (staged) => ({ ...staged, files: [fileOf('part-0'), fileOf('part-1', 'other')] })],
    ['number of parts', (staged) => ({ ...staged, files: staged.files.slice(1) })],
    ['quarantine', (staged) => ({ ...staged, quarantine: fileOf('quarantine', 'other') })],
    ['missing quarantine', (staged) => ({ ...staged, quarantine: null })],
    ['policy', (staged) => ({ ...staged, manifest: { ...staged.manifest, policy_sha256: 'b' } })],
    ['contract', (staged) => ({ ...staged, manifest: { ...staged.manifest, contract_sha256: 'b' } })],
    ['key', (staged) => ({ ...staged, manifest: { ...staged.manifest, key_check: 'b' } })],
  ])('is changed by other %s', (_, change) => {
    expect(isUnchanged(replace(change(before), before))).toBe(false);
  });

  it('is changed where nothing was', () => {
    expect(isUnchanged(replace(before, null))).toBe(false);
  });
});
