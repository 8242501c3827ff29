import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { shapeOf } from '../../anonymize/compile-policy.js';
import { duckdbDialect } from '../../anonymize/dialect.js';
import type { Treatment } from '../../anonymize/treatment.js';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import { type Bound, elementTypeOf, type Leaf, type TreatmentParams } from '../../base/types/definition.js';
import type { Manifest, ManifestColumn } from '../../base/types/manifest.js';
import type { LandedColumn } from '../../lake/landing-plan.js';

/** The parameter that a manifest adds to those of a treatment. */
const BOUND = 'bound';

/** The bounds of a kept column in the manifest, one per leaf; null if the column was reviewed instead. */
const kept = z.object({
  [BOUND]: z
    .array(
      z
        .discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('enum'),
            values: z.array(z.union([z.string(), z.number(), z.boolean()])),
          }),
          z.strictObject({
            kind: z.literal('format'),
            format: z.enum(['date', 'time', 'date-time', 'duration', 'uuid']),
          }),
          z.strictObject({
            kind: z.literal('pattern'),
            pattern: z.string(),
            maxLength: z.int().nullable(),
          }),
          z.strictObject({ kind: z.literal('range'), minimum: z.number(), maximum: z.number() }),
        ])
        .nullable(),
    )
    .min(1),
});

/**
 * The shape of every column according to its own manifest, so that a date under an old policy is checked against that
 * policy. Pure.
 * @returns a message if this version does not know a treatment
 */
export function shapesOfManifest({ columns }: Manifest): readonly LandedColumn[] | string {
  const shaped = columns.map(shapeColumn);
  const unknown = shaped.findIndex((column) => column === null);
  if (unknown >= 0)
    return `this version does not know the treatment of column ${columns[unknown]?.name ?? ''}`;
  return shaped.filter((column) => column !== null);
}

function shapeColumn(column: ManifestColumn): LandedColumn | null {
  const treatment = TREATMENTS.get(column.treatment);
  const bounds = readBounds(column);
  if (treatment === undefined || bounds === null) return null;
  const params = readParams(treatment, column.params);
  if (params === null) return null;
  const { name, type, class: pii, reviewed } = column;
  const landing = {
    name,
    type,
    each: type.endsWith('[]'),
    class: pii,
    reviewed,
    part: column.part ?? null,
    rawOnly: false,
    treatment: treatment.name,
    params,
    from: bounds.map((bound) => leafOf(column, bound)),
  };
  const shape = shapeOf(treatment, duckdbDialect, landing);
  return { name, type, treatment: treatment.name, shape };
}

/** The treatment's own parameters; null if they or its other facts differ from those of this version. */
function readParams(treatment: Treatment, given: TreatmentParams): TreatmentParams | null {
  const { shape } = treatment.params;
  const [own, others] = [true, false].map((isOwn) =>
    Object.entries(given).filter(([name]) => name !== BOUND && Object.hasOwn(shape, name) === isOwn),
  );
  const params = treatment.params.safeParse(Object.fromEntries(own ?? []));
  if (!params.success) return null;
  const facts = treatment.facts(params.data) ?? {};
  return isDeepStrictEqual(facts, Object.fromEntries(others ?? [])) ? params.data : null;
}

/** Empty for a column whose treatment changes its values. */
function readBounds({ treatment, params }: ManifestColumn): readonly (Bound | null)[] | null {
  if (TREATMENTS.get(treatment)?.keeps !== 'always') return [];
  const read = kept.safeParse(params);
  return read.success ? read.data.bound : null;
}

/** The facts of a leaf that a shape needs. A reviewed leaf has no bound and no length limit. */
function leafOf({ name, type, class: pii }: ManifestColumn, bound: Bound | null): Leaf {
  return {
    path: name,
    segments: [name],
    class: pii,
    type: elementTypeOf(type),
    bound,
    required: false,
    onInvalid: 'reject',
    many: null,
    schema: { maxLength: Number.MAX_SAFE_INTEGER },
  };
}
