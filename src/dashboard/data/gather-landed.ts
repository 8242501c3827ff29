import { describePartition, type LakeFacts, type PartitionStatus } from '../../actions/status/read-status.js';
import { compilePolicy } from '../../anonymize/compile-policy.js';
import type { Project } from '../../project.js';

/** A landed partition with the facts that views show: counts, names and ids. */
export interface LandedRow extends PartitionStatus {
  readonly dataset: string;
  readonly runId: string;
  readonly columns: number;
  readonly keyId: string | null;
  readonly adopted: boolean;
}

/** All landed partitions by pipeline, in date order; files that cannot be used are left out. Pure. */
export function gatherLanded(
  project: Project,
  { survey: { manifests }, built }: LakeFacts,
): ReadonlyMap<string, readonly LandedRow[]> {
  const landed = new Map<string, LandedRow[]>();
  for (const { pipeline, datasets } of project.definitions.values()) {
    const policies = new Map(
      [...datasets.values()].map((each) => [each.name, compilePolicy(each, 'key').sha256]),
    );
    const rows = manifests.flatMap((manifest) => {
      const policy = policies.get(manifest.dataset);
      if (policy === undefined) return [];
      const { dataset, run_id: runId, columns, key_id: keyId, adopted } = manifest;
      const status = describePartition(manifest, built, policy);
      return [{ ...status, dataset, runId, columns: columns.length, keyId, adopted }];
    });
    landed.set(pipeline, rows);
  }
  return landed;
}

/** The dates for which a pipeline has landed data, oldest first. */
export function listLandedDates(rows: readonly LandedRow[]): string[] {
  return [...new Set(rows.map(({ date }) => date))].sort();
}
