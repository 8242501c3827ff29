import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config.js';
import { failure } from '../errors.js';
import { inspectMasterKey } from '../key.js';
import { nameSystemError } from '../system-error.js';
import type { Check, CheckResult } from './doctor.js';
import { judgeCoreLimit, judgeSwap } from './machine-facts.js';

/** What doctor looks at on this machine, in the order in which a new user meets it. */
export function listMachineChecks(config: Config): Check[] {
  return [
    {
      name: 'node',
      run: () => Promise.resolve(ok(`${process.version} on ${process.platform}-${process.arch}`)),
    },
    { name: 'project', run: () => Promise.resolve(ok(config.projectDir)) },
    { name: 'key', run: () => checkKey(config) },
    { name: 'lake', run: () => checkWritable(config.lakeDir) },
    { name: 'warehouse', run: () => checkWritable(dirname(config.databasePath)) },
    { name: 'exports', run: () => checkWritable(config.exportsDir) },
    { name: 'core files', run: async () => judgeCoreLimit(await readKernelFile('/proc/self/limits')) },
    { name: 'swap', run: checkSwap },
  ];
}

async function checkKey(config: Config): Promise<CheckResult> {
  const key = await inspectMasterKey(config);
  if (key !== null) return ok(`from ${key.origin}, id ${key.id}`);
  const { localKeyPath } = config.key;
  const isThere = await access(localKeyPath, constants.R_OK).then(
    () => true,
    () => false,
  );
  const local = isThere ? `the local one in ${localKeyPath}` : 'a local one, made at the first run,';
  return ok(`none is set; ${local} serves sources on this machine`);
}

/** A folder that is not there yet is fine if it can be made. */
async function checkWritable(folder: string): Promise<CheckResult> {
  try {
    const probe = await mkdtemp(join(folder, '.doctor-'));
    await rmdir(probe);
    return ok(folder);
  } catch (error) {
    const kind = nameSystemError(error);
    if (kind !== 'ENOENT') throw failure('E_DISK', { path: folder, kind });
  }
  await checkCreatable(folder, dirname(folder));
  return ok(`${folder} will be made`);
}

async function checkCreatable(folder: string, above: string): Promise<void> {
  try {
    await access(above, constants.W_OK | constants.X_OK);
  } catch (error) {
    const kind = nameSystemError(error);
    if (kind === 'ENOENT' && dirname(above) !== above) await checkCreatable(folder, dirname(above));
    else throw failure('E_DISK', { path: folder, kind });
  }
}

async function checkSwap(): Promise<CheckResult> {
  const swaps = await readKernelFile('/proc/swaps');
  return await judgeSwap(swaps, (device) => readKernelFile(`/sys/class/block/${device}/dm/uuid`));
}

/** '' where the kernel has no such file. */
async function readKernelFile(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}

function ok(detail: string): CheckResult {
  return { status: 'ok', detail };
}
