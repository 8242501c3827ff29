import { LakeveilError } from '../../base/errors.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Project } from '../../project.js';
import { openWarehouse } from '../report/report-on.js';

/** Hashes of each partition's files when the tables were last built, in file order. */
export type BuiltFiles = ReadonlyMap<string, string>;

/** The key of a partition in `BuiltFiles`. */
export function namePartition({ dataset, date, slot }: PartitionName): string {
  return `${dataset} ${date} ${slot ?? ''}`;
}

/** Whether the tables were built from the current files of a partition. */
export function isInTables(
  manifest: PartitionName & Pick<Manifest, 'files'>,
  built: BuiltFiles | null,
): boolean {
  return built?.get(namePartition(manifest)) === manifest.files.map(({ sha256 }) => sha256).join(' ');
}

interface PartitionName {
  readonly dataset: string;
  readonly date: string;
  readonly slot: string | null;
}

const SQL = `select dataset || ' ' || date::varchar || ' ' || coalesce(slot, ''), string_agg(sha256, ' ' order by file)
from ops.partitions
group by 1
order by 1`;

/** Null where there is no warehouse. @throws E_NOT_A_DATABASE, E_MODEL if it is a database of another kind */
export async function readBuilt(project: Project): Promise<BuiltFiles | null> {
  const reader = await openWarehouse(project, null).catch((error: unknown) => {
    if (error instanceof LakeveilError && error.code === 'E_NO_WAREHOUSE') return null;
    throw error;
  });
  if (reader === null) return null;
  try {
    const origin = { kind: 'table', table: 'ops.partitions' } as const;
    const { batches } = await reader.select({ sql: SQL, date: null, origin });
    const built = new Map<string, string>();
    for await (const batch of batches) {
      for (const [name, hashes] of batch) built.set(String(name), String(hashes ?? ''));
    }
    return built;
  } finally {
    reader.close();
  }
}
