import { z } from 'zod';
import { failure } from '../errors.js';
import { readBodyPath, writePath } from '../json-values.js';
import { NextField } from './end-of-pull.js';
import type { PageAnswer } from './pagination.js';

/** Settings that several types of pagination share, as a definition writes them and as they are read. */

/** Dotted path into a body; a step in double quotes may hold dots and blanks, with `\"` and `\\` in it. */
const STEP = String.raw`(?:"(?:[^"\\]|\\.)+"|[^.\s"]+)`;
const BODY_PATH = new RegExp(String.raw`^${STEP}(?:\.${STEP})*$`, 'u');
const STEPS = z.array(z.string().min(1)).min(1).transform(writePath);

export const parameter = z.string().min(1, 'must be the name of a parameter');

export const bodyPath = bodyPathOr(BODY_PATH, 'must be a dotted path into the body, such as meta.total');

/** The same, or "" for the body itself. */
export const recordsPath = bodyPathOr(
  new RegExp(String.raw`^$|${BODY_PATH.source}`, 'u'),
  'must be a dotted path to the array of records, or "" for the body',
);

function bodyPathOr(form: RegExp, must: string) {
  return z.union([z.string().regex(form), STEPS], must);
}

export const pageSize = wholeNumber(1, 1_000_000);

export const paramsIn = z
  .enum(['query', 'body'])
  .default('query')
  .describe('Location of these parameters; in a body, a dotted name is a path.');

export function wholeNumber(least: number, most: number): z.ZodNumber {
  const must = `must be a whole number from ${least} to ${most}`;
  return z.int(must).min(least, must).max(most, must);
}

const header = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header');

export const totalFields = {
  total_path: bodyPath.optional().describe('Path of the number of records in the body.'),
  total_header: header.optional().describe('Response header with the number of records.'),
};

export const pagesFields = {
  pages_path: bodyPath.optional().describe('Path of the number of pages in the body.'),
  pages_header: header.optional().describe('Response header with the number of pages.'),
};

/** Where an answer declares a count. */
export interface CountPlace {
  readonly in: 'body' | 'header';
  /** A path, or a header's name in lower case. */
  readonly name: string;
}

/** Null where a definition names neither. */
export function completeCount(path: string | undefined, name: string | undefined): CountPlace | null {
  if (path !== undefined) return { in: 'body', name: path };
  return name === undefined ? null : { in: 'header', name: name.toLowerCase() };
}

export const flagFields = {
  more_path: bodyPath.optional().describe('Path of a flag in the body that is true while pages follow.'),
  last_path: bodyPath.optional().describe('Path of a flag in the body that is true on the last page.'),
};

/** Where an answer says whether it is the last; null for nowhere. */
export interface FlagPlaces {
  readonly morePath: string | null;
  readonly lastPath: string | null;
}

export function completeFlags(given: {
  readonly more_path?: string | undefined;
  readonly last_path?: string | undefined;
}): FlagPlaces {
  return { morePath: given.more_path ?? null, lastPath: given.last_path ?? null };
}

const END_STATUS = 'must be a status from 400 to 499 other than 401, 403, 408, 425 and 429';

/** Denied, or to be tried again: never the end. */
const NEVER_THE_END = [401, 403, 408, 425, 429];

export const endStatus = z
  .array(
    wholeNumber(400, 499).refine((status) => !NEVER_THE_END.includes(status), END_STATUS),
    'must be a list of statuses, such as [404]',
  )
  .default([])
  .describe('Statuses that mean that there are no more pages, after a first page with records.');

const WORDS = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['true', true],
  [false, false],
  [0, false],
  ['false', false],
  [null, false],
]);

/** Reads the flags that a definition names; a flag that no page has is an error at the end. */
export class Flags {
  readonly #places: FlagPlaces;
  readonly #fields: readonly NextField[];
  /** Whether pages follow the last page in order, of those that came. */
  #last: { readonly index: number; readonly more: boolean | null } = { index: 0, more: null };

  constructor(places: FlagPlaces, size: number | null) {
    this.#places = places;
    this.#fields = [places.morePath, places.lastPath].flatMap((path) =>
      path === null ? [] : [new NextField(path, size)],
    );
  }

  /** Whether pages follow; null if the definition names no flag. @throws E_SOURCE_SHAPE on a value that is none */
  take(answer: PageAnswer): boolean | null {
    for (const field of this.#fields) field.take(answer);
    const more = this.#read(answer);
    if (answer.index >= this.#last.index) this.#last = { index: answer.index, more };
    return more;
  }

  /** @throws E_SOURCE_SHAPE, E_SOURCE_MORE */
  finish(): void {
    for (const field of this.#fields) field.finish();
    const { morePath, lastPath } = this.#places;
    if (this.#last.more === true) throw failure('E_SOURCE_MORE', { sign: morePath ?? lastPath ?? '' });
  }

  /** Absent flags count as false. */
  #read({ body }: PageAnswer): boolean | null {
    const { morePath, lastPath } = this.#places;
    const more = morePath === null ? null : readFlag(body, morePath);
    const isLast = lastPath === null ? null : readFlag(body, lastPath);
    if (more === null) return isLast === null ? null : !isLast;
    return more && isLast !== true;
  }
}

function readFlag(body: unknown, path: string): boolean {
  const flag = WORDS.get(readBodyPath(body, path) ?? null);
  if (flag === undefined) throw failure('E_SOURCE_SHAPE', { expected: `true or false at \`${path}\`` });
  return flag;
}
