import { afterEach } from 'vitest';

/** What tests have opened and not closed: run by hooks of `each-file.ts`, since a helper is loaded once for many files. */
const closings: (() => Promise<unknown>)[] = [];

/** Has `close` called after the test that is under way, or after the first one. */
export function closeAfterTest(close: () => Promise<unknown>): void {
  closings.push(close);
}

/** To be called once a file. */
export function closeAfterEachTest(): void {
  afterEach(async () => {
    await Promise.all(closings.splice(0).map((close) => close()));
  });
}
