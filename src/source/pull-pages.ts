import { type ErrorCode, LakeveilError } from '../base/errors.js';
import type { PullState } from '../base/types/resume.js';
import { PagePull, type PullInput, type PullReceipt } from './page-pull.js';
import { runBounded } from './run-bounded.js';

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
export async function pullPages(input: PullInput, resuming: Resuming | null = null): Promise<PullReceipt> {
  const pull = new PagePull(input);
  let isResumed = false;
  try {
    if (resuming?.state && !(await pull.resume(resuming.state, resuming.digest, input.effects.signal))) {
      throw new StaleState();
    }
    isResumed = true;
    await runBounded({
      next: () => pull.next(),
      run: async (request, signal) => {
        await input.each(await pull.fetch(request, signal), signal);
        pull.complete(request.index);
      },
      concurrency: input.source.concurrency,
      signal: input.effects.signal,
    });
    return pull.finish();
  } catch (error) {
    if (resuming !== null && error instanceof LakeveilError && PASSING.has(error.code)) {
      const state = isResumed ? pull.save(resuming.digest) : resuming.state;
      const isKept = state !== null && (await resuming.onFailure(state));
      if (isKept) throw error.at({ kept_pages: state.done.length });
    }
    throw error;
  }
}
