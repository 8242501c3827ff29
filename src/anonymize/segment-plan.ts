import type { DuckDBValue } from '@duckdb/node-api';
import type { CheckedPage, Custody } from '../base/types/record.js';
import type { CompiledPolicy, Parameter } from './compile-policy.js';
import { deriveKey, type KeyUse, makeHmac, type MasterKey, padKey } from './keys.js';

/** Rows in a segment, one row group of DuckDB's: as many whole pages as come to it. */
export const SEGMENT_ROWS = 122_880;

/** Which pages make a segment, and which segments a part. Pure arithmetic on page numbers. */
export interface SegmentPlan {
  /** 0-based segment that a page belongs to. */
  segmentOf(page: number): number;
  /** Pages that a segment holds when it is full. */
  pagesIn(segment: number): number;
  firstPageOf(segment: number): number;
  /** 0-based part that a segment belongs to; no segment crosses the end of a part. */
  partOf(segment: number): number;
}

/** Masked rows of a segment in a file, for another room of the same policy. */
export interface SavedSegment {
  /** Absolute. */
  readonly path: string;
  readonly index: number;
  /** Pages that are in it; null for all of them. */
  readonly pages: number | null;
  /** Of a segment that is full. */
  readonly custody: Custody | null;
}

/** @param pageSize records that a page is expected to hold; @param pagesPerPart length of a part's page range */
export function planSegments(pageSize: number, pagesPerPart: number): SegmentPlan {
  const length = Math.min(Math.max(1, Math.floor(SEGMENT_ROWS / pageSize)), pagesPerPart);
  const perPart = Math.ceil(pagesPerPart / length);
  const startInPart = (segment: number) => (segment % perPart) * length;
  return {
    segmentOf: (page) =>
      Math.floor(page / pagesPerPart) * perPart + Math.floor((page % pagesPerPart) / length),
    pagesIn: (segment) => Math.min(length, pagesPerPart - startInPart(segment)),
    firstPageOf: (segment) => Math.floor(segment / perPart) * pagesPerPart + startInPart(segment),
    partOf: (segment) => Math.floor(segment / perPart),
  };
}

/**
 * The values of the statement's parameters beside `$pages`, by name. Among them are the pads, which are the key: they are
 * bound, and never put into a text.
 * @param date the partition's date, `YYYY-MM-DD`
 */
export async function makeParameterValues(
  policy: CompiledPolicy,
  key: MasterKey,
  date: string,
): Promise<Readonly<Record<string, DuckDBValue>>> {
  const { blobValue } = await import('@duckdb/node-api');
  const valueOf = (parameter: Parameter): DuckDBValue[] => {
    switch (parameter.kind) {
      case 'date':
        return [date];
      case 'pad':
        return [blobValue(padKey(deriveKey(key, parameter.use, parameter.scope))[parameter.side])];
      case 'constant':
        return [];
    }
  };
  const pairs = [...policy.parameters].flatMap(([name, parameter]) =>
    valueOf(parameter).map((value) => [name, value] as const),
  );
  return Object.fromEntries(pairs);
}

/** Writes a page's columns as the statement takes them: with the columns that are computed before it. */
export type WritePage = (page: Pick<CheckedPage, 'columns' | 'values' | 'accepted'>) => string;

export function planPage({ precomputed }: CompiledPolicy, key: MasterKey): WritePage {
  const secrets = {
    keyId: key.id,
    hmac: (use: KeyUse, scope: string) => makeHmac(deriveKey(key, use, scope)),
  };
  const columns = precomputed.map(({ name, leaves, open }) => ({
    name: JSON.stringify(name),
    paths: leaves.map(({ path }) => path),
    compute: open(secrets),
  }));
  return ({ columns: text, values, accepted }) => {
    const parts = columns.map(({ name, paths, compute }) => {
      const given = paths.map((path) => values.get(path) ?? []);
      return `,${name}:${JSON.stringify(compute(given, accepted))}`;
    });
    return `${text.slice(0, -1)}${parts.join('')}}`;
  };
}
