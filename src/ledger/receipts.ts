import type { StageReceipt } from '../run-record.js';

/** A receipt that is still being written. */
export interface OpenReceipt {
  readonly stage: StageReceipt['stage'];
  readonly dataset: string | null;
  rows_in: number;
  rows_out: number;
  /** Of calls that have ended. */
  busy_ms: number;
  /** Of each call under way, when it began. */
  readonly under_way: Set<{ readonly sinceMs: number }>;
}

/** What a stage's rows are, read off its input and its result. */
export interface RowCounts<Input, Output> {
  readonly in: (input: Input) => number;
  readonly out: (output: Output) => number;
}

/** A monotonic clock in milliseconds. */
type Clock = () => number;

const CLOCK: Clock = () => performance.now();

export function openReceipt(stage: StageReceipt['stage'], dataset: string | null): OpenReceipt {
  return { stage, dataset, rows_in: 0, rows_out: 0, busy_ms: 0, under_way: new Set() };
}

/** The receipt as the ledger keeps it, in whole milliseconds; what is under way counts up to now. */
export function closeReceipt(receipt: OpenReceipt, nowMs: Clock = CLOCK): StageReceipt {
  const { stage, dataset, rows_in, rows_out, busy_ms, under_way } = receipt;
  const atMs = nowMs();
  const running = [...under_way].reduce((sum, { sinceMs }) => sum + atMs - sinceMs, 0);
  return { stage, dataset, rows_in, rows_out, busy_ms: Math.max(0, Math.round(busy_ms + running)) };
}

/**
 * The stage, with what goes in and out and the time that it takes added to the receipt. Calls side by side add up.
 * A call that fails counts what went in, and its time.
 */
export function timed<Input, Output>(
  stage: (input: Input) => Promise<Output>,
  receipt: OpenReceipt,
  rows: RowCounts<Input, Output>,
  nowMs: Clock = CLOCK,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const end = begin(receipt, nowMs);
    receipt.rows_in += rows.in(input);
    try {
      const output = await stage(input);
      receipt.rows_out += rows.out(output);
      return output;
    } finally {
      end();
    }
  };
}

/** The same for a stage that does not wait for anything. */
export function timedSync<Input, Output>(
  stage: (input: Input) => Output,
  receipt: OpenReceipt,
  rows: RowCounts<Input, Output>,
  nowMs: Clock = CLOCK,
): (input: Input) => Output {
  return (input) => {
    const end = begin(receipt, nowMs);
    receipt.rows_in += rows.in(input);
    try {
      const output = stage(input);
      receipt.rows_out += rows.out(output);
      return output;
    } finally {
      end();
    }
  };
}

/** Where a stage hands on what it makes, piece by piece, and how it tells of the time that it takes. */
export interface Outlet<Piece, Rest extends unknown[]> {
  readonly each: (piece: Piece, ...rest: Rest) => Promise<void>;
  readonly onBusy: (ms: number) => void;
}

/**
 * An outlet, with the rows of each piece added to the receipt before it is handed on: however the stage ends, the
 * receipt has what came. What such a stage takes in is what it gives.
 */
export function counted<Piece, Rest extends unknown[]>(
  each: Outlet<Piece, Rest>['each'],
  receipt: OpenReceipt,
  rows: (piece: Piece) => number,
): Outlet<Piece, Rest> {
  return {
    each: (piece, ...rest) => {
      receipt.rows_in += rows(piece);
      receipt.rows_out += rows(piece);
      return each(piece, ...rest);
    },
    onBusy: (ms) => {
      receipt.busy_ms += ms;
    },
  };
}

function begin(receipt: OpenReceipt, nowMs: Clock): () => void {
  const call = { sinceMs: nowMs() };
  receipt.under_way.add(call);
  return () => {
    receipt.under_way.delete(call);
    receipt.busy_ms += nowMs() - call.sinceMs;
  };
}
