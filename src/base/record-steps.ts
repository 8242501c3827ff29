import type { DatasetDefinition, Leaf } from './types/definition.js';

/** Numbers of this leaf reach the contract as texts, so that no digit is lost; with `x-as-text`, booleans too. */
export function readsAsText({ schema }: Pick<Leaf, 'schema'>): boolean {
  return schema['x-as-text'] === true;
}

/** The way to a leaf in a record; null stands for every value of an object. Lists on the way are gone through. */
export type RecordSteps = readonly (string | null)[];

/** Where a leaf of a dataset's rows stands in the record that the rows are made of. */
export function findInRecord(
  { segments }: Pick<Leaf, 'segments'>,
  explode: DatasetDefinition['explode'],
): RecordSteps {
  if (explode === null) return segments;
  const place = explode.as === null ? explode.segments : [explode.as];
  if (!place.every((name, depth) => name === segments[depth])) return segments;
  const below = segments.slice(place.length);
  return explode.isMap ? [...explode.segments, null, ...below.slice(1)] : [...explode.segments, ...below];
}
