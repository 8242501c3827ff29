import type { z } from 'zod';
import type { ColumnType, Leaf, TreatmentParams } from './definition.js';

/**
 * What the loader must know of a treatment to accept a landing column. `anonymize/treatments` provides one for each;
 * `pipeline.ts` hands the registry to the loader, so that the two folders do not know each other.
 */
export interface TreatmentSpec {
  readonly name: string;
  /** A strict object of the treatment's own parameters; its output is complete (defaults filled in). */
  readonly params: z.ZodObject;
  /** How many leaves `from` may name. */
  readonly inputs: { readonly min: number; readonly max: number };
  /** Its output tells nothing by which people differ: a blind column singles no one out. */
  readonly isBlind: boolean;
  /** Whether the value itself lands. What lands always, or perhaps, must be bounded or reviewed. */
  readonly keeps: 'always' | 'perhaps' | 'never';
  /** Equal values, and no others, become the same keyed pseudonym. */
  readonly isToken: boolean;
  /** Whether its output is one of a list, or too short or too regular to hold a value: nothing of a record can be in it. */
  readonly isClosed: (params: TreatmentParams, leaves: readonly Leaf[]) => boolean;
  /** Several values may become one, so that its output must not name a record. */
  readonly neverKey: boolean;
  /** The parameter that names further leaves; they follow those of `from` wherever leaves are given. */
  readonly leafParameter?: string;
  /** What its output depends on beside its parameters, such as a list that is shipped: part of policy and manifest. */
  readonly facts: (params: TreatmentParams) => TreatmentParams | undefined;
  /** Types of leaves that it takes in `from`. */
  readonly accepts: (type: ColumnType) => boolean;
  /** Type of the treated value. */
  readonly outputType: (leaves: readonly Leaf[], params: TreatmentParams) => ColumnType;
  /**
   * Null if the column may be landed as it is; else a reason, in words of the definition, why it needs
   * `reviewed` (`kind: 'review'`) or cannot be had at all (`kind: 'refuse'`).
   */
  readonly objection: (leaves: readonly Leaf[], params: TreatmentParams) => TreatmentObjection | null;
  /** What only an engine can judge, asked once the page is found right otherwise; null if all is well. */
  readonly examine: (
    leaves: readonly Leaf[],
    params: TreatmentParams,
    isReviewed: boolean,
  ) => Promise<ParameterObjection | null>;
}

export interface ParameterObjection {
  readonly parameter: string;
  readonly why: string;
}

export interface TreatmentObjection {
  readonly kind: 'review' | 'refuse';
  readonly why: string;
}
