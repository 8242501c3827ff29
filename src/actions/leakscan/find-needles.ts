/** A text to look for, as bytes, and what it is a form of. */
export interface Needle {
  readonly bytes: Buffer;
  /** How the value is written: `plain`, `url`, `base64`, … */
  readonly form: string;
  /** Which value it is: its line in the file of values. */
  readonly line: number;
}

export interface NeedleHit {
  readonly at: number;
  readonly needle: Needle;
}

/** Shorter texts are in everything. */
export const LEAST_BYTES = 4;
const LONG_BYTES = 8;
const BITS = 24;
const COUNT_BITS = 22;
const [SPREAD, SPREAD_HIGH] = [0x9e3779b1, 0x85ebca6b];

interface Placed {
  readonly needle: Needle;
  /** Of its rarest gram. */
  readonly offset: number;
}

/**
 * Finds any of many texts by the rarest eight bytes of each, or four of a short one: a pass over the bytes costs the same
 * for one text as for a hundred thousand. Each place that has such bytes is compared in full, so that a hit is certain.
 */
export class NeedleIndex {
  readonly #byKey = new Map<number, Placed[]>();
  /** One bit for each hash of a gram that some needle has. */
  readonly #bits = new Uint8Array(1 << (BITS - 3));
  readonly #hasShort: boolean;
  /** Bytes of the longest needle. */
  readonly longest: number;

  constructor(given: readonly Needle[]) {
    const distinct = new Map<string, Needle>();
    for (const needle of given) {
      const key = needle.bytes.toString('latin1');
      if (key.length >= LEAST_BYTES && !distinct.has(key)) distinct.set(key, needle);
    }
    const needles = [...distinct.values()];
    this.#hasShort = needles.some(({ bytes }) => bytes.length < LONG_BYTES);
    this.longest = needles.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    const counts = countGrams(needles);
    for (const needle of needles) {
      const offset = rarestGram(needle.bytes, counts);
      const key = keyAt(needle.bytes, offset);
      const bit = key >>> (32 - BITS);
      this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
      const same = this.#byKey.get(key);
      if (same === undefined) this.#byKey.set(key, [{ needle, offset }]);
      else same.push({ needle, offset });
    }
  }

  find(bytes: Buffer): NeedleHit[] {
    const hits: NeedleHit[] = [];
    if (this.#byKey.size === 0) return hits;
    const bits = this.#bits;
    const hasShort = this.#hasShort;
    let [high, low] = [0, 0];
    for (let end = 1; end <= bytes.length; end += 1) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[end - 1] ?? 0);
      const key = keyOf(high, low);
      if (((bits[key >>> 11] ?? 0) & (1 << ((key >>> 8) & 7))) !== 0)
        this.#compare(bytes, end - LONG_BYTES, key, hits);
      if (!hasShort) continue;
      const short = keyOf(0, low);
      if (((bits[short >>> 11] ?? 0) & (1 << ((short >>> 8) & 7))) !== 0)
        this.#compare(bytes, end - LEAST_BYTES, short, hits);
    }
    return hits;
  }

  /** @param start of the gram */
  #compare(bytes: Buffer, start: number, key: number, hits: NeedleHit[]): void {
    for (const { needle, offset } of this.#byKey.get(key) ?? []) {
      const at = start - offset;
      if (at < 0 || at + needle.bytes.length > bytes.length) continue;
      if (needle.bytes.compare(bytes, at, at + needle.bytes.length) === 0) hits.push({ at, needle });
    }
  }
}

/** How often a gram is in the needles, by a hash of it: one that another shares is taken for more frequent. */
function countGrams(needles: readonly Needle[]): Uint32Array {
  const counts = new Uint32Array(1 << COUNT_BITS);
  for (const { bytes } of needles)
    for (let at = 0; at + widthOf(bytes) <= bytes.length; at += 1) {
      const place = keyAt(bytes, at) >>> (32 - COUNT_BITS);
      counts[place] = (counts[place] ?? 0) + 1;
    }
  return counts;
}

function rarestGram(bytes: Buffer, counts: Uint32Array): number {
  let [best, least] = [0, Infinity];
  for (let at = 0; at + widthOf(bytes) <= bytes.length; at += 1) {
    const count = counts[keyAt(bytes, at) >>> (32 - COUNT_BITS)] ?? 0;
    if (count < least) [best, least] = [at, count];
  }
  return best;
}

function widthOf(bytes: Buffer): number {
  return bytes.length < LONG_BYTES ? LEAST_BYTES : LONG_BYTES;
}

function keyAt(bytes: Buffer, at: number): number {
  return widthOf(bytes) === LEAST_BYTES
    ? keyOf(0, bytes.readUInt32BE(at))
    : keyOf(bytes.readUInt32BE(at), bytes.readUInt32BE(at + LEAST_BYTES));
}

function keyOf(high: number, low: number): number {
  return (Math.imul(low, SPREAD) ^ Math.imul(high, SPREAD_HIGH)) >>> 0;
}
