import { realpath } from 'node:fs/promises';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import type { ManifestColumn } from '../../base/types/manifest.js';
import type { Project } from '../../project.js';
import { shapesOfManifest } from '../verify/manifest-shapes.js';
import type { ProvenColumn } from './scan-tables.js';
import type { PatternRule } from './search.js';

/**
 * Columns of each landed file with their shapes, by its real path. A file whose manifest cannot be used, or has a treatment
 * that this version does not know, is not among them: no shape proves its columns.
 */
export async function listLandedFiles({
  lake,
}: Project): Promise<ReadonlyMap<string, readonly ProvenColumn[]>> {
  const files = new Map<string, readonly ProvenColumn[]>();
  const { manifests } = await lake.survey();
  for (const manifest of manifests) {
    const shaped = shapesOfManifest(manifest);
    if (typeof shaped === 'string') continue;
    const rules = new Map(manifest.columns.map((column) => [column.name, ruleOf(column)]));
    const columns = shaped.map((column) => ({ ...column, rule: rules.get(column.name) ?? 'suspect' }));
    for (const path of lake.filesOf(manifest)) files.set(await realpath(path).catch(() => path), columns);
  }
  return files;
}

/** A text that is kept without a bound may be anything: its shape proves nothing. */
function ruleOf({ treatment, type, params }: ManifestColumn): PatternRule {
  const known = TREATMENTS.get(treatment);
  if (known?.isToken === true) return 'token';
  const bounds: unknown = params['bound'];
  const isUnbounded = !Array.isArray(bounds) || bounds.includes(null);
  return known?.keeps === 'always' && isUnbounded && type.startsWith('VARCHAR') ? 'suspect' : 'proven';
}
