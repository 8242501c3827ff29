import { failure } from '../base/errors.js';
import type { PageRequest } from '../base/pagination/pagination.js';
import { PagePull, type PullInput, type PullReceipt } from './page-pull.js';
import { runBounded } from './run-bounded.js';

export interface EachInput extends Omit<PullInput, 'parent'> {
  /** The fields of each parent that the requests or the contract use; each is asked for once. */
  readonly parents: readonly unknown[];
}

/**
 * Pulls a dataset by one chain of requests for each parent, at most `source.concurrency` requests at once. Pages are
 * numbered in the order of the parents, and `each` is called in that order, so the result does not depend on which
 * answer comes first. Throws what `pullPages` throws; no error names a value of a parent.
 */
export async function pullEach(input: EachInput): Promise<PullReceipt> {
  const chains = new Chains(input);
  await runBounded({
    next: () => chains.next(),
    run: (item, signal) => chains.run(item, signal),
    concurrency: input.source.concurrency,
    signal: input.effects.signal,
  });
  return chains.receipt();
}

/** The chain of one parent. */
interface Chain {
  readonly pull: PagePull;
  /** Resolves when all parents before this one are done. */
  readonly turn: Promise<void>;
  readonly start: (firstPage: number) => void;
  /** Pages of the parents before this one; known from its turn on. */
  firstPage: number;
  running: number;
}

interface Item {
  /** Counts requests, as `runBounded` has it. */
  readonly index: number;
  readonly chain: Chain;
  readonly request: PageRequest;
}

/**
 * The parents that are being asked for, in order. The first one proceeds; of each other one, the first page is fetched
 * and waits, so that one slot is always left for the first.
 */
class Chains {
  readonly #input: EachInput;
  readonly #parents: Iterator<unknown>;
  readonly #open: Chain[] = [];
  readonly #receipts: PullReceipt[] = [];
  #requests = 0;
  #pages = 0;
  #records = 0;

  constructor(input: EachInput) {
    const { parents, limitPages } = input;
    this.#input = input;
    this.#parents = parents.slice(0, limitPages ?? parents.length).values();
  }

  next(): Item | null {
    for (;;) {
      const [first] = this.#open;
      const request = first?.pull.next() ?? null;
      if (first !== undefined && request !== null) return this.#ask(first, request);
      if (first === undefined || first.running > 0) return this.#openNext();
      // Nothing more to ask for, and nothing awaited: the next parent has its turn.
      const receipt = first.pull.finish();
      this.#receipts.push(receipt);
      this.#pages += receipt.pages;
      this.#open.shift();
      this.#open[0]?.start(this.#pages);
    }
  }

  async run({ chain, request }: Item, signal: AbortSignal): Promise<void> {
    try {
      const page = await chain.pull.fetch(request, signal);
      await waitFor(chain.turn, signal);
      this.#records += page.records.length;
      const { maxRecords } = this.#input.source;
      if (this.#records > maxRecords) throw failure('E_SOURCE_CAP', { cap: maxRecords, unit: 'records' });
      await this.#input.each({ ...page, index: chain.firstPage + request.index }, signal);
    } finally {
      chain.running--;
    }
  }

  receipt(): PullReceipt {
    const sum = (count: (receipt: PullReceipt) => number): number =>
      this.#receipts.reduce((total, receipt) => total + count(receipt), 0);
    const isDeclared = this.#receipts.every(({ declaredTotal }) => declaredTotal !== null);
    return {
      pages: sum(({ pages }) => pages),
      records: sum(({ records }) => records),
      declaredTotal: isDeclared ? sum(({ declaredTotal }) => declaredTotal ?? 0) : null,
      retries: sum(({ retries }) => retries),
      busyMs: sum(({ busyMs }) => busyMs),
      bytes: sum(({ bytes }) => bytes),
    };
  }

  /** The first request of the next parent; null if none is left, or if only the slot for the first parent is. */
  #openNext(): Item | null {
    if (this.#open.length >= this.#input.source.concurrency) return null;
    const parent = this.#parents.next();
    if (parent.done === true) return null;
    const { datasets, limitPages } = this.#input;
    const as = datasets[0].forEach?.as ?? '';
    const moment = { parent: { as, record: parent.value }, limitPages: limitPages === null ? null : 1 };
    const chain = openChain(new PagePull({ ...this.#input, ...moment }));
    if (this.#open.push(chain) === 1) chain.start(this.#pages);
    const request = chain.pull.next();
    return request === null ? null : this.#ask(chain, request);
  }

  #ask(chain: Chain, request: PageRequest): Item {
    if (this.#requests >= this.#input.source.maxPages) {
      throw failure('E_SOURCE_CAP', { cap: this.#input.source.maxPages, unit: 'pages' });
    }
    chain.running++;
    return { index: this.#requests++, chain, request };
  }
}

function openChain(pull: PagePull): Chain {
  let begin = (): void => undefined;
  const turn = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const chain: Chain = {
    pull,
    turn,
    start: (firstPage) => {
      chain.firstPage = firstPage;
      begin();
    },
    firstPage: 0,
    running: 0,
  };
  return chain;
}

/** Rejects when another page has failed, since a turn may then never come. */
async function waitFor(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw failure('E_INTERRUPTED', {});
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      reject(failure('E_INTERRUPTED', {}));
    };
    signal.addEventListener('abort', stop, { once: true });
    void turn.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
