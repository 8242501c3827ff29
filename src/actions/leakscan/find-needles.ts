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
const BITS = 24;
const COUNT_BITS = 20;
const SPREAD = 0x9e3779b1;

/**
 * Finds any of many texts by their rarest four bytes (a 4-gram): a pass over the bytes costs the same for one text as for
 * a hundred thousand. Each place that has such four bytes is compared in full, so that a hit is certain.
 */
export class NeedleIndex {
  readonly #byGram = new Map<number, { readonly needle: Needle; readonly offset: number }[]>();
  /** One bit for each hash of four bytes that some needle has. */
  readonly #bits = new Uint8Array(1 << (BITS - 3));
  /** Bytes of the longest needle. */
  readonly longest: number;

  constructor(given: readonly Needle[]) {
    const distinct = new Map<string, Needle>();
    for (const needle of given) {
      const key = needle.bytes.toString('latin1');
      if (key.length >= LEAST_BYTES && !distinct.has(key)) distinct.set(key, needle);
    }
    const needles = [...distinct.values()];
    this.longest = needles.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    const counts = countGrams(needles);
    for (const needle of needles) {
      const offset = rarestGram(needle.bytes, counts);
      const gram = needle.bytes.readUInt32BE(offset);
      const hash = hashGram(gram, BITS);
      this.#bits[hash >>> 3] = (this.#bits[hash >>> 3] ?? 0) | (1 << (hash & 7));
      const same = this.#byGram.get(gram);
      if (same === undefined) this.#byGram.set(gram, [{ needle, offset }]);
      else same.push({ needle, offset });
    }
  }

  find(bytes: Buffer): NeedleHit[] {
    const hits: NeedleHit[] = [];
    if (this.#byGram.size === 0) return hits;
    const bits = this.#bits;
    let gram = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      gram = (gram << 8) | (bytes[end] ?? 0);
      const hash = hashGram(gram, BITS);
      if (((bits[hash >>> 3] ?? 0) & (1 << (hash & 7))) === 0 || end < LEAST_BYTES - 1) continue;
      for (const { needle, offset } of this.#byGram.get(gram >>> 0) ?? []) {
        const at = end - (LEAST_BYTES - 1) - offset;
        if (at < 0 || at + needle.bytes.length > bytes.length) continue;
        if (needle.bytes.compare(bytes, at, at + needle.bytes.length) === 0) hits.push({ at, needle });
      }
    }
    return hits;
  }
}

/** How often four bytes are in the needles, by a hash of them: one that another shares is taken for more frequent. */
function countGrams(needles: readonly Needle[]): Uint32Array {
  const counts = new Uint32Array(1 << COUNT_BITS);
  for (const { bytes } of needles)
    for (let at = 0; at + LEAST_BYTES <= bytes.length; at += 1) {
      const hash = hashGram(bytes.readUInt32BE(at), COUNT_BITS);
      counts[hash] = (counts[hash] ?? 0) + 1;
    }
  return counts;
}

function rarestGram(bytes: Buffer, counts: Uint32Array): number {
  let [best, least] = [0, Infinity];
  for (let at = 0; at + LEAST_BYTES <= bytes.length; at += 1) {
    const count = counts[hashGram(bytes.readUInt32BE(at), COUNT_BITS)] ?? 0;
    if (count < least) [best, least] = [at, count];
  }
  return best;
}

function hashGram(gram: number, bits: number): number {
  return Math.imul(gram, SPREAD) >>> (32 - bits);
}
