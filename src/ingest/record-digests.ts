import { crc32 } from 'node:zlib';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { RawPage } from '../base/types/record.js';

/**
 * Remembers what records were like, four bytes a record, to tell a record that comes twice from an update of it. In
 * memory only: a digest without a key would give values away.
 */
export class RecordDigests {
  readonly #pages = new Map<number, Uint32Array>();

  take({ index, records }: RawPage): void {
    this.#pages.set(
      index,
      Uint32Array.from(records, (record) => crc32(JSON.stringify(record))),
    );
  }

  /** True if both places hold the same record; places of the same key only, or one pair in 2^32 is wrong. */
  areSame(
    one: { readonly page: number; readonly position: number },
    other: { readonly page: number; readonly position: number },
  ): boolean {
    const digest = this.#pages.get(one.page)?.[one.position];
    return digest !== undefined && digest === this.#pages.get(other.page)?.[other.position];
  }
}

/** Pages that may move while they are fetched, of records that have a key. */
export function mayDrift({ primaryKey, request }: DatasetDefinition): boolean {
  const { type } = request.pagination;
  return primaryKey.length > 0 && type !== 'none' && type !== 'seed';
}
