import { failure, type LakeveilError } from '../base/errors.js';
import { TransientFailure } from './retry.js';

type Kind = readonly [kind: string, mayPass: boolean];

const REFUSED: Kind = ['connection refused', true];
const RESET: Kind = ['connection reset', true];
const NAME: Kind = ['name not found', true];
const TIMEOUT: Kind = ['connect timeout', true];
const NOT_HTTP: Kind = ['it does not speak HTTP', true];
const OTHER: Kind = ['network error', true];
const CERTIFICATE: Kind = ['its certificate is not valid', false];
const UNSENDABLE: Kind = ['a header or the path contains invalid characters', false];

/** Error codes of Node (errno, TLS) and undici; nothing else of an error is read. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['ECONNREFUSED', REFUSED],
  ['EHOSTUNREACH', REFUSED],
  ['ENETUNREACH', REFUSED],
  ['ECONNRESET', RESET],
  ['EPIPE', RESET],
  ['UND_ERR_SOCKET', RESET],
  ['ENOTFOUND', NAME],
  ['EAI_AGAIN', NAME],
  ['ETIMEDOUT', TIMEOUT],
  ['UND_ERR_CONNECT_TIMEOUT', TIMEOUT],
  ['UND_ERR_HEADERS_OVERFLOW', NOT_HTTP],
  ['CERT_HAS_EXPIRED', CERTIFICATE],
  ['CERT_NOT_YET_VALID', CERTIFICATE],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', CERTIFICATE],
  ['SELF_SIGNED_CERT_IN_CHAIN', CERTIFICATE],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', CERTIFICATE],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', CERTIFICATE],
  ['ERR_TLS_CERT_ALTNAME_INVALID', CERTIFICATE],
  ['UND_ERR_INVALID_ARG', UNSENDABLE],
]);

/** E_SOURCE_CONNECT for whatever a fetch threw: transient, but where the same request can only fail again. */
export function connectFailure(error: unknown): TransientFailure | LakeveilError {
  const code = readCode(error);
  // llhttp, the parser under undici, has some thirty codes of its own, all with this prefix.
  const [kind, mayPass] = code.startsWith('HPE_') ? NOT_HTTP : (KINDS.get(code) ?? OTHER);
  const found = failure('E_SOURCE_CONNECT', { kind });
  return mayPass ? new TransientFailure(found) : found;
}

function readCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  const { code } = error;
  return typeof code === 'string' ? code : '';
}

/** A signal that is aborted with its parent, or when the time is up. */
interface Deadline {
  readonly signal: AbortSignal;
  /** True once the time was up. */
  readonly isExpired: () => boolean;
  /** Must be called at the end, or timer and listener stay behind. */
  readonly release: () => void;
}

/**
 * Made by hand, because in Node 20 a signal of `AbortSignal.any` and `AbortSignal.timeout` may be collected before it
 * fires, and keeps memory on a parent that lives long.
 */
export function startDeadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  let expired = false;
  const stop = (): void => {
    controller.abort();
  };
  const timer = setTimeout(() => {
    expired = true;
    stop();
  }, ms);
  parent.addEventListener('abort', stop, { once: true });
  if (parent.aborted) stop();
  const release = (): void => {
    clearTimeout(timer);
    parent.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, isExpired: () => expired, release };
}
