import { CATALOGUE } from './catalogue.js';

/**
 * Errors of the catalogue are the only ones that leave a stage. They carry a code, a place and facts, never a cause or any
 * other property, so that they are safe to print.
 */
export type ErrorCode = keyof typeof CATALOGUE;

/** The names in braces in a text, as a union: `'{a} of {b}'` gives `'a' | 'b'`. */
type Braced<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${number},${string}` ? never : Name) | Braced<Rest>
  : never;

/** Exactly the facts that a code needs. */
type Facts<C extends ErrorCode> = Readonly<
  Record<Braced<(typeof CATALOGUE)[C][1]> | Braced<(typeof CATALOGUE)[C][2]>, string | number>
>;

type AnyFacts = Readonly<Record<string, string | number>>;

/** Where the error happened: names from the definition, and numbers. */
export interface Where {
  readonly pipeline?: string;
  /** One of several dates: `2026-11-20`, or `2026-11-20T13` for an hour. */
  readonly date?: string;
  readonly dataset?: string;
  readonly stage?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly field?: string;
  readonly model?: string;
  readonly origin?: string;
  /** The definition's path template, never the URL that was requested. */
  readonly path?: string;
  readonly page?: number;
  readonly position?: number;
  readonly tries?: number;
  /** Pages that the next try within an hour need not fetch again. */
  readonly kept_pages?: number;
}

export class LakeveilError extends Error {
  override readonly name = 'LakeveilError';
  readonly code: ErrorCode;
  readonly where: Where;
  readonly remedy: string;
  readonly exit: number;
  /** All problems of a definition, in file order; this error is the first of them. Empty for other errors. */
  readonly problems: readonly LakeveilError[];
  /** What fills the texts of the catalogue. */
  readonly facts: AnyFacts;

  constructor(
    code: ErrorCode,
    message: string,
    remedy: string,
    where: Where,
    problems: readonly LakeveilError[] = [],
    facts: AnyFacts = {},
  ) {
    super(message);
    this.code = code;
    this.where = where;
    this.remedy = remedy;
    this.exit = CATALOGUE[code][0];
    this.problems = problems;
    this.facts = facts;
  }

  /** The same error with more detail on where it happened; known details are kept. */
  at(where: Where): LakeveilError {
    const place = { ...where, ...this.where };
    const moved = new LakeveilError(this.code, this.message, this.remedy, place, this.problems, this.facts);
    if (this.stack !== undefined) moved.stack = this.stack;
    return moved;
  }

  /** What is on disk after the failure. */
  get onDisk(): string {
    return describeDisk(this);
  }
}

/**
 * What is on disk after a failure, for terminals, views and published files: true whatever the run had done before. A run
 * that fails in `transform` or `report` has landed its data; a report changes nothing.
 */
export function describeDisk({ code, where }: Pick<LakeveilError, 'code' | 'where'>): string {
  if (where.stage === 'transform') return 'Landed data was kept. The warehouse is unchanged.';
  if (where.stage === 'report') return 'Landed data and tables were kept.';
  if (where.stage === 'load') return 'The target keeps all that was loaded before. The lake is unchanged.';
  if (where.stage === 'commit') return 'The new state is committed. The next command completes it.';
  if (where.stage === 'forget')
    return 'The people are erased from the lake. Tables, exports and targets may still show them.';
  if (where.kept_pages !== undefined) {
    return 'The lake is unchanged. For an hour, the same command continues with the pages that came.';
  }
  // One of several dates: others may have landed before.
  if (where.date !== undefined)
    return 'This date is unchanged in the lake. Data that landed before was kept.';
  return CATALOGUE[code][0] === 2 ? 'Nothing was started.' : 'The lake is unchanged.';
}

/** Runs a part of a run, and adds to its errors which one it is. */
export async function atStage<T>(stage: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ stage }) : error;
  }
}

/** Creates an error of the catalogue for the caller to throw. */
export function failure<C extends ErrorCode>(code: C, facts: Facts<C>, where: Where = {}): LakeveilError {
  const [, message, remedy] = CATALOGUE[code];
  return new LakeveilError(code, fill(message, facts), fill(remedy, facts), where, [], facts);
}

/** One error for several problems, which are in file order: the first of them, with the list of all. */
export function joinProblems(problems: readonly [LakeveilError, ...LakeveilError[]]): LakeveilError {
  const [{ code, message, remedy, where, facts }] = problems;
  return new LakeveilError(code, message, remedy, where, problems, facts);
}

/**
 * Works on each item, also after one fails, and returns the results in order.
 * @throws one error with the problems of all items that failed
 */
export async function tryEach<T, R>(
  items: Iterable<T>,
  work: (item: T) => R | Promise<R>,
): Promise<Awaited<R>[]> {
  const results: Awaited<R>[] = [];
  const problems: LakeveilError[] = [];
  for (const item of items) {
    try {
      results.push(await work(item));
    } catch (error) {
      problems.push(...problemsOf(error));
    }
  }
  const [first, ...others] = problems;
  if (first !== undefined) throw others.length === 0 ? first : joinProblems([first, ...others]);
  return results;
}

/** The problems of an error of the catalogue. @throws any other error */
function problemsOf(error: unknown): readonly LakeveilError[] {
  if (!(error instanceof LakeveilError)) throw error;
  return error.problems.length === 0 ? [error] : error.problems;
}

/** Facts that the ledger keeps: names of the definition, kinds and counts, but no path and nothing that a source sent. */
const KEPT_FACTS: ReadonlySet<string> = new Set(
  (
    'accounted allowed asked before cap check column columns command count date dataset expected failed fetched first fix flag got ' +
    'holder key_id kind landed limit limit_bytes model more partition pipeline problem reason reasons rejected ' +
    'run second seconds setting status table target timeout_ms total treatment unit what why work'
  ).split(' '),
);

/** The facts of an error that a ledger entry keeps. */
export function keepFacts(facts: AnyFacts): AnyFacts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => KEPT_FACTS.has(name)));
}

/** The texts of an error from its code and the facts that were kept; `…` stands for one that was not. */
export function describeKept(code: ErrorCode, facts: AnyFacts): Pick<LakeveilError, 'message' | 'remedy'> {
  const [, message, remedy] = CATALOGUE[code];
  return { message: fill(message, facts, '…'), remedy: fill(remedy, facts, '…') };
}

function fill(text: string, facts: AnyFacts, absent = ''): string {
  return text.replace(/\{([a-z_]+)\}/g, (_, name: string) => String(facts[name] ?? absent));
}

/**
 * The code of an operating system error (`ENOSPC`, `EACCES`, …), or `unknown`. The message contains paths, so only the
 * code is shown.
 */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Node reports `ERR_FS_EISDIR` where the system reports `EISDIR`.
  return (typeof code === 'string' && /^(?:ERR_FS_)?(E[A-Z0-9_]{2,40})$/.exec(code)?.[1]) || 'unknown';
}
