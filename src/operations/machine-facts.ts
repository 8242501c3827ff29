import type { CheckResult } from './doctor.js';

/**
 * Reads the soft limit of core files off `/proc/self/limits`: a core file would hold the records in memory.
 * @param limits text of the file, or '' where there is none
 */
export function judgeCoreLimit(limits: string): CheckResult {
  const soft = /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return { status: 'warn', detail: 'the limit of core files cannot be read here' };
  if (soft === '0') return { status: 'ok', detail: 'none are written' };
  return {
    status: 'warn',
    detail:
      'a crash may write the memory of the process to a file: run `ulimit -c 0` first, or set LimitCORE=0',
  };
}

/**
 * Whether memory can be swapped to a disk that is not encrypted.
 * @param swaps text of `/proc/swaps`: a head line, then one line a swap space
 * @param readMapperId gives the device mapper's id of a block device (`CRYPT-…` if encrypted), '' if it has none
 */
export async function judgeSwap(
  swaps: string,
  readMapperId: (device: string) => Promise<string>,
): Promise<CheckResult> {
  if (swaps === '') return { status: 'warn', detail: 'the swap spaces cannot be read here' };
  const paths = swaps.split('\n').slice(1).flatMap(listPath);
  const open: string[] = [];
  for (const path of paths) if (!(await isSafe(path, readMapperId))) open.push(path);
  if (open.length > 0) {
    return {
      status: 'warn',
      detail: `${open.join(', ')} may keep raw values: encrypt it, or set MemorySwapMax=0`,
    };
  }
  return { status: 'ok', detail: paths.length === 0 ? 'none' : 'encrypted, or in memory' };
}

function listPath(line: string): string[] {
  const [path = ''] = line.split(/\s+/, 1);
  return path === '' ? [] : [path];
}

/** zram is compressed memory, no disk. */
async function isSafe(path: string, readMapperId: (device: string) => Promise<string>): Promise<boolean> {
  const device = /^\/dev\/([\w-]+)$/.exec(path)?.[1];
  if (device === undefined) return false;
  return device.startsWith('zram') || (await readMapperId(device)).startsWith('CRYPT-');
}
