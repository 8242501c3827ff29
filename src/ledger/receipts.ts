import type { StageReceipt } from '../run-record.js';

/** A receipt that is still being written. */
export interface OpenReceipt {
  readonly stage: StageReceipt['stage'];
  readonly dataset: string | null;
  rows_in: number;
  rows_out: number;
  busy_ms: number;
}

/** What a stage's rows are, read off its input and its result. */
export interface RowCounts<Input, Output> {
  readonly in: (input: Input) => number;
  readonly out: (output: Output) => number;
}

export function openReceipt(stage: StageReceipt['stage'], dataset: string | null): OpenReceipt {
  return { stage, dataset, rows_in: 0, rows_out: 0, busy_ms: 0 };
}

/** The receipt as the ledger keeps it, in whole milliseconds. */
export function closeReceipt(receipt: OpenReceipt): StageReceipt {
  return { ...receipt, busy_ms: Math.round(receipt.busy_ms) };
}

/**
 * The stage, with what goes in and out and the time that it takes added to the receipt. Calls side by side add up.
 * A call that fails counts what went in, and its time.
 * @param nowMs a monotonic clock in milliseconds
 */
export function timed<Input, Output>(
  stage: (input: Input) => Promise<Output>,
  receipt: OpenReceipt,
  rows: RowCounts<Input, Output>,
  nowMs: () => number = () => performance.now(),
): (input: Input) => Promise<Output> {
  return async (input) => {
    const startedAtMs = nowMs();
    receipt.rows_in += rows.in(input);
    try {
      const output = await stage(input);
      receipt.rows_out += rows.out(output);
      return output;
    } finally {
      receipt.busy_ms += nowMs() - startedAtMs;
    }
  };
}

/** The same for a stage that does not wait for anything. */
export function timedSync<Input, Output>(
  stage: (input: Input) => Output,
  receipt: OpenReceipt,
  rows: RowCounts<Input, Output>,
  nowMs: () => number = () => performance.now(),
): (input: Input) => Output {
  return (input) => {
    const startedAtMs = nowMs();
    receipt.rows_in += rows.in(input);
    try {
      const output = stage(input);
      receipt.rows_out += rows.out(output);
      return output;
    } finally {
      receipt.busy_ms += nowMs() - startedAtMs;
    }
  };
}
