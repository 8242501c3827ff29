import { LakeveilError } from '../errors.js';
import { finishRun, openRun } from '../ledger/ledger.js';
import type { RunEnd, RunStart } from '../ledger/ledger.js';
import { closeReceipt, openReceipt } from '../ledger/receipts.js';
import type { OpenReceipt } from '../ledger/receipts.js';
import type { Found } from '../lake/store.js';
import type { Project } from '../project.js';
import type { CheckResult, DatasetResult, ModelResult } from '../result.js';
import type { PrunedZone, RunRecord, StageReceipt } from '../run-record.js';

/** What a run says of itself while it works; the ledger gets it when the run ends, however it ends. */
export class Journal {
  readonly runId: string;
  datasets: readonly DatasetResult[] = [];
  models: readonly ModelResult[] = [];
  checks: readonly CheckResult[] = [];
  /** What a prune takes out; null for other verbs. */
  pruned: readonly PrunedZone[] | null = null;
  readonly #opened: RunRecord;
  readonly #receipts: OpenReceipt[] = [];
  readonly #healed: string[] = [];
  readonly #swept: string[] = [];
  #askedAt: number | null = null;

  constructor(opened: RunRecord) {
    this.#opened = opened;
    this.runId = opened.run_id;
  }

  /** Notes the counts of a dataset that does not land because of its records. */
  noteRefusal(
    dataset: string,
    checked: Pick<DatasetResult, 'fetched' | 'rejected' | 'rejects' | 'nulled' | 'drift'>,
    empty: number,
  ): void {
    const { fetched, rejected, rejects, nulled, drift } = checked;
    const nothing = {
      landed: 0,
      duplicates: 0,
      forgotten: 0,
      partition: null,
      partitions: [],
      singled_out: null,
    };
    const counts = { dataset, fetched, rejected, empty, rejects, nulled, drift, unchanged: false };
    this.datasets = [...this.datasets, { ...nothing, ...counts }];
  }

  /** Notes that the first request is about to go out. */
  noteAsking(): void {
    this.#askedAt ??= performance.now();
  }

  /** When that was, by the monotonic clock in milliseconds; null if nothing has been asked. */
  get askedAt(): number | null {
    return this.#askedAt;
  }

  /** A receipt that will be in the ledger's entry. */
  receipt(stage: StageReceipt['stage'], dataset: string | null): OpenReceipt {
    const receipt = openReceipt(stage, dataset);
    this.#receipts.push(receipt);
    return receipt;
  }

  noteFound({ healed, swept }: Found): void {
    this.#healed.push(...healed);
    this.#swept.push(...swept);
  }

  /** What dead runs had left and this one mended. */
  get found(): Found {
    return { healed: this.#healed, swept: this.#swept };
  }

  /** The entry as it will be if nothing goes wrong from here on. */
  preview(now: Date): RunRecord {
    return { ...this.#opened, ...this.end('succeeded', null), finished_at: now.toISOString() };
  }

  /** How far the run is. */
  look(): RunRecord {
    return { ...this.#opened, ...this.end('succeeded', null), status: 'running' };
  }

  end(status: RunEnd['status'], error: RunEnd['error']): RunEnd {
    return {
      status,
      stages: this.#receipts.map((receipt) => closeReceipt(receipt)),
      datasets: this.datasets,
      models: this.models,
      checks: this.checks,
      error,
      healed: this.#healed,
      ...(this.pruned === null ? {} : { pruned: this.pruned }),
    };
  }

  get opened(): RunRecord {
    return this.#opened;
  }
}

/**
 * Runs `work` with an entry in the ledger around it: opened before, finished after, with the error's code and place
 * where there is one.
 */
export async function journaled<T>(
  project: Project,
  start: Omit<RunStart, 'tool_version'>,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const { config, effects, toolVersion } = project;
  const opened = await openRun(config.lakeDir, effects.now(), { ...start, tool_version: toolVersion });
  const journal = new Journal(opened);
  project.onRun?.(journal.runId, () => journal.look());
  try {
    const result = await work(journal);
    const isUnchanged = journal.datasets.length > 0 && journal.datasets.every(({ unchanged }) => unchanged);
    const end = journal.end(isUnchanged ? 'unchanged' : 'succeeded', null);
    await finishRun(config.lakeDir, effects.now(), opened, end);
    return result;
  } catch (error) {
    const told = error instanceof LakeveilError ? { code: error.code, where: error.where } : DEFECT;
    const isStopped = effects.signal.aborted;
    const end = journal.end(isStopped ? 'interrupted' : 'failed', told);
    await finishRun(config.lakeDir, effects.now(), opened, end).catch(() => undefined); // the first error is told
    throw error instanceof LakeveilError ? error.at({ pipeline: start.pipeline }) : error;
  }
}

const DEFECT = { code: 'E_DEFECT', where: {} } as const;
