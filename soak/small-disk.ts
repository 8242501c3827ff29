import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A disk of its own that can be filled without harm to the machine. */
export interface SmallDisk {
  /** Leaves so many bytes, until the function that it gives is called. */
  readonly fill: (leaveBytes: number) => Promise<() => Promise<void>>;
  readonly unmount: () => void;
}

const SIZE = '512m';

/** Mounts a tmpfs at `folder`; null where that is not allowed, which only root is. */
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
      // Lazy, since DuckDB may let go of a file a moment after it was closed.
      execFileSync('umount', ['-l', folder]);
    },
  };
}
