import { z } from 'zod';

/** One request of a pull. `params` join the query, or the body, of the definition. */
export interface PageRequest {
  /** Counts the pages of a pull from 0, in source order. */
  readonly index: number;
  readonly params: ReadonlyMap<string, string | number>;
  /** The address itself, where the source gave it; it stands instead of the definition's path and query. */
  readonly url: URL | null;
}

/** What came back, parsed. */
export interface PageAnswer {
  readonly index: number;
  readonly records: readonly unknown[];
  /** The whole body, for totals and cursors. */
  readonly body: unknown;
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** Names in lower case; several of one name are joined by commas (RFC 9110, 5.3). */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What the source, or the definition, says that there is; null where nobody says. */
export interface Declared {
  readonly records: number | null;
  readonly pages: number | null;
}

/**
 * How a source splits its records into pages: what to ask next, how it ends, and whether that is a true end. One
 * instance lives as long as one pull. Plans lazily: nothing is held for pages that were not asked yet.
 */
export interface Pagination {
  /**
   * The next request that may go out now, in order of `index`. Null when none may: an answer must come first, or,
   * if none is awaited, the pull has ended.
   */
  next(): PageRequest | null;
  /**
   * Takes an answer in; answers may come in any order. Throws E_SHORT_PULL, E_SOURCE_SHAPE or E_SOURCE_ENDLESS if it
   * is not what was asked for.
   */
  take(answer: PageAnswer): void;
  declared(): Declared;
  /** Called once at the end, unless the caller stopped asking. Throws E_SHORT_PULL if less came than was declared. */
  finish(): void;
}

const count = z.int().nonnegative();

/** What a pull needs to go on where another one failed. */
export const paginationState = z.strictObject({
  records: count,
  firstLength: count,
  declaredRecords: count.nullable(),
  declaredPages: count.nullable(),
});
export type PaginationState = z.infer<typeof paginationState>;

/** A pagination whose pages are known by their numbers, so that a later pull can go on where this one failed. */
export interface ResumablePagination extends Pagination {
  save(): PaginationState;
  /** Goes on from a state: the pages that are done are not asked for again. */
  resume(state: PaginationState, done: ReadonlySet<number>): void;
  /** Digests of the pages that came, by which another pull of the same source knows a page again. */
  seen(): readonly string[];
  /** The request of a page that is done, and had so many records. */
  repeat(index: number, length: number): PageRequest;
}

export function isResumable(pagination: Pagination): pagination is ResumablePagination {
  return 'resume' in pagination;
}

/** One type of pagination. All have this shape, in a file each, and stand in the registry. */
export interface PaginationType<Form extends z.ZodObject, Definition> {
  /** What a definition writes under `pagination`. */
  readonly form: Form;
  /** The settings with nothing left out. */
  readonly complete: (form: z.output<Form>) => Definition;
  /** The pagination of one pull. @param runSeed for types that make records up */
  readonly open: (definition: Definition, runSeed: string) => Pagination;
}
