/** The only impure inputs of the program, handed in so that a test can hand in its own. */

/** One HTTP exchange below redirects, decoding and limits: those are the source's business. */
export type Fetch = (url: URL, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it came over the wire, not yet decoded. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the connection up without reading the rest. */
  readonly discard: () => void;
}

/** Numbers and names that the definition or the catalogue holds; never a value of a record. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  /** What the command prints as well, in its result or its error: for the log file alone. */
  reported(level: 'warn' | 'error', event: string, fields?: LogFields): void;
  /** Puts the id of a run on each line from now on; null for none. A process works on one run at a time. */
  setRun(runId: string | null): void;
}

/** Work that a person may be waiting for. `total` is null where the source does not say. */
export interface Progress {
  start(label: string, total: number | null): void;
  advance(records: number): void;
  stop(): void;
}

export interface Effects {
  readonly now: () => Date;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly fetch: Fetch;
  readonly log: Log;
  readonly progress: Progress;
  /** Aborted on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}
