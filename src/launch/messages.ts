import type { LogFields } from '../base/effects.js';
import type { DatasetResult, RunRecord, RunStatus } from '../base/types/run-record.js';
import type { SentError } from '../ingest/crew/messages.js';
import type { IngestRequest } from '../ingest/plan-ingest.js';

/** As of a run; the date is today in the time zone of the pipeline if it is null. */
export type LaunchRequest = Omit<IngestRequest, 'date'> & { readonly date: string | null };

/** What a run's process does. Keys and variables are in its environment alone. */
export interface RunTask {
  readonly request: LaunchRequest;
  readonly projectDir: string;
  /** How far the caller's clock is ahead of that of the machine; 0 but in tests and simulations. */
  readonly clockAheadMs: number;
}

export type ToRun =
  | { readonly kind: 'start'; readonly task: RunTask }
  | { readonly kind: 'stop'; readonly why: 'E_INTERRUPTED' | 'E_TERMINATED' };

export type FromRun =
  /** The ledger entry so far: the first is sent when the run is in the ledger. */
  | { readonly kind: 'record'; readonly record: RunRecord }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      /** What the result of the run says as well. */
      readonly isReported: boolean;
      readonly event: string;
      readonly fields: LogFields;
    }
  | { readonly kind: 'fetch'; readonly label: string; readonly total: number | null }
  | { readonly kind: 'fetched'; readonly records: number }
  | { readonly kind: 'fetch_end' }
  | { readonly kind: 'end'; readonly end: SentEnd };

export interface SentEnd {
  readonly status: RunStatus;
  readonly datasets: readonly DatasetResult[];
  readonly error: SentError | null;
}
