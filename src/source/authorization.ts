import type { Effects } from '../base/effects.js';
import type { AuthDefinition, SourceDefinition } from '../base/types/definition.js';
import { checkProtocol } from './request-plan.js';
import { openText } from './request-text.js';
import { requestToken, type Token } from './request-token.js';
import { Unauthorized } from './retry.js';

/** What proves to a source who asks. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
}

/** Keeps what a source wants to see. One lives as long as a run, and all pulls of the run share it. */
export interface Authorization {
  /** Throws what `requestToken` throws. */
  current(): Promise<Credentials>;
  /** Told that the source refused these; true if others can be had. */
  drop(refused: Credentials): boolean;
}

const NOTHING: Credentials = { headers: {} };

/** For a source that asks nobody who they are, or whose headers say it. */
export const NO_AUTHORIZATION: Authorization = { current: () => Promise.resolve(NOTHING), drop: () => false };

/** @throws E_PLAIN_HTTP for a token address in plain http beyond this machine without `allow_http` */
export function createAuthorization(
  source: Pick<SourceDefinition, 'auth' | 'allowHttp' | 'timeoutMs'>,
  effects: Pick<Effects, 'fetch' | 'now' | 'signal'>,
): Authorization {
  const { auth } = source;
  switch (auth?.type) {
    case undefined:
      return NO_AUTHORIZATION;
    case 'basic': {
      const pair = `${openText(auth.username)}:${openText(auth.password)}`;
      const basic = { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
      return { current: () => Promise.resolve(basic), drop: () => false };
    }
    case 'oauth2':
      checkProtocol(new URL(auth.tokenUrl), source.allowHttp);
      return new TokenKeeper(auth, source.timeoutMs, effects);
  }
}

/**
 * Does work that bears credentials. If the source refuses them (401) and others can be had, the work is done once more
 * with those; a second refusal is the source's answer.
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

/** Asks for a token when one is needed, once for all who wait, and keeps it in memory while it is good. */
class TokenKeeper implements Authorization {
  readonly #auth: Extract<AuthDefinition, { type: 'oauth2' }>;
  readonly #timeoutMs: number;
  readonly #effects: Pick<Effects, 'fetch' | 'now' | 'signal'>;
  #held: (Credentials & Pick<Token, 'staleAtMs'>) | null = null;
  #asked: Promise<Credentials> | null = null;

  constructor(
    auth: Extract<AuthDefinition, { type: 'oauth2' }>,
    timeoutMs: number,
    effects: Pick<Effects, 'fetch' | 'now' | 'signal'>,
  ) {
    this.#auth = auth;
    this.#timeoutMs = timeoutMs;
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
    // Pages side by side are refused with the same token: the first drops it, the others find a new one.
    if (this.#held === refused) this.#held = null;
    return true;
  }

  async #ask(): Promise<Credentials> {
    const { text, staleAtMs } = await requestToken(this.#auth, this.#timeoutMs, this.#effects);
    this.#held = { headers: { authorization: `Bearer ${text}` }, staleAtMs };
    return this.#held;
  }
}
