import { randomUUID } from 'node:crypto';
import { chmod, lstat, rename, rm } from 'node:fs/promises';
import { failure } from '../../base/errors.js';
import { orDiskError, writeNew } from '../../base/files/durable.js';

/**
 * Writes the text so that a collector reads the old or the new one, never a part. Any user may read the file: the
 * collector is one, and nothing in it is personal.
 * @throws E_DISK; E_USAGE for a name without `.prom`, and for what is not a regular file
 */
export async function writeTextfile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  await orDiskError(path, async () => {
    await assertTextfile(path);
    try {
      await writeNew(draft, text);
      await chmod(draft, 0o644);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  });
}

/** A collector reads `*.prom` only, so no other file is replaced; and no device or link of that name. */
async function assertTextfile(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (path.endsWith('.prom') && (found === null || found.isFile())) return;
  const what =
    found?.isFile() === false ? 'what is there is not a regular file' : 'the name does not end in .prom';
  throw failure('E_USAGE', { what, hint: 'name a file such as /var/lib/node_exporter/lakeveil.prom' });
}
