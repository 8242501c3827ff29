import { type ErrorCode, LakeveilError, type Where } from '../../base/errors.js';
import type { LogFields } from '../../base/effects.js';
import type { Config } from '../../base/config/config.js';
import type { SourceDefinition } from '../../base/types/definition.js';
import type { PullState } from '../../base/types/resume.js';
import type { StageMetrics } from '../../base/types/run-record.js';
import type { Usage } from '../../ledger/ledger.js';
import type { SharedPull } from '../../source/shared-pull.js';
import type { DatasetsOfPages } from '../../source/request-text.js';
import type { SharedIngest } from '../shared-ingest.js';

/** What a worker needs, with the key and the credentials: it is sent over IPC alone. */
export interface WorkerTask {
  readonly datasets: DatasetsOfPages;
  readonly source: SourceDefinition;
  readonly baseUrl: string;
  readonly isEmbedded: boolean;
  readonly key: { readonly id: string; readonly bytes: Uint8Array };
  readonly date: string;
  readonly slot: string | null;
  readonly timezone: string;
  readonly since: string | null;
  readonly seed: string;
  readonly compression: Config['compression'];
  /** A folder of its own in that of the run. */
  readonly stagingDir: string;
  /** Pages of the pull; those that are not its own are done. */
  readonly pages: number;
  readonly plan: Pick<PullState, 'pagination' | 'done'>;
}

export type ToWorker =
  | { readonly kind: 'start'; readonly task: unknown }
  | { readonly kind: 'go'; readonly id: number }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'pace'; readonly id: number }
  | { readonly kind: 'progress'; readonly records: number }
  | { readonly kind: 'log'; readonly event: string; readonly fields: LogFields }
  | { readonly kind: 'end'; readonly result: WorkerResult };

export interface WorkerResult {
  readonly pull: SharedPull | null;
  readonly ingests: readonly SharedIngest[];
  readonly stages: readonly StageMetrics[];
  readonly usage: Usage;
  readonly error: SentError | null;
}

/** An error of the catalogue; it holds no value of a record. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly where: Where;
  readonly facts: LakeveilError['facts'];
}

export function sendError({ code, message, remedy, where, facts }: LakeveilError): SentError {
  return { code, message, remedy, where, facts };
}

export function readError({ code, message, remedy, where, facts }: SentError): LakeveilError {
  return new LakeveilError(code, message, remedy, where, [], facts);
}

interface Opened {
  readonly opened: string;
}

/** A task as a message: texts that are not to be shown are objects, which a message does not carry. */
export function pack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if ('reveal' in value && typeof value.reveal === 'function') {
    return { opened: String(Reflect.apply(value.reveal, value, [])) } satisfies Opened;
  }
  return mapEach(value, pack);
}

export function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if ('opened' in value && typeof value.opened === 'string') return value.opened;
  return mapEach(value, unpack);
}

function mapEach(value: object, change: (inner: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (value instanceof Map) return new Map([...value].map(([name, inner]) => [name, change(inner)]));
  if (value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]));
}
