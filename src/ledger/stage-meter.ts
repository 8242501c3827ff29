import type { StageMetrics } from '../base/types/run-record.js';

/** Rows of one call of a stage: what goes in, and what comes out of its result. */
export interface RowCounts<Output> {
  readonly in: number;
  readonly out: (output: Output) => number;
}

/** When a stage of a dataset had work, in milliseconds of the monotonic clock. */
export interface StageSpan extends Pick<StageMetrics, 'stage' | 'dataset'> {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A monotonic clock in milliseconds. */
type Clock = () => number;

const CLOCK: Clock = () => performance.now();

/** Counts the rows and the time of one stage of one dataset. Calls side by side add up. */
export class StageMeter {
  readonly #stage: StageMetrics['stage'];
  readonly #dataset: string | null;
  readonly #nowMs: Clock;
  /** Start of each call that has not ended. */
  readonly #openCalls = new Set<{ readonly sinceMs: number }>();
  #rowsIn = 0;
  #rowsOut = 0;
  #busyMs = 0;
  #firstMs: number;
  #lastMs: number;

  constructor(stage: StageMetrics['stage'], dataset: string | null, nowMs: Clock = CLOCK) {
    this.#stage = stage;
    this.#dataset = dataset;
    this.#nowMs = nowMs;
    this.#firstMs = this.#lastMs = nowMs();
  }

  /** Runs one call. A call that fails counts its time and the rows that went in. */
  async run<Output>(rows: RowCounts<Output>, work: () => Promise<Output>): Promise<Output> {
    const end = this.#begin(rows.in);
    try {
      const output = await work();
      this.#rowsOut += rows.out(output);
      return output;
    } finally {
      end();
    }
  }

  /** Runs one call of a stage that waits for nothing. */
  runSync<Output>(rows: RowCounts<Output>, work: () => Output): Output {
    const end = this.#begin(rows.in);
    try {
      const output = work();
      this.#rowsOut += rows.out(output);
      return output;
    } finally {
      end();
    }
  }

  /** Adds rows that a stage passes on one piece at a time. */
  addRows(rows: number): void {
    this.#rowsIn += rows;
    this.#rowsOut += rows;
  }

  /** Adds time that the stage measured itself, in milliseconds. */
  addTime(ms: number): void {
    this.#busyMs += ms;
    this.#lastMs = this.#nowMs();
  }

  /** Adds what another process has measured. */
  add({ rows_in, rows_out, busy_ms }: Omit<StageMetrics, 'stage' | 'dataset'>): void {
    this.#rowsIn += rows_in;
    this.#rowsOut += rows_out;
    this.#busyMs += busy_ms;
    this.#lastMs = this.#nowMs();
    this.#firstMs = Math.min(this.#firstMs, this.#lastMs - busy_ms);
  }

  /** From its first call to the end of its last one; of an open call, up to now. */
  readSpan(): StageSpan {
    const untilMs = this.#openCalls.size > 0 ? this.#nowMs() : this.#lastMs;
    return { stage: this.#stage, dataset: this.#dataset, sinceMs: this.#firstMs, untilMs };
  }

  /** The metrics so far, in whole milliseconds; open calls count up to now. */
  read(): StageMetrics {
    const nowMs = this.#nowMs();
    const openMs = [...this.#openCalls].reduce((sum, { sinceMs }) => sum + nowMs - sinceMs, 0);
    return {
      stage: this.#stage,
      dataset: this.#dataset,
      rows_in: this.#rowsIn,
      rows_out: this.#rowsOut,
      busy_ms: Math.max(0, Math.round(this.#busyMs + openMs)),
    };
  }

  #begin(rowsIn: number): () => void {
    this.#rowsIn += rowsIn;
    const call = { sinceMs: this.#nowMs() };
    this.#openCalls.add(call);
    return () => {
      this.#openCalls.delete(call);
      this.#lastMs = this.#nowMs();
      this.#busyMs += this.#lastMs - call.sinceMs;
    };
  }
}

/** The meters of the stages of a run. */
export class Meters {
  readonly #meters = new Map<string, StageMeter>();

  /** The meter of a stage, for stages that do not wait or that pass rows on one piece at a time. */
  readonly meter = (stage: StageMetrics['stage'], dataset: string | null): StageMeter => {
    const name = `${stage} ${dataset ?? ''}`;
    const meter = this.#meters.get(name) ?? new StageMeter(stage, dataset);
    this.#meters.set(name, meter);
    return meter;
  };

  /** Runs one call of a stage, and adds its rows and time. */
  readonly stage = async <Output>(
    stage: StageMetrics['stage'],
    dataset: string | null,
    rows: RowCounts<Output>,
    work: () => Promise<Output>,
  ): Promise<Output> => this.meter(stage, dataset).run(rows, work);

  read(): StageMetrics[] {
    return [...this.#meters.values()].map((meter) => meter.read());
  }

  readSpans(): StageSpan[] {
    return [...this.#meters.values()].map((meter) => meter.readSpan());
  }
}
