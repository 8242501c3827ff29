import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Browsers that are in at once; the one that came in first goes. */
const MAX_SESSIONS = 1_000;

/**
 * Who may look: whoever brought a code that works once, or the token of the file. Both are swapped for a cookie, since a
 * link ends up in histories. Only hashes are kept.
 */
export class Sessions {
  readonly #codes = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #token: string | null;
  /** What a POST must carry beside the cookie: pages hold it, and no other site can read them. */
  readonly headerToken = draw();

  /** @param token of the token file, or null where codes are given out */
  constructor(token: string | null) {
    this.#token = token === null ? null : hash(token);
  }

  get takesToken(): boolean {
    return this.#token !== null;
  }

  /** A new code for a link. */
  issueCode(): string {
    const code = draw();
    this.#codes.add(hash(code));
    return code;
  }

  /** The cookie's value for a code, which is spent by it; null for one that is unknown or spent. */
  enterByCode(code: string): string | null {
    return this.#codes.delete(hash(code)) ? this.#open() : null;
  }

  enterByToken(token: string): string | null {
    return this.#token !== null && isSame(hash(token), this.#token) ? this.#open() : null;
  }

  isIn(cookie: string | undefined): boolean {
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

/** Looking a hash up tells by its time nothing of the text. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
