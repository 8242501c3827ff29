import { LakeveilError } from '../../base/errors.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Project } from '../../project.js';
import { readOps } from '../../warehouse/published/published-instance.js';

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

const SQL = `select dataset || ' ' || date::varchar || ' ' || coalesce(slot, '') as name, string_agg(sha256, ' ' order by file) as hashes
from ops.partitions
group by 1
order by 1`;

/** Null where there is no warehouse. @throws E_NOT_A_DATABASE, E_WAREHOUSE_OLD */
export async function readBuilt({ config }: Project): Promise<BuiltFiles | null> {
  try {
    const rows = await readOps(config.databasePath, SQL);
    return new Map(rows.map((row) => [String(row['name']), String(row['hashes'] ?? '')]));
  } catch (error) {
    if (error instanceof LakeveilError && error.code === 'E_NO_WAREHOUSE') return null;
    throw error;
  }
}
