import { setTimeout as wait } from 'node:timers/promises';

/** A clock that stands still until a test sets it; what sleeps is then woken, and looks at it. */
export class FakeClock {
  #now: Date;
  readonly #sleepers = new Set<() => void>();

  constructor(now: string) {
    this.#now = new Date(now);
  }

  readonly now = (): Date => this.#now;

  readonly sleep = (_: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        this.#sleepers.delete(end);
        signal.removeEventListener('abort', end);
        if (signal.aborted) reject(new Error('aborted'));
        else resolve();
      };
      this.#sleepers.add(end);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });

  /** Sets the clock, wakes what sleeps, and waits until so many sleep again: until there is nothing to do. */
  async set(now: string | Date, sleepers: number): Promise<void> {
    this.#now = new Date(now);
    for (const end of [...this.#sleepers]) end();
    await this.settle(sleepers);
  }

  async settle(sleepers: number): Promise<void> {
    do await wait(5);
    while (this.#sleepers.size < sleepers);
  }
}
