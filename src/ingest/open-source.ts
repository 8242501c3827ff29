import { startEmbedded } from '../../fake-api/start.js';
import { failure } from '../base/errors.js';
import type { DatasetDefinition } from '../base/types/definition.js';

/** Where a dataset's pages come from. */
export type OpenSource =
  | {
      readonly kind: 'embedded' | 'http';
      readonly baseUrl: URL;
      /** On this machine: a local key may serve it. */
      readonly isLoopback: boolean;
    }
  | {
      readonly kind: 'file';
      /** Relative to the project. */ readonly folder: string;
      readonly isLoopback: true;
    };

/** Where all pages of a run come from. */
export interface OpenSources {
  readonly of: (dataset: DatasetDefinition) => OpenSource;
  /** All of them are on this machine. */
  readonly isLoopback: boolean;
  readonly close: () => Promise<void>;
}

/** The same, known before anything is opened. */
export interface SourceKinds {
  readonly kindOf: (dataset: DatasetDefinition) => OpenSource['kind'];
  readonly isLoopback: boolean;
}

const FILE_PREFIX = 'file:';

/** What the datasets are pulled from. Pure. @throws E_USAGE */
export function describeSources(baseUrl: string, datasets: readonly DatasetDefinition[]): SourceKinds {
  const sourceOf = ({ request }: DatasetDefinition): Pick<OpenSource, 'kind' | 'isLoopback'> =>
    request.baseUrl === null && baseUrl === 'embedded'
      ? { kind: 'embedded', isLoopback: true }
      : describeSource(request.baseUrl ?? baseUrl);
  return {
    kindOf: (dataset) => sourceOf(dataset).kind,
    isLoopback: datasets.every((dataset) => sourceOf(dataset).isLoopback),
  };
}

/**
 * Opens what the datasets are pulled from: `baseUrl`, or files of their own. The bundled server is started if one of
 * them needs it. @throws E_USAGE, E_EMBEDDED
 */
export async function openSources(
  baseUrl: string,
  datasets: readonly DatasetDefinition[],
): Promise<OpenSources> {
  const isNeeded = datasets.some(({ request }) => request.baseUrl === null);
  const server = baseUrl === 'embedded' && isNeeded ? await startEmbedded({}) : null;
  const sourceOf = ({ request }: DatasetDefinition): OpenSource =>
    request.baseUrl === null && server !== null
      ? { kind: 'embedded', baseUrl: new URL(server.url), isLoopback: true }
      : describeSource(request.baseUrl ?? baseUrl);
  return {
    of: sourceOf,
    isLoopback: datasets.every((dataset) => sourceOf(dataset).isLoopback),
    close: async () => {
      await server?.close();
    },
  };
}

function describeSource(baseUrl: string): OpenSource {
  if (baseUrl.startsWith(FILE_PREFIX)) {
    return { kind: 'file', folder: baseUrl.slice(FILE_PREFIX.length), isLoopback: true };
  }
  if (!URL.canParse(baseUrl)) {
    throw failure('E_USAGE', { what: 'the source is not a URL', hint: 'give `embedded` or an http(s) URL' });
  }
  const url = new URL(baseUrl);
  return { kind: 'http', baseUrl: url, isLoopback: isLoopback(url) };
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
