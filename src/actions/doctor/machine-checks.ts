import { constants } from 'node:fs';
import { access, mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasChannel, readAlertSettings } from '../../alert/alert-settings.js';
import { readCoreLimit, readKernelFile } from '../../base/core-files.js';
import type { Config } from '../../base/config/config.js';
import { inspectMasterKey } from '../../base/config/key.js';
import { failure, systemCode } from '../../base/errors.js';
import { findExtension } from '../load/find-extension.js';
import type { DoctorCheck, DoctorResult } from './doctor.js';

/** Checks of this machine, in the order in which a new user meets problems. */
export function listMachineChecks(config: Config): DoctorCheck[] {
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
    { name: 'load', run: () => checkExtension(config) },
    { name: 'lineage', run: () => checkLineage(config) },
    { name: 'alerts', run: () => Promise.resolve().then(() => checkAlerts(config)) },
    {
      name: 'core files',
      run: () =>
        Promise.resolve(
          evaluateCoreFiles(
            readKernelFile('/proc/self/limits'),
            readKernelFile('/proc/sys/kernel/core_pattern'),
          ),
        ),
    },
    { name: 'swap', run: checkSwap },
  ];
}

async function checkKey(config: Config): Promise<DoctorResult> {
  const key = await inspectMasterKey(config);
  if (key !== null) return ok(`from ${key.origin}, id ${key.id}`);
  const { localKeyPath } = config.key;
  const isThere = await access(localKeyPath, constants.R_OK).then(
    () => true,
    () => false,
  );
  const local = isThere ? `the local key in ${localKeyPath}` : 'a local key, created by the first run,';
  return ok(`not set; ${local} is used for sources on this machine`);
}

/** How tables get into PostgreSQL. */
async function checkExtension(config: Config): Promise<DoctorResult> {
  const extension = await findExtension(config);
  return ok(
    extension === null
      ? 'into PostgreSQL by COPY: DuckDB’s postgres extension is not installed'
      : `into PostgreSQL by DuckDB’s postgres extension, ${extension}`,
  );
}

/** Where events of OpenLineage go. */
async function checkLineage({ lineage }: Config): Promise<DoctorResult> {
  if (lineage === null) return ok('off: neither OPENLINEAGE_URL nor LINEAGE_FILE is set');
  const { endpoint, file, apiKey } = lineage;
  if (file !== null) await checkWritable(dirname(file));
  const key = apiKey === null ? '' : ', with OPENLINEAGE_API_KEY';
  const places = [...(file === null ? [] : [file]), ...(endpoint === null ? [] : [`${endpoint.href}${key}`])];
  return ok(`events to ${places.join(' and ')}`);
}

/** Which channels are set, without their URLs: a wrong variable would keep alerts back silently. @throws E_ENV_INVALID */
export function checkAlerts({ variables }: Pick<Config, 'variables'>): DoctorResult {
  const settings = readAlertSettings(variables);
  if (!hasChannel(settings)) return ok('off: neither ALERT_WEBHOOK_URL nor ALERT_SMTP_URL is set');
  const { webhook, email, kinds } = settings;
  const channels = [...(webhook === null ? [] : ['webhook']), ...(email === null ? [] : ['email'])];
  return ok(`${[...kinds].join(', ')} by ${channels.join(' and ')}`);
}

/** A missing folder passes if it can be created. */
async function checkWritable(folder: string): Promise<DoctorResult> {
  try {
    const probe = await mkdtemp(join(folder, '.doctor-'));
    await rmdir(probe);
    return ok(folder);
  } catch (error) {
    const kind = systemCode(error);
    if (kind !== 'ENOENT') throw failure('E_DISK', { path: folder, kind });
  }
  await checkCreatable(folder, dirname(folder));
  return ok(`${folder} will be created`);
}

async function checkCreatable(folder: string, above: string): Promise<void> {
  try {
    await access(above, constants.W_OK | constants.X_OK);
  } catch (error) {
    const kind = systemCode(error);
    if (kind === 'ENOENT' && dirname(above) !== above) await checkCreatable(folder, dirname(above));
    else throw failure('E_DISK', { path: folder, kind });
  }
}

async function checkSwap(): Promise<DoctorResult> {
  const swaps = readKernelFile('/proc/swaps');
  return await evaluateSwap(swaps, (device) =>
    Promise.resolve(readKernelFile(`/sys/class/block/${device}/dm/uuid`)),
  );
}

function ok(detail: string): DoctorResult {
  return { status: 'ok', detail };
}

/**
 * What a crash would do with the memory of the process, which holds records. Commands that read a source lower the limit
 * themselves; a handler that the kernel pipes core files to may keep them whatever the limit is.
 * @param limits text of `/proc/self/limits`, or '' if there is none
 * @param pattern text of `/proc/sys/kernel/core_pattern`, or ''
 */
export function evaluateCoreFiles(limits: string, pattern: string): DoctorResult {
  const soft = readCoreLimit(limits);
  if (soft === null) return { status: 'warn', detail: 'cannot read the core file limit on this system' };
  const target = pattern.trim();
  if (target.startsWith('|')) {
    const [handler = ''] = target.slice(1).trim().split(/\s+/, 1);
    const detail = `a crash hands process memory to ${handler}, whatever the limit is: disable it for this user`;
    return { status: 'warn', detail };
  }
  if (soft === '0') return { status: 'ok', detail: 'disabled' };
  const detail = `a crash may write process memory to \`${target}\`: run \`ulimit -c 0\`, or set LimitCORE=0; commands that read a source do so themselves`;
  return { status: 'warn', detail };
}

/**
 * Checks whether memory can be swapped to an unencrypted disk.
 * @param swaps text of `/proc/swaps`: a header line, then one line per swap space
 * @param readMapperId returns the device mapper id of a block device (`CRYPT-…` if encrypted), '' if it has none
 */
export async function evaluateSwap(
  swaps: string,
  readMapperId: (device: string) => Promise<string>,
): Promise<DoctorResult> {
  if (swaps === '') return { status: 'warn', detail: 'cannot read the swap spaces on this system' };
  const paths = swaps.split('\n').slice(1).flatMap(listPath);
  const open: string[] = [];
  for (const path of paths) if (!(await isSafe(path, readMapperId))) open.push(path);
  if (open.length > 0) {
    return {
      status: 'warn',
      detail: `${open.join(', ')} may store raw values: encrypt it, or set MemorySwapMax=0`,
    };
  }
  return { status: 'ok', detail: paths.length === 0 ? 'none' : 'encrypted or in memory' };
}

function listPath(line: string): string[] {
  const [path = ''] = line.split(/\s+/, 1);
  return path === '' ? [] : [path];
}

/** zram is compressed memory, not a disk. */
async function isSafe(path: string, readMapperId: (device: string) => Promise<string>): Promise<boolean> {
  const device = /^\/dev\/([\w-]+)$/.exec(path)?.[1];
  if (device === undefined) return false;
  return device.startsWith('zram') || (await readMapperId(device)).startsWith('CRYPT-');
}
