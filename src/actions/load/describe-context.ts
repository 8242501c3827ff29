import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Lock, removeLeftLinks, removeLockFile, takeLock } from '../../lake/lock.js';
import { readLakeId, TARGETS_FOLDER } from '../../load/loaded-file.js';
import type { TargetContext } from '../../load/target.js';
import type { Project } from '../../project.js';
import { findExtension } from './find-extension.js';

/** What the target of a load gets of the project. */
export async function describeContext(
  { config, effects, lake }: Project,
  target: Pick<TargetContext, 'name' | 'written'>,
): Promise<TargetContext> {
  const extension = await findExtension(config);
  return {
    ...target,
    lakeId: () => readLakeId(config.lakeDir),
    projectDir: config.projectDir,
    forbidden: [
      { place: 'the lake', dir: lake.root },
      { place: 'the warehouse folder', dir: dirname(config.databasePath) },
      { place: 'sql/', dir: config.sqlDir },
      { place: 'pipelines/', dir: config.pipelinesDir },
    ],
    passFile:
      config.variables.get('PGPASSFILE') ?? join(config.variables.get('HOME') ?? homedir(), '.pgpass'),
    findExtension: () => extension,
    warn: (event, fields) => {
      effects.log.warn(event, fields);
    },
    takeLock: async (path) => {
      const lock = await takeLoadLock(effects, path, target.name);
      await removeLeftLinks(path);
      return { release: () => removeLockFile(path, lock) };
    },
    sleep: (ms) => effects.sleep(ms, effects.signal),
  };
}

/** For one load into a target of this lake at a time. */
export function lockTarget({ lake, effects }: Project, target: string): Promise<Lock> {
  return takeLoadLock(effects, join(lake.root, TARGETS_FOLDER, `${target}.lock.duckdb`), target);
}

const PATIENCE_MS = 60_000;

function takeLoadLock(effects: Project['effects'], path: string, target: string): Promise<Lock> {
  return takeLock(path, `load into ${target}`, {
    patienceMs: PATIENCE_MS,
    sleep: (ms) => effects.sleep(ms, effects.signal),
    onWait: (holder) => {
      effects.log.warn('waiting_for_the_target', { holder });
    },
  });
}
