import { failure } from '../errors.js';
import type { ManifestSource } from '../manifest.js';
import { startEmbedded } from '../source/embedded/start.js';

/** Where a run's pages come from. */
export interface OpenSource {
  readonly baseUrl: URL;
  readonly kind: Exclude<ManifestSource['kind'], 'adopted'>;
  /** On this machine: a local key may serve it. */
  readonly isLoopback: boolean;
  close(): Promise<void>;
}

/** Starts the bundled server for `embedded`, or reads the URL. @throws E_USAGE, E_EMBEDDED */
export async function openSource(baseUrl: string): Promise<OpenSource> {
  if (baseUrl === 'embedded') {
    const server = await startEmbedded({});
    return { baseUrl: new URL(server.url), kind: 'embedded', isLoopback: true, close: () => server.close() };
  }
  if (!URL.canParse(baseUrl)) {
    throw failure('E_USAGE', { what: 'the source is not a URL', hint: 'give `embedded` or an http(s) URL' });
  }
  const url = new URL(baseUrl);
  return { baseUrl: url, kind: 'http', isLoopback: isLoopback(url), close: () => Promise.resolve() };
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
