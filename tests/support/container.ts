import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Ended, start } from './kill-harness.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const TOOLS = ['/usr/bin/buildah', '/usr/bin/podman', '/usr/sbin/debootstrap', '/usr/sbin/runc'];
const BASE = 'docker.io/library/node:20-bookworm-slim';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** The image of the Dockerfile, in a storage of its own. */
export interface Image {
  /** Runs `podman run …`, as in production but for what this kernel lacks. */
  readonly run: (options: readonly string[], args: readonly string[]) => Promise<Ended>;
  readonly podman: (args: readonly string[]) => Promise<Ended>;
  readonly remove: () => Promise<void>;
}

/** Whether images can be built here. Where everything must be tried, that they cannot is a failure. */
export function canBuildImages(): boolean {
  const missing = TOOLS.filter((path) => !existsSync(path));
  const why = process.getuid?.() === 0 ? missing.join(', ') : 'root';
  if (why === '') return true;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error(`an image cannot be built without ${why}`);
  console.log(`skipped: the image, since it cannot be built without ${why}`);
  return false;
}

/**
 * Builds the Dockerfile's last stage. The base image is Debian by `debootstrap` with the Node that runs the tests, under the
 * name of the official one.
 */
export async function buildImage(): Promise<Image> {
  const folder = await mkdtemp(join(tmpdir(), 'lakeveil-image-'));
  const storage = [
    '--root',
    join(folder, 'storage'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'vfs',
  ];
  const podman = (args: readonly string[]): Promise<Ended> =>
    start({ command: '/usr/bin/podman', args: [...storage, '--runtime', 'runc', ...args], env: ENVIRONMENT })
      .ended;
  await importBase(join(folder, 'base'), storage);
  const context = join(folder, 'context');
  await run('git', ['clone', '--quiet', ROOT, context]);
  const kind = ['--isolation', 'chroot', '--pull=never', '--layers=false', '--format', 'docker'];
  const built = await start({
    command: '/usr/bin/buildah',
    args: [...storage, 'bud', ...kind, '--target', 'runtime', '-t', 'lakeveil', context],
    env: ENVIRONMENT,
  }).ended;
  if (built.code !== 0) throw new Error(`the image was not built: ${built.stdout}${built.stderr}`);
  await rm(join(folder, 'base'), { recursive: true });
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
  const safe = ['--network', 'host', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'];
  return {
    podman,
    run: (options, args) => podman(['run', ...limits, ...safe, ...options, 'localhost/lakeveil', ...args]),
    remove: async () => {
      await podman(['rm', '--all', '--force', '--time', '0']);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' };

async function importBase(base: string, storage: readonly string[]): Promise<void> {
  await run('debootstrap', ['--variant=minbase', 'bookworm', base], { maxBuffer: 100_000_000 });
  await copyFile(process.execPath, join(base, 'usr/local/bin/node'));
  const npm = dirname(dirname(realpathSync((await run('which', ['npm'])).stdout.trim())));
  await cp(npm, join(base, 'usr/local/lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(base, 'usr/local/bin/npm'));
  const changes = ['ENV PATH=/usr/local/bin:/usr/bin:/bin'];
  // Of the machine's network, where it has its own.
  if (process.env['NODE_EXTRA_CA_CERTS'] !== undefined) {
    await mkdir(join(base, dirname(CERTIFICATES)), { recursive: true });
    await copyFile(process.env['NODE_EXTRA_CA_CERTS'], join(base, CERTIFICATES));
    changes.push(`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`);
  }
  const archive = `${base}.tar`;
  await run('tar', ['-C', base, '-cf', archive, '.']);
  const flags = changes.flatMap((change) => ['--change', change]);
  await run('podman', [...storage, 'import', ...flags, archive, BASE]);
  await rm(archive);
}
