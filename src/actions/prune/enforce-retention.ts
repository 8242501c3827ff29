import type { Definition } from '../../base/types/definition.js';
import type { Project } from '../../project.js';
import { removeOldExports } from '../forget/remove-copies.js';
import { firstKeptDate, isOld } from './plan-prune.js';
import { pruneLake } from './prune-lake.js';

/**
 * Prunes what is older than the `retention` of the datasets of a pipeline, with its exports; each prune is in the ledger and in
 * the log. Where nothing is too old, it reads the manifests at most.
 * @throws as `pruneLake`: where a checkpoint cannot keep the rows of a model, no partition is removed and the run does not start
 */
export async function enforceRetention(project: Project, { pipeline, datasets }: Definition): Promise<void> {
  const byDays = new Map<number, string[]>();
  for (const { name, retentionDays } of datasets.values())
    if (retentionDays !== null) byDays.set(retentionDays, [...(byDays.get(retentionDays) ?? []), name]);
  if (byDays.size === 0) return;
  const { lake, effects } = project;
  const manifests = await lake.list();
  for (const [olderThanDays, names] of byDays) {
    const before = firstKeptDate(effects.now(), olderThanDays);
    if (!manifests.some((manifest) => isOld(manifest, before, pipeline, names))) continue;
    const what = ['raw', 'quarantine'] as const;
    // First: once no partition is too old, no later run would look for them.
    const exports = await removeOldExports(project, pipeline, before);
    const { zones } = await pruneLake(project, {
      pipeline,
      datasets: names,
      olderThanDays,
      what,
      apply: true,
    });
    const rows = zones.reduce((sum, zone) => sum + (zone.zone === 'raw' ? zone.rows : 0), 0);
    const partitions = zones.reduce((sum, zone) => sum + (zone.zone === 'raw' ? zone.partitions : 0), 0);
    effects.log.info('retention', { pipeline, before, partitions, rows, exports: exports.length });
  }
}
