/** Pages that share a statement at most: planning it costs as much as masking 70 people. */
const PAGES_A_STATEMENT = 8;
/** Characters of their columns; a page that is longer has a statement of its own. */
const CHARACTERS_A_STATEMENT = 4_000_000;
/** Pages, and characters of them, that wait before the fetching has to. */
const MOST_WAITING = 16;
const MOST_CHARACTERS = 32_000_000;
/** How long a page waits for others to share its statement: a slow source must not be waited for. */
const PATIENCE_MS = 10;

/** A checked page on its way into a statement. */
export interface WaitingPage {
  readonly index: number;
  readonly segment: number;
  /** Its columns, as the statement takes them. */
  readonly text: string;
  readonly done: (rows: number) => void;
  readonly failed: (error: unknown) => void;
}

type Arrived = WaitingPage & { readonly sinceMs: number };

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The pages that wait to be masked, in the order in which they came. A statement takes those of one segment, as many as
 * there are after a short while; who brings pages waits when too many are here.
 */
export class PageQueue {
  readonly #onDue: () => void;
  #pages: Arrived[] = [];
  #characters = 0;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | null = null;
  #failure: { readonly error: unknown } | null = null;
  #isHurried = false;
  /** A page that has waited long enough. */
  #due: Arrived | null = null;

  /** @param onDue called when pages have waited long enough */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  get isEmpty(): boolean {
    return this.#pages.length === 0;
  }

  push(page: WaitingPage): void {
    this.#pages.push({ ...page, sinceMs: performance.now() });
    this.#characters += page.text.length;
  }

  /** From now on, no page waits for others. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** The pages of the next statement, in their order; null if there is none yet. */
  take(): readonly WaitingPage[] | null {
    const [first] = this.#pages;
    if (first === undefined) return null;
    const { batch, isFull } = pickBatch(first, this.#pages);
    const leftMs = first === this.#due ? 0 : first.sinceMs + PATIENCE_MS - performance.now();
    if (!isFull && !this.#isHurried && leftMs > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        // By the clock of timers, which may be ahead of the other one by a part of a millisecond.
        this.#due = first;
        this.#onDue();
      }, leftMs);
      return null;
    }
    this.#pages = this.#pages.filter((page) => !batch.has(page));
    for (const { text } of batch) this.#characters -= text.length;
    this.#release();
    return [...batch].sort((one, other) => one.index - other.index);
  }

  /** Resolves when there is a place for another page. @throws the failure of any page */
  async hasPlace(): Promise<void> {
    if (this.#failure === null && this.#isFull) {
      await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    }
    this.assertSound();
  }

  /** @throws the failure of any page */
  assertSound(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Records that pages were not masked: what is masked is no longer all. */
  fail(pages: readonly Pick<WaitingPage, 'failed'>[], error: unknown): void {
    this.#failure ??= { error };
    for (const { failed } of pages) failed(error);
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  /** Fails all pages that wait. */
  close(error: unknown): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.fail(this.#pages.splice(0), error);
  }

  get #isFull(): boolean {
    return this.#pages.length >= MOST_WAITING || this.#characters >= MOST_CHARACTERS;
  }

  #release(): void {
    if (this.#isFull) return;
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }
}

/** Pages of the first one's segment, up to the limits of a statement, and whether a limit was reached. */
function pickBatch(first: Arrived, pages: readonly Arrived[]) {
  const batch = new Set([first]);
  let characters = first.text.length;
  for (const page of pages) {
    if (batch.size === PAGES_A_STATEMENT) break;
    if (page === first || page.segment !== first.segment) continue;
    if (characters + page.text.length > CHARACTERS_A_STATEMENT) return { batch, isFull: true };
    batch.add(page);
    characters += page.text.length;
  }
  return { batch, isFull: batch.size === PAGES_A_STATEMENT };
}
