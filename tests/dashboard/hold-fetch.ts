import type { Effects } from '../../src/base/effects.js';
import { createFetch } from '../../src/source/http.js';

/** A fetch that waits until it is let go: a run lasts as long as a test has something to ask of it. */
export function holdFetch(): { readonly fetch: Effects['fetch']; readonly release: () => void } {
  const real = createFetch({ connections: 4 });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    fetch: async (url, init) => {
      await held;
      return real(url, init);
    },
    release: () => {
      release();
    },
  };
}
