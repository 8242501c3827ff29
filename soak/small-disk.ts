import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A small file system that can be filled without affecting the machine. */
export interface SmallDisk {
  /** Leaves the given number of bytes free until the returned function is called. */
  readonly fill: (leaveBytes: number) => Promise<() => Promise<void>>;
  readonly unmount: () => void;
}

const SIZE = '512m';

/** Mounts a tmpfs at `folder`; null without permission, which requires root. */
export async function mountSmallDisk(folder: string): Promise<SmallDisk | null> {
  await mkdir(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return {
    fill: async (leaveBytes) => {
      const { bavail, bsize } = await statfs(folder);
      const filler = join(folder, 'filler');
      await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
      return () => rm(filler);
    },
    unmount: () => {
      // Lazy, because DuckDB can release a file a moment after it was closed.
      execFileSync('umount', ['-l', folder]);
    },
  };
}
