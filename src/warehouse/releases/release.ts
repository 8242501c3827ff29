import type { ReleaseDefinition } from '../../base/types/release.js';
import type { Ladder } from './ladder.js';

/** A release with its ladders, as a model has it. */
export interface Release extends ReleaseDefinition {
  /** Ladders of its columns by name; a column without one is not generalized. */
  readonly steps: ReadonlyMap<string, Ladder>;
  /** Of everything here that decides the rows. */
  readonly digest: string;
  /** The column of the landing date, within which classes are counted; null where it has none. */
  readonly date: string | null;
}
