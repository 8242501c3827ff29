import { type ErrorCode, LakeveilError } from '../base/errors.js';
import type { PullState } from '../base/types/resume.js';
import type { PageRequest } from '../base/pagination/pagination.js';
import { PagePull, type PullInput, type PullReceipt } from './page-pull.js';
import { joinPulls, type SharedPull } from './shared-pull.js';
import { type BoundedWork, runBounded } from './run-bounded.js';

/** How a pull that failed goes on in a later one. */
export interface Resuming {
  /** Of the pull that failed; null for none. */
  readonly state: PullState | null;
  /** A keyed digest of records, to see that the source still answers the same. */
  readonly digest: (records: readonly unknown[]) => string;
  /** Called when the source has failed and all pages that came are taken; whether the state is kept for the next try. */
  readonly onFailure: (state: PullState) => Promise<boolean>;
}

/** The source no longer answers what it did when the state was saved: the pull must start over. */
export class StaleState extends Error {
  override readonly name = 'StaleState';
}

/** How pages of a pull are taken by other processes. */
export interface Sharing {
  readonly digest: (records: readonly unknown[]) => string;
  /** Has the pages taken that are left, and gives what came; null to take them here. */
  readonly run: (pull: PagePull, pages: number) => Promise<SharedPages | null>;
}

export interface SharedPages {
  readonly pulls: readonly SharedPull[];
  /** The first failure; null if there was none. */
  readonly error: LakeveilError | null;
}

/** Failures of a source that another try may not meet. Others say that the pages are wrong: they are fetched again. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'E_SOURCE_CONNECT',
  'E_SOURCE_STATUS',
  'E_SOURCE_TIMEOUT',
  'E_SOURCE_BODY',
  'E_SOURCE_TOKEN',
  'E_SOURCE_RETRY_AFTER',
]);

/**
 * Pulls a dataset page by page and hands each page to `each`, never more than `source.concurrency` pages at once,
 * fetch and `each` together. Returns only if everything came that was asked for or declared. Throws the first
 * failure once all others have settled: exit 3 with dataset, origin, path template, page and tries; E_INTERRUPTED
 * when `effects.signal` is aborted; E_PLAIN_HTTP or E_DEFINITION before any request; `StaleState`; whatever `each`
 * throws as it is.
 */
export async function pullPages(
  input: PullInput,
  resuming: Resuming | null = null,
  sharing: Sharing | null = null,
): Promise<PullReceipt> {
  const pull = new PagePull(input);
  let isResumed = false;
  let joined: PullState | null = null;
  try {
    if (resuming?.state && !(await pull.resume(resuming.state, resuming.digest, input.effects.signal))) {
      throw new StaleState();
    }
    isResumed = true;
    const take = (next: BoundedWork<PageRequest>['next']) => takePages(pull, input, next);
    if (sharing !== null) {
      await take(() => (pull.planned === null ? pull.next() : null));
      const shared = pull.planned === null ? null : await sharing.run(pull, pull.planned);
      const own = pull.share(sharing.digest);
      if (shared !== null && own !== null) {
        joined = joinPulls([own, ...shared.pulls], input.source.maxRecords);
        if (shared.error !== null) throw shared.error;
        // The last page is fetched again: it tells whether the end is a true one.
        const isSame = joined !== null && (await pull.resume(joined, sharing.digest, input.effects.signal));
        if (!isSame) throw new StaleState();
        joined = null;
      }
    }
    await take(() => pull.next());
    return pull.finish();
  } catch (error) {
    if (resuming !== null && error instanceof LakeveilError && PASSING.has(error.code)) {
      const state = isResumed ? (joined ?? pull.save(resuming.digest)) : resuming.state;
      const isKept = state !== null && (await resuming.onFailure(state));
      if (isKept) throw error.at({ kept_pages: state.done.length });
    }
    throw error;
  }
}

/** Takes the pages that `next` gives, some at once. */
async function takePages(
  pull: PagePull,
  { each, source, effects }: PullInput,
  next: BoundedWork<PageRequest>['next'],
): Promise<void> {
  await runBounded({
    next,
    run: async (request, signal) => {
      await each(await pull.fetch(request, signal), signal);
      pull.complete(request.index);
    },
    concurrency: source.concurrency,
    signal: effects.signal,
  });
}
