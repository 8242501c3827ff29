import { createHmac, hash, hkdfSync } from 'node:crypto';

/** What a derived key is for. */
export type KeyUse = 'token' | 'fake' | 'shift' | 'tombstone' | 'check' | 'resume' | 'name' | 'receipt';

/** The secret that all keys derive from, and the public id in tokens. */
export interface MasterKey {
  /** `[a-z0-9]{1,16}` */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** 64 octets each: the key, filled up with zeros, xor 0x36 and 0x5c (RFC 2104). */
export interface Pads {
  readonly inner: Uint8Array;
  readonly outer: Uint8Array;
}

/** 32 octets: HKDF-SHA-256 (RFC 5869) of the master key, empty salt, info `lakeveil/v1/<use>/<scope>`. */
export function deriveKey(master: MasterKey, use: KeyUse, scope: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', master.bytes, '', `lakeveil/v1/${use}/${scope}`, 32));
}

/** HMAC's inner and outer pad, so that SQL can compute an HMAC without ever seeing the key in its text. */
export function padKey(key: Uint8Array): Pads {
  const block = new Uint8Array(64);
  block.set(key);
  return { inner: block.map((octet) => octet ^ 0x36), outer: block.map((octet) => octet ^ 0x5c) };
}

/** HMAC-SHA-256 (RFC 2104) of messages that are written into a block of its own. */
export interface Hmac {
  /** The inner pad, and the message from `start` on. */
  readonly block: Buffer;
  readonly start: number;
  /** The first 128 bits in hex, for a message that ends at `end`. */
  readonly digest: (end: number) => string;
}

/** The pads are laid down once and the buffers are used again for each message: half the cost of `createHmac`. */
export function makeHmac(key: Uint8Array): Hmac {
  const pads = padKey(key);
  const start = pads.inner.length;
  const block = Buffer.alloc(start + MOST_OCTETS);
  const outer = Buffer.alloc(start + 32);
  block.set(pads.inner);
  outer.set(pads.outer);
  /** Views of the block, by length. */
  const views: Buffer[] = [];
  const digest = (end: number): string => {
    const view = (views[end] ??= block.subarray(0, end));
    outer.write(hash('sha256', view, 'binary'), start, 'latin1');
    return hash('sha256', outer, 'hex').slice(0, 32);
  };
  return { block, start, digest };
}

/** Octets of a message at most. */
const MOST_OCTETS = 4_096;

/** 8 hex digits that show whether two keys with one id are the same key. */
export function checkKey(master: MasterKey): string {
  return hashShort(deriveKey(master, 'check', master.id), master.id);
}

/** 32 bits of HMAC-SHA-256 in hex: enough to tell keys, or the fields of a source, apart. */
export function hashShort(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 8);
}
