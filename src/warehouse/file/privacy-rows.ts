import type { DatasetResult, RunRecord } from '../../base/types/run-record.js';

/** Columns of `ops.privacy`: a row for each dataset of a run that masked anything of it. */
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
} as const;

export type PrivacyRow = Readonly<Record<keyof typeof PRIVACY, string | number | boolean | null>>;

interface Proof {
  readonly custody_passed: boolean | null;
  readonly shapes_passed: boolean | null;
}

/**
 * What the ledger holds of privacy in a run. Nothing lands without its proof, so that what landed has passed; what a
 * proof stopped stands there as well, and null for a proof that was not come to.
 */
export function listPrivacy(run: RunRecord): PrivacyRow[] {
  const told = run.datasets.map((dataset) => describe(run, dataset, judge(run, dataset)));
  const stopped = readStopped(run);
  if (stopped === null || run.datasets.some(({ dataset }) => dataset === stopped.dataset)) return told;
  const nothing = { dataset: stopped.dataset, landed: 0, singled_out: null, nulled: [], partitions: [] };
  return [...told, describe(run, nothing, stopped.proof)];
}

type Told = Pick<DatasetResult, 'dataset' | 'landed' | 'singled_out' | 'nulled' | 'partitions'>;

function describe(run: RunRecord, told: Told, proof: Proof): PrivacyRow {
  return {
    run_id: run.run_id,
    pipeline: run.pipeline,
    dataset: told.dataset,
    date: run.date,
    slot: findSlot(run, told),
    rows: told.landed,
    singled_out: told.singled_out,
    ...proof,
    nulled: told.nulled.reduce((sum, { count }) => sum + count, 0),
    nulled_paths: told.nulled.map(({ path }) => path).join(' '),
  };
}

/** A run of an hour lands datasets by the date beside those by the hour; their files say which. */
function findSlot({ slot }: RunRecord, { partitions: [first] }: Told): string | null {
  return first === undefined ? slot : (/\.T(\d{2})(?:\.\d{4})?\.parquet$/.exec(first.path)?.[1] ?? null);
}

/** A dataset whose records were refused as a whole is told of, but never came to its proof. */
function judge({ status }: RunRecord, { partitions }: DatasetResult): Proof {
  const isProven = status === 'succeeded' || status === 'unchanged' || partitions.length > 0;
  return { custody_passed: isProven ? true : null, shapes_passed: isProven ? true : null };
}

function readStopped({ error }: RunRecord): { readonly dataset: string; readonly proof: Proof } | null {
  const dataset = error?.where.dataset;
  if (dataset === undefined) return null;
  if (error?.code === 'E_CUSTODY') return { dataset, proof: { custody_passed: false, shapes_passed: null } };
  if (error?.code !== 'E_SHAPE') return null;
  // Custody is looked at first where masked rows land; a file that is adopted has none yet.
  return {
    dataset,
    proof: { custody_passed: error.where.stage === 'land' ? true : null, shapes_passed: false },
  };
}
