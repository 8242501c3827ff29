import type { ManifestFile } from './manifest.js';

/**
 * The table of a model as it was built from the dates whose raw files are pruned. A rebuild starts from it and goes on
 * with the dates that are still landed.
 */
export interface Checkpoint {
  readonly format: 1;
  /** Qualified name, such as `silver.users`. */
  readonly model: string;
  readonly pipeline: string;
  /** The one dataset that the model's rows are made of. */
  readonly dataset: string;
  /** `YYYY-MM-DD`, the first date that is not in it. Raw rows before it are not read for the model any more. */
  readonly before: string;
  /** The last landed date that is in it. */
  readonly last_date: string;
  /** Of the SQL of the model, and of the models between it and its dataset. */
  readonly sql_sha256: string;
  readonly columns: readonly CheckpointColumn[];
  readonly file: ManifestFile;
  /** Keys of the partitions that went into it, so that another key under the same id is still refused. */
  readonly keys: readonly KeyMark[];
  readonly run_id: string;
  /** ISO 8601, UTC. */
  readonly made_at: string;
  readonly tool_version: string;
  readonly duckdb_version: string;
}

export interface CheckpointColumn {
  readonly name: string;
  readonly type: string;
}

export interface KeyMark {
  readonly key_id: string;
  readonly key_check: string;
}

/** Up to where a dataset is pruned: dates before it are gone on purpose, not missing. */
export interface Horizon {
  readonly format: 1;
  readonly dataset: string;
  /** `YYYY-MM-DD`, the first date whose raw files were kept; null where none were pruned. */
  readonly before: string | null;
  /** The same for quarantine files that went without their raw files. */
  readonly quarantine_before: string | null;
  readonly run_id: string;
  /** ISO 8601, UTC. */
  readonly pruned_at: string;
}
