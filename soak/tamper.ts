import type { Fetch } from '../src/base/effects.js';
import type { Planter, Tampering } from '../tests/support/plant-canaries.js';

/** A fetch that plants canaries in every response and applies `tampering` to it. */
export function createTamperedFetch(fetch: Fetch, planter: () => Planter, tampering: () => Tampering): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const type = String(response.headers['content-type'] ?? '');
    if (response.status !== 200 || !/json|csv/.test(type)) return response;
    const text = await readText(response.body);
    const body = Buffer.from(planter().plant(url, text, tampering()));
    const headers = { ...response.headers, 'content-length': String(body.length) };
    return { ...response, headers, body: give(body) };
  };
}

/** Rejects where the body is cut, like a reset connection. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* give(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(body);
}
