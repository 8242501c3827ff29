import { z } from 'zod';
import { failure } from '../errors.js';
import { isNone, NextField, readNext } from './end-of-pull.js';
import { findLink } from './link-header.js';
import type { Declared, PageAnswer, PageRequest, Pagination, PaginationType } from './pagination.js';
import { RepeatGuard } from './repeat-guard.js';
import { bodyPath, completeFlags, flagFields, type FlagPlaces, Flags } from './settings.js';

const form = z.strictObject({
  type: z.literal('link'),
  next_path: bodyPath
    .optional()
    .describe('Path of the next page’s URL in the body; default: the Link header.'),
  link_header: z
    .string()
    .regex(/^[!-~]+$/, 'must be a relation of the Link header, such as next')
    .optional()
    .describe('Relation of the Link header that names the next page; default: next.'),
  ...flagFields,
});

/** The settings, complete. */
export interface LinkDefinition extends FlagPlaces {
  readonly type: 'link';
  /** Where the body holds the next address; null where the Link header does. */
  readonly nextPath: string | null;
  /** The relation of a Link header, in lower case. */
  readonly relation: string;
}

export const link: PaginationType<typeof form, LinkDefinition> = {
  form,
  complete: (given) => ({
    type: 'link',
    nextPath: given.next_path ?? null,
    relation: given.link_header?.toLowerCase() ?? 'next',
    ...completeFlags(given),
  }),
  open: (definition) => new LinkPagination(definition),
};

/** What servers and proxies commonly take in a request line. */
const MAX_ADDRESS_LENGTH = 8_000;

/**
 * Each response has the URL of the next page, in its Link header (RFC 8288) or in its body, relative to its own URL, so
 * pages are requested one after another. A URL is followed unchanged, and only within the origin. The pull ends when a
 * response has no URL, or when a flag says so; an empty page with a URL is not the end.
 */
export class LinkPagination implements Pagination {
  readonly #definition: LinkDefinition;
  readonly #guard = new RepeatGuard();
  readonly #field: NextField | null;
  readonly #flags: Flags;
  #next: PageRequest | null = { index: 0, params: new Map(), url: null };

  constructor(definition: LinkDefinition) {
    this.#definition = definition;
    this.#field = definition.nextPath === null ? null : new NextField(definition.nextPath, null);
    this.#flags = new Flags(definition, null);
  }

  next(): PageRequest | null {
    const request = this.#next;
    this.#next = null;
    return request;
  }

  take(answer: PageAnswer): void {
    this.#guard.checkPage(answer.records);
    this.#field?.take(answer);
    if (this.#flags.take(answer) === false) return;
    const address = this.#readAddress(answer);
    if (address === null) return;
    const url = resolveAddress(address, answer.url);
    this.#guard.checkCursor(url.href);
    this.#next = { index: answer.index + 1, params: new Map(), url };
  }

  declared(): Declared {
    return { records: null, pages: null };
  }

  finish(): void {
    this.#field?.finish();
    this.#flags.finish();
  }

  #readAddress(answer: PageAnswer): string | null {
    const { nextPath, relation } = this.#definition;
    if (nextPath === null) return findLink(answer.headers['link'] ?? '', relation);
    const found = readNext(answer, nextPath);
    if (isNone(found)) return null;
    if (typeof found === 'string') return found;
    throw failure('E_SOURCE_SHAPE', { expected: `an address at \`${nextPath}\`` });
  }
}

function resolveAddress(address: string, from: URL): URL {
  const url =
    address.length <= MAX_ADDRESS_LENGTH && URL.canParse(address, from.href) ? new URL(address, from) : null;
  if (url === null) throw failure('E_SOURCE_SHAPE', { expected: 'a usable address of the next page' });
  if (url.origin !== from.origin)
    throw failure('E_SOURCE_REDIRECT', { kind: 'a next link to another origin' });
  // Neither is ever sent, so they must not make the same address look new.
  url.hash = '';
  url.username = '';
  url.password = '';
  return url;
}
