import { homedir } from 'node:os';
import { loadEngine } from '../../base/duckdb.js';
import type { Config } from '../../base/config/config.js';
import { findPostgresExtension } from '../../load/targets/postgres-extension.js';

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'osx', win32: 'windows' };
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** DuckDB's `postgres` extension for this version and machine; null if it is not installed. */
export async function findExtension({ variables }: Pick<Config, 'variables'>): Promise<string | null> {
  const { version } = await loadEngine();
  const platform = `${SYSTEMS[process.platform] ?? process.platform}_${MACHINES[process.arch] ?? process.arch}`;
  const dir = variables.get('DUCKDB_EXTENSION_DIR') ?? null;
  const homeDir = variables.get('HOME') ?? homedir();
  return findPostgresExtension({ dir, homeDir }, { version: version(), platform });
}
