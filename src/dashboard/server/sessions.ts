import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Sessions kept at once; the oldest is dropped. */
const MAX_SESSIONS = 1_000;

/**
 * Sign-in by a single-use code or by the token of the token file. Both are exchanged for a session cookie, because links
 * end up in browser histories. Only hashes are kept.
 */
export class Sessions {
  readonly #codes = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #token: string | null;
  /** A POST must send it in addition to the cookie. Views contain it, and no other site can read them. */
  readonly headerToken = draw();

  /** @param token the token of the token file, or null to sign in with codes */
  constructor(token: string | null) {
    this.#token = token === null ? null : hash(token);
  }

  get takesToken(): boolean {
    return this.#token !== null;
  }

  /** Issues a code for a sign-in link. */
  issueCode(): string {
    const code = draw();
    this.#codes.add(hash(code));
    return code;
  }

  /** Uses up a code and returns a session for the cookie; null if the code is unknown or used. */
  signInByCode(code: string): string | null {
    return this.#codes.delete(hash(code)) ? this.#open() : null;
  }

  signInByToken(token: string): string | null {
    return this.#token !== null && isSame(hash(token), this.#token) ? this.#open() : null;
  }

  isSignedIn(cookie: string | undefined): boolean {
    return cookie !== undefined && this.#sessions.has(hash(cookie));
  }

  isHeaderToken(token: string | undefined): boolean {
    return token !== undefined && isSame(hash(token), hash(this.headerToken));
  }

  #open(): string {
    const session = draw();
    this.#sessions.add(hash(session));
    const [first] = this.#sessions;
    if (this.#sessions.size > MAX_SESSIONS && first !== undefined) this.#sessions.delete(first);
    return session;
  }
}

function draw(): string {
  return randomBytes(32).toString('base64url');
}

/** The timing of a lookup by hash reveals nothing about the text. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
