import type { ColumnType, PiiClass, TextPart, TreatmentParams } from './definition.js';
import type { Counts } from './record.js';

/** Beside every landed dataset and date (and slot): what landed, under which policy, with which bytes. */
export interface Manifest {
  readonly format: 1;
  readonly pipeline: string;
  readonly dataset: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly slot: string | null;
  readonly run_id: string;
  readonly files: readonly ManifestFile[];
  readonly counts: Counts;
  readonly columns: readonly ManifestColumn[];
  readonly policy_sha256: string;
  readonly contract_sha256: string;
  /** SHA-256 of the paths and JSON types that the records had. */
  readonly observed_sha256: string | null;
  readonly key_id: string | null;
  readonly key_check: string | null;
  /** ISO 8601, UTC. */
  readonly landed_at: string;
  /** Origin and path template only; `embedded` for the bundled server, `file` for files of the project. */
  readonly source: ManifestSource;
  /** Kept when a snapshot was taken on another day than its date. */
  readonly as_of: string | null;
  readonly adopted: boolean;
  readonly raw_zone: 'restricted' | 'open';
  readonly tool_version: string;
  readonly duckdb_version: string;
}

export interface ManifestSource {
  readonly kind: 'embedded' | 'http' | 'file' | 'adopted';
  readonly origin: string | null;
  readonly path: string | null;
  readonly allow_http: boolean;
}

export interface ManifestFile {
  /** Base name in the partition's folder. */
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ManifestColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly class: PiiClass;
  /** What of its leaf was treated; not there for all of it. */
  readonly part?: TextPart;
  readonly treatment: string;
  /** The treatment's parameters, and for a kept column the contract's bound. */
  readonly params: TreatmentParams;
  readonly reviewed: string | null;
}
