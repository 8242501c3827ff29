import { normalizePath } from '../../base/json-values.js';
import { DELETED } from '../../base/names.js';
import type { LandingColumn } from '../../base/types/definition.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { addUnknownLeaf, type Bench, completeColumn } from './complete-landing.js';

/** The column that `deleted_path` lands; null if the dataset has none, or if it is invalid. */
export function completeDeleted(form: DatasetForm, at: Path, bench: Bench): LandingColumn | null {
  if (form.deleted_path === undefined) return null;
  const place = [...at, 'deleted_path'];
  const path = normalizePath(form.deleted_path);
  const leaf = bench.leaves.get(path);
  if (leaf === undefined) {
    addUnknownLeaf(form.deleted_path, place, bench.leaves, bench.problems);
    return null;
  }
  if (leaf.many !== null) {
    const fix = 'name one flag or date of the record';
    bench.problems.add(place, `${path} has several values in a record`, fix);
    return null;
  }
  // What the column tells is what the path is named for, so that it needs no further reason.
  const reviewed = 'it says only whether the record is deleted';
  return completeColumn(DELETED, { from: path, treat: 'flag', raw_only: false, reviewed }, place, bench);
}
