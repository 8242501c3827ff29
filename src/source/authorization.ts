import type { Effects } from '../base/effects.js';
import type { AuthDefinition, SourceDefinition } from '../base/types/definition.js';
import { checkProtocol } from './request-plan.js';
import { openText } from './request-text.js';
import { requestToken, type Token } from './request-token.js';
import { Unauthorized } from './retry.js';

/** Credentials for a source. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Parameters that join the query of each request; never shown. */
  readonly query: ReadonlyMap<string, string>;
}

/** Holds the credentials of a run; all its pulls share them. */
export interface Authorization {
  /** Throws what `requestToken` throws. */
  current(): Promise<Credentials>;
  /** Called when the source rejected the credentials; true if others are available. */
  drop(refused: Credentials): boolean;
}

const NO_QUERY: Credentials['query'] = new Map();
const NOTHING: Credentials = { headers: {}, query: NO_QUERY };

/** For a source without authentication, or with authentication by static headers. */
export const NO_AUTHORIZATION: Authorization = { current: () => Promise.resolve(NOTHING), drop: () => false };

/** @throws E_PLAIN_HTTP for a token address in plain http beyond this machine without `allow_http` */
export function createAuthorization(
  source: Pick<SourceDefinition, 'auth' | 'allowHttp' | 'timeoutMs' | 'maxWaitMs'>,
  effects: Pick<Effects, 'fetch' | 'now' | 'signal'>,
): Authorization {
  const { auth } = source;
  switch (auth?.type) {
    case undefined:
      return NO_AUTHORIZATION;
    case 'basic': {
      const pair = `${openText(auth.username)}:${openText(auth.password)}`;
      return keep({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    }
    case 'api_key': {
      const key = openText(auth.key);
      return auth.in === 'header'
        ? keep({ [auth.name.toLowerCase()]: key })
        : keep({}, new Map([[auth.name, key]]));
    }
    case 'oauth2':
      checkProtocol(new URL(auth.tokenUrl), source.allowHttp);
      return new TokenKeeper(auth, source, effects);
  }
}

/** Credentials that stay the same. */
function keep(headers: Credentials['headers'], query = NO_QUERY): Authorization {
  return { current: () => Promise.resolve({ headers, query }), drop: () => false };
}

/**
 * Runs work with credentials. If the source rejects them (401) and others are available, retries once with those; a second
 * rejection is final.
 */
export async function withAuthorization<T>(
  authorization: Authorization,
  work: (credentials: Credentials) => Promise<T>,
): Promise<T> {
  const first = await authorization.current();
  try {
    return await work(first);
  } catch (error) {
    if (!(error instanceof Unauthorized) || !authorization.drop(first)) throw error;
  }
  return work(await authorization.current());
}

/** Requests a token when needed, once for all waiting callers, and keeps it in memory while it is valid. */
class TokenKeeper implements Authorization {
  readonly #auth: Extract<AuthDefinition, { type: 'oauth2' }>;
  readonly #limits: Pick<SourceDefinition, 'timeoutMs' | 'maxWaitMs'>;
  readonly #effects: Pick<Effects, 'fetch' | 'now' | 'signal'>;
  #held: (Credentials & Pick<Token, 'staleAtMs'>) | null = null;
  #asked: Promise<Credentials> | null = null;

  constructor(
    auth: Extract<AuthDefinition, { type: 'oauth2' }>,
    limits: Pick<SourceDefinition, 'timeoutMs' | 'maxWaitMs'>,
    effects: Pick<Effects, 'fetch' | 'now' | 'signal'>,
  ) {
    this.#auth = auth;
    this.#limits = limits;
    this.#effects = effects;
  }

  async current(): Promise<Credentials> {
    if (this.#held !== null && this.#effects.now().getTime() < this.#held.staleAtMs) return this.#held;
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = null;
    });
    return this.#asked;
  }

  drop(refused: Credentials): boolean {
    // Parallel pages are rejected with the same token: the first drops it, the others get a new one.
    if (this.#held === refused) this.#held = null;
    return true;
  }

  async #ask(): Promise<Credentials> {
    const { text, staleAtMs } = await requestToken(this.#auth, this.#limits, this.#effects);
    this.#held = { headers: { authorization: `Bearer ${text}` }, query: NO_QUERY, staleAtMs };
    return this.#held;
  }
}
