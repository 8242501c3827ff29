import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Sessions kept at once; the oldest is dropped. */
const MAX_SESSIONS = 1_000;
const MINUTE_MS = 60_000;
/** How long a sign-in link works. */
const CODE_MS = 10 * MINUTE_MS;
const SESSION_MS = 12 * 60 * MINUTE_MS;

/**
 * Sign-in by a single-use code or by the token of the token file. Both are exchanged for a session cookie, because links
 * end up in browser histories. Only hashes are kept.
 */
export class Sessions {
  /** Hashes, with the time at which each ends. */
  readonly #codes = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  readonly #token: string | null;
  readonly #nowMs: () => number;
  /** A POST must send it in addition to the cookie. Views contain it, and no other site can read them. */
  readonly headerToken = draw();

  /**
   * @param token the token of the token file, or null to sign in with codes
   * @param nowMs a clock that never goes back, in milliseconds
   */
  constructor(token: string | null, nowMs: () => number) {
    this.#token = token === null ? null : hash(token);
    this.#nowMs = nowMs;
  }

  get takesToken(): boolean {
    return this.#token !== null;
  }

  /** Issues a code for a sign-in link. */
  issueCode(): string {
    const code = draw();
    this.#codes.set(hash(code), this.#nowMs() + CODE_MS);
    return code;
  }

  /** Uses up a code and returns a session for the cookie; null if the code is unknown, used or too old. */
  signInByCode(code: string): string | null {
    const end = this.#codes.get(hash(code)) ?? -Infinity;
    this.#codes.delete(hash(code));
    return this.#nowMs() < end ? this.#open() : null;
  }

  signInByToken(token: string): string | null {
    return this.isToken(token) ? this.#open() : null;
  }

  /** False where there is no token file. */
  isToken(token: string): boolean {
    return this.#token !== null && isSame(hash(token), this.#token);
  }

  isSignedIn(cookie: string | undefined): boolean {
    return cookie !== undefined && this.#nowMs() < (this.#sessions.get(hash(cookie)) ?? -Infinity);
  }

  isHeaderToken(token: string | undefined): boolean {
    return token !== undefined && isSame(hash(token), hash(this.headerToken));
  }

  #open(): string {
    const session = draw();
    this.#sessions.set(hash(session), this.#nowMs() + SESSION_MS);
    const [first] = this.#sessions.keys();
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
