import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { RawPage } from '../base/types/record.js';

interface Place {
  readonly page: number;
  readonly position: number;
}

/**
 * Remembers what records were like, four bytes a record, to tell a record that comes twice from an update of it. In
 * memory the digests have no key; on disk, where they would give values away, they have.
 */
export class RecordDigests {
  readonly #key: Uint8Array;
  readonly #pages = new Map<number, Uint32Array>();
  /** Digests with a key, of pages that an earlier try took. */
  readonly #saved = new Map<number, Uint32Array>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  take({ index, records }: RawPage): void {
    this.#pages.set(
      index,
      Uint32Array.from(records, (record) => crc32(JSON.stringify(record))),
    );
  }

  /** True if both places hold the same record; places of the same key only, or one pair in 2^32 is wrong. */
  areSame(one: Place, other: Place): boolean {
    const [first, second] = [this.#pages.get(one.page), this.#pages.get(other.page)];
    if (first !== undefined && second !== undefined) return first[one.position] === second[other.position];
    const digest = this.#read(one);
    return digest !== undefined && digest === this.#read(other);
  }

  save(): [page: number, digests: string][] {
    const pages = [...new Set([...this.#saved.keys(), ...this.#pages.keys()])];
    return pages.map((page) => {
      const plain = this.#pages.get(page);
      const keyed = plain?.map((digest) => this.#seal(digest)) ?? this.#saved.get(page) ?? new Uint32Array();
      return [page, Buffer.from(keyed.buffer, keyed.byteOffset, keyed.byteLength).toString('base64')];
    });
  }

  /** For the memory of another process alone. */
  share(): [page: number, digests: Uint32Array][] {
    return [...this.#pages];
  }

  absorb(shared: readonly (readonly [page: number, digests: Uint32Array])[]): void {
    for (const [page, digests] of shared) this.#pages.set(page, digests);
  }

  restore(saved: readonly (readonly [page: number, digests: string])[]): void {
    for (const [page, text] of saved) {
      const bytes = new Uint8Array(Buffer.from(text, 'base64'));
      this.#saved.set(page, new Uint32Array(bytes.buffer));
    }
  }

  #read({ page, position }: Place): number | undefined {
    const plain = this.#pages.get(page)?.[position];
    return plain === undefined ? this.#saved.get(page)?.[position] : this.#seal(plain);
  }

  #seal(digest: number): number {
    return createHmac('sha256', this.#key).update(String(digest)).digest().readUInt32LE();
  }
}

/** Pages that may move while they are fetched, of records that have a key and a list to themselves. */
export function mayDrift({ primaryKey, request, place }: DatasetDefinition): boolean {
  const { type } = request.pagination;
  return primaryKey.length > 0 && place === null && type !== 'none' && type !== 'seed';
}
