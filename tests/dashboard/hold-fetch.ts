import type { Effects } from '../../src/base/effects.js';
import { createFetch } from '../../src/source/http.js';

/** A fetch that waits until it is released, so that a run lasts as long as the test needs it. */
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
