import { isUtf8 } from 'node:buffer';
import { failure } from '../../base/errors.js';
import type { RecordSteps } from '../../base/record-steps.js';
import type { CsvDefinition } from '../../base/types/csv-definition.js';
import type { Leaf, RecordPlace } from '../../base/types/definition.js';
import type { OtherRecords } from '../../base/types/record.js';
import { TransientFailure } from '../retry.js';

/** A body, whole and decoded. */
export interface Body {
  readonly bytes: Buffer;
  /** False if only the end of the connection marks the end of the body, so that truncation cannot be detected. */
  readonly isFramed: boolean;
}

/** What a body of a dataset may be like. */
export interface BodyShape {
  /** The records by which the source counts its pages; for `json`. */
  readonly list: RecordList;
  /** Lists of their own that datasets have in the same body, by dataset; for `json`. */
  readonly others: ReadonlyMap<string, RecordList>;
  readonly csv: CsvDefinition;
  /** Objects and arrays, or rows, that it may hold. */
  readonly maxContainers: number;
  readonly leaves: ReadonlyMap<string, Leaf>;
}

/** A leaf whose numbers are kept as texts. */
export interface ExactLeaf {
  /** Where it stands in a record. */
  readonly steps: RecordSteps;
  /** Its booleans become texts too. */
  readonly hasBooleans: boolean;
}

/** A list of records in a body. */
export interface RecordList {
  readonly place: RecordPlace;
  readonly exact: readonly ExactLeaf[];
}

/** One body, parsed once. */
export interface BodyContent {
  readonly records: readonly unknown[];
  readonly others?: OtherRecords;
  /** What totals, cursors and links are read from; null where the format has no place for them. */
  readonly envelope: unknown;
}

/**
 * How one format of bodies is read; errors are of exit 3 or a `TransientFailure`, and hold no text of the body and
 * none of a parser's message.
 */
export type ReadBody = (body: Body) => BodyContent;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The text of a body without a byte order mark; null if it is not UTF-8. */
export function decodeText(bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return null;
  const marked = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
  return (marked ? bytes.subarray(3) : bytes).toString('utf8');
}

/**
 * A body truncated between two lines looks complete. It is rejected if only the end of the connection marks its end.
 */
export function assertFramed({ isFramed }: Body): void {
  if (isFramed) return;
  throw new TransientFailure(failure('E_SOURCE_BODY', { kind: 'its end cannot be determined' }));
}
