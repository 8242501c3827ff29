const MINUTE_MS = 60_000;
const WRONG_A_MINUTE = 10;
/** Addresses that are remembered at once; the one that guessed first goes. */
const MAX_ADDRESSES = 1_000;

/** Counts wrong tokens by where they come from, so that nobody can try them by the thousand. */
export class Guesses {
  readonly #wrong = new Map<string, { readonly sinceMs: number; readonly count: number }>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True where an address has guessed wrong so often that it has to wait, with the right token, too. */
  mustWait(address: string): boolean {
    return this.#countOf(address) >= WRONG_A_MINUTE;
  }

  noteWrong(address: string): void {
    const count = this.#countOf(address);
    const sinceMs = count === 0 ? this.#nowMs() : (this.#wrong.get(address)?.sinceMs ?? 0);
    this.#wrong.delete(address);
    this.#wrong.set(address, { sinceMs, count: count + 1 });
    const [first] = this.#wrong.keys();
    if (this.#wrong.size > MAX_ADDRESSES && first !== undefined) this.#wrong.delete(first);
  }

  #countOf(address: string): number {
    const known = this.#wrong.get(address);
    return known === undefined || this.#nowMs() - known.sinceMs >= MINUTE_MS ? 0 : known.count;
  }
}
