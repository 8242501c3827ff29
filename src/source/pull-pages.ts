import { PagePull, type PullInput, type PullReceipt } from './page-pull.js';
import { runBounded } from './run-bounded.js';

/**
 * Pulls a dataset page by page and hands each page to `each`, never more than `source.concurrency` pages at once,
 * fetch and `each` together. Returns only if everything came that was asked for or declared. Throws the first
 * failure once all others have settled: exit 3 with dataset, origin, path template, page and tries; E_INTERRUPTED
 * when `effects.signal` is aborted; E_PLAIN_HTTP or E_DEFINITION before any request; whatever `each` throws as it is.
 */
export async function pullPages(input: PullInput): Promise<PullReceipt> {
  const pull = new PagePull(input);
  await runBounded({
    next: () => pull.next(),
    run: async (request, signal) => {
      await input.each(await pull.fetch(request, signal), signal);
    },
    concurrency: input.source.concurrency,
    signal: input.effects.signal,
  });
  return pull.finish();
}
