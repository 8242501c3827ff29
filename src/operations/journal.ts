import { LakeveilError } from '../errors.js';
import { finishRun, openRun } from '../ledger/ledger.js';
import type { RunEnd, RunStart } from '../ledger/ledger.js';
import { closeReceipt, openReceipt } from '../ledger/receipts.js';
import type { OpenReceipt } from '../ledger/receipts.js';
import type { Staging } from '../lake/staging.js';
import type { Found } from '../lake/store.js';
import { createRunId } from '../ledger/run-id.js';
import { findDefinition } from '../project.js';
import type { Project } from '../project.js';
import type { CheckResult, DatasetResult, ModelResult } from '../result.js';
import { ALL_PIPELINES } from '../run-record.js';
import type { PrunedZone, RunRecord, StageReceipt } from '../run-record.js';

/** What a run says of itself while it works; the ledger gets it when the run ends, however it ends. */
export class Journal {
  readonly runId: string;
  /** The run's own folder; held from before its entry is in the ledger until the entry has an end. */
  readonly staging: Staging;
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

  constructor(opened: RunRecord, staging: Staging) {
    this.#opened = opened;
    this.staging = staging;
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
}

/**
 * Runs `work` with an entry in the ledger around it: opened before, finished after, with the error's code and place
 * where there is one. The run's lock is held around both, so that whoever can take it knows that a run is dead whose
 * entry has no end.
 */
export async function journaled<T>(
  project: Project,
  start: Omit<RunStart, 'tool_version'>,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const { config, effects, lake, toolVersion } = project;
  const begun = effects.now();
  const staging = await lake.stage(createRunId(begun));
  const entry = { isOpen: false };
  try {
    const told = { ...start, tool_version: toolVersion };
    const opened = await openRun(config.lakeDir, begun, told, staging.name);
    entry.isOpen = true;
    const journal = new Journal(opened, staging);
    project.onRun?.(journal.runId, () => journal.look());
    const finish = async (end: RunEnd): Promise<void> => {
      await finishRun(config.lakeDir, effects.now(), opened, end);
      entry.isOpen = false;
    };
    return await finishing(journal, finish, effects.signal, () => work(journal));
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ pipeline: start.pipeline }) : error;
  } finally {
    await (entry.isOpen ? staging.abandon() : staging.close());
  }
}

/** Finishes the entry however `work` ends; that it cannot is told only where nothing else went wrong. */
async function finishing<T>(
  journal: Journal,
  finish: (end: RunEnd) => Promise<void>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    const isUnchanged = journal.datasets.length > 0 && journal.datasets.every(({ unchanged }) => unchanged);
    await finish(journal.end(isUnchanged ? 'unchanged' : 'succeeded', null));
    return result;
  } catch (error) {
    const told = error instanceof LakeveilError ? { code: error.code, where: error.where } : DEFECT;
    const end = journal.end(signal.aborted ? 'interrupted' : 'failed', told);
    await finish(end).catch(() => undefined);
    throw error;
  }
}

const DEFECT = { code: 'E_DEFECT', where: {} } as const;

/** Under which name the ledger has work on a pipeline, or on all of them. @throws E_UNKNOWN */
export function nameInLedger(project: Project, pipeline: string | null): string {
  return pipeline === null ? ALL_PIPELINES : findDefinition(project, pipeline).pipeline;
}
