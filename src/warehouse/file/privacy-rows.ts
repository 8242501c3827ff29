import { type ReleaseResult, worstOf } from '../../base/types/release-result.js';
import type { DatasetResult, RunRecord } from '../../base/types/run-record.js';

/** Columns of `ops.privacy`: one row for each dataset of a run that masked data, and for each release and date that it built. */
export const PRIVACY = {
  run_id: 'VARCHAR',
  pipeline: 'VARCHAR',
  dataset: 'VARCHAR',
  date: 'DATE',
  slot: 'VARCHAR',
  rows: 'BIGINT',
  singled_out: 'DOUBLE',
  custody_passed: 'BOOLEAN',
  shapes_passed: 'BOOLEAN',
  nulled: 'BIGINT',
  nulled_paths: 'VARCHAR',
  /** Null in the row of a dataset, as all columns after it. */
  release: 'VARCHAR',
  people: 'BIGINT',
  suppressed: 'BIGINT',
  /** Of the table that it is made of, and of the release. */
  k_before: 'BIGINT',
  k: 'BIGINT',
  /** The worst of its sensitive columns; null without one. */
  l: 'BIGINT',
  t: 'DOUBLE',
  /** What each quasi-identifier with a ladder is generalized to, such as `country=region age_group=20 years`. */
  levels: 'VARCHAR',
  changed_classes: 'BIGINT',
} as const;

export type PrivacyRow = Readonly<Record<keyof typeof PRIVACY, string | number | boolean | null>>;

interface Proof {
  readonly custody_passed: boolean | null;
  readonly shapes_passed: boolean | null;
}

/**
 * The privacy facts of a run in the ledger. Data lands only after it passes its shape and control total checks. A
 * dataset that a check stopped has a row too, with null for a check that was not reached.
 */
export function listPrivacy(run: RunRecord): PrivacyRow[] {
  const rows = [
    ...run.datasets.map((dataset) => describe(run, dataset, readProof(run, dataset))),
    ...run.releases.flatMap((release) => listReleased(run, release)),
  ];
  const stopped = readStopped(run);
  if (stopped === null || run.datasets.some(({ dataset }) => dataset === stopped.dataset)) return rows;
  const nothing = { dataset: stopped.dataset, landed: 0, singled_out: null, nulled: [], partitions: [] };
  return [...rows, describe(run, nothing, stopped.proof)];
}

type Counts = Pick<DatasetResult, 'dataset' | 'landed' | 'singled_out' | 'nulled' | 'partitions'>;

function describe(run: RunRecord, counts: Counts, proof: Proof): PrivacyRow {
  return {
    run_id: run.run_id,
    pipeline: run.pipeline,
    dataset: counts.dataset,
    date: run.date,
    slot: findSlot(run, counts),
    rows: counts.landed,
    singled_out: counts.singled_out,
    ...proof,
    nulled: counts.nulled.reduce((sum, { count }) => sum + count, 0),
    nulled_paths: counts.nulled.map(({ path }) => path).join(' '),
    ...NO_RELEASE,
  };
}

const NO_RELEASE = {
  release: null,
  people: null,
  suppressed: null,
  k_before: null,
  k: null,
  l: null,
  t: null,
  levels: null,
  changed_classes: null,
};

/** What was measured of a release on each date that was built. */
function listReleased({ run_id }: RunRecord, result: ReleaseResult): PrivacyRow[] {
  if (result.built === 'skipped') return [];
  const levels = result.levels.map(({ column, label }) => `${column}=${label}`).join(' ');
  return result.dates.map(({ date, people, suppressed, before, after, changed_classes }) => ({
    ...NO_DATASET,
    run_id,
    pipeline: result.pipeline,
    date,
    release: result.release,
    people,
    suppressed,
    k_before: before.k,
    k: after.k,
    l: worstOf(after.sensitive, ({ l }) => l, Math.min),
    t: worstOf(after.sensitive, ({ t }) => t, Math.max),
    levels,
    changed_classes,
  }));
}

const NO_DATASET = {
  dataset: null,
  slot: null,
  rows: null,
  singled_out: null,
  custody_passed: null,
  shapes_passed: null,
  nulled: null,
  nulled_paths: null,
};

/** An hourly run also lands daily datasets; the file names show which. */
function findSlot({ slot }: RunRecord, { partitions: [first] }: Counts): string | null {
  return first === undefined ? slot : (/\.T(\d{2})(?:\.\d{4})?\.parquet$/.exec(first.path)?.[1] ?? null);
}

/** A dataset whose records were all rejected is recorded but was never checked. */
function readProof({ status }: RunRecord, { partitions }: DatasetResult): Proof {
  const isProven = status === 'succeeded' || status === 'unchanged' || partitions.length > 0;
  return { custody_passed: isProven ? true : null, shapes_passed: isProven ? true : null };
}

function readStopped({ error }: RunRecord): { readonly dataset: string; readonly proof: Proof } | null {
  const dataset = error?.where.dataset;
  if (dataset === undefined) return null;
  if (error?.code === 'E_CUSTODY') return { dataset, proof: { custody_passed: false, shapes_passed: null } };
  if (error?.code !== 'E_SHAPE') return null;
  // Control totals are checked first when masked rows land; an adopted file has none yet.
  return {
    dataset,
    proof: { custody_passed: error.where.stage === 'land' ? true : null, shapes_passed: false },
  };
}
