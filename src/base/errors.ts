import { CATALOGUE } from './catalogue.js';

/**
 * Errors of the catalogue, the only ones that leave a stage: a code, a place and facts, never a cause or another
 * property, so that they can be printed anywhere.
 */
export type ErrorCode = keyof typeof CATALOGUE;

/** Names in braces of a text, as a union: `'{a} of {b}'` gives `'a' | 'b'`. */
type Braced<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${number},${string}` ? never : Name) | Braced<Rest>
  : never;

/** The facts that a code needs, no more and no less. */
type Facts<C extends ErrorCode> = Readonly<
  Record<Braced<(typeof CATALOGUE)[C][1]> | Braced<(typeof CATALOGUE)[C][2]>, string | number>
>;

/** Where it happened: names of the definition, and numbers. */
export interface Where {
  readonly pipeline?: string;
  /** One of several dates, as `2026-11-20`, or `2026-11-20T13` for an hour. */
  readonly date?: string;
  readonly dataset?: string;
  readonly stage?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly field?: string;
  readonly model?: string;
  readonly origin?: string;
  /** The definition's path template, never the URL sent. */
  readonly path?: string;
  readonly page?: number;
  readonly position?: number;
  readonly tries?: number;
}

export class LakeveilError extends Error {
  override readonly name = 'LakeveilError';
  readonly code: ErrorCode;
  readonly where: Where;
  readonly remedy: string;
  readonly exit: number;

  constructor(code: ErrorCode, message: string, remedy: string, where: Where) {
    super(message);
    this.code = code;
    this.where = where;
    this.remedy = remedy;
    this.exit = CATALOGUE[code][0];
  }

  /** The same error, told more exactly: what is known already stays. */
  at(where: Where): LakeveilError {
    const moved = new LakeveilError(this.code, this.message, this.remedy, { ...where, ...this.where });
    if (this.stack !== undefined) moved.stack = this.stack;
    return moved;
  }

  /** What the failure left on disk, in one sentence. */
  get onDisk(): string {
    if (this.where.stage === 'transform' || this.where.stage === 'report') {
      return 'What had landed stays landed; the warehouse is as it was.';
    }
    if (this.where.stage === 'commit') return 'The new state is committed; the next command finishes it.';
    if (this.exit === 2) return 'Nothing was started.';
    if (this.where.date !== undefined)
      return 'Of this date the lake is as it was; what had landed stays landed.';
    return 'The lake is as it was.';
  }
}

/** Makes an error of the catalogue; throw what it returns. */
export function failure<C extends ErrorCode>(code: C, facts: Facts<C>, where: Where = {}): LakeveilError {
  const [, message, remedy] = CATALOGUE[code];
  return new LakeveilError(code, fill(message, facts), fill(remedy, facts), where);
}

function fill(text: string, facts: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z_]+)\}/g, (_, name: string) => String(facts[name] ?? ''));
}

/**
 * `ENOSPC`, `EACCES`, …: the code of an error of the operating system, or `unknown`. Its message has paths, so nothing
 * else of it is shown.
 */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Node's own checks say `ERR_FS_EISDIR` for what the system calls `EISDIR`.
  return (typeof code === 'string' && /^(?:ERR_FS_)?(E[A-Z0-9_]{2,40})$/.exec(code)?.[1]) || 'unknown';
}
