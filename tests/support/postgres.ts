import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where Debian keeps the programs of each version. */
const PLACE = '/usr/lib/postgresql';

/** A PostgreSQL server of a test, on a free port of 127.0.0.1, with its own data folder. */
export interface Postgres {
  readonly port: number;
  /** With user and password; the database `postgres` is there. */
  url(database: string): string;
  readonly password: string;
  readonly dataDir: string;
  /** The server's log, with every statement. */
  readonly logFile: string;
  /** A folder that the server can write to, such as for a tablespace. */
  readonly folder: string;
  /** Ends the server at once, as a machine that goes down does. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of the newest installed server's programs; null where there is none. Where everything must be tried, that is a failure. */
export function findPostgres(): string | null {
  const versions = existsSync(PLACE)
    ? readdirSync(PLACE)
        .map(Number)
        .sort((a, b) => b - a)
    : [];
  const found = versions
    .map((version) => join(PLACE, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  if (found !== undefined) return found;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('PostgreSQL is not installed');
  console.log('skipped: loading into PostgreSQL, since it is not installed');
  return null;
}

/** @throws if PostgreSQL is not installed: ask `findPostgres` first */
export async function startPostgres(): Promise<Postgres> {
  const bin = findPostgres();
  if (bin === null) throw new Error('PostgreSQL is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'lakeveil-postgres-'));
  const paths = { dataDir: join(folder, 'data'), logFile: join(folder, 'server.log') };
  const password = randomBytes(12).toString('hex');
  await prepareFolder(folder, paths.logFile, password);
  const user = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`];
  const kind = ['--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(...asServer(join(bin, 'initdb'), ['-D', paths.dataDir, ...user, ...kind]));
  await rm(join(folder, 'password'));
  const port = await findFreePort();
  const begin = (): Promise<ChildProcess> => launch(bin, folder, paths, port);
  let server = await begin();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(server, 'exit');
    if (server.exitCode !== null || server.signalCode !== null) return;
    await signalServer(paths.dataDir, signal);
    await ended;
  };
  return {
    ...paths,
    port,
    password,
    folder,
    url: (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    kill: () => end('SIGQUIT'),
    restart: async () => {
      server = await begin();
    },
    stop: async () => {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function prepareFolder(folder: string, logFile: string, password: string): Promise<void> {
  await chmod(folder, 0o711);
  await writeFile(join(folder, 'password'), password, { mode: 0o644 });
  await mkdir(join(folder, 'sockets'), { mode: 0o777 });
  await writeFile(logFile, '', { mode: 0o666 });
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await findServerUser();
  for (const path of [folder, join(folder, 'password'), join(folder, 'sockets'), logFile])
    await chown(path, uid, gid);
}

/** The server refuses to run as root. */
async function findServerUser(): Promise<{ uid: number; gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('postgres:'));
  const [, , uid, gid] = (line ?? '').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

function asServer(program: string, args: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ['runuser', ['-u', 'postgres', '--', program, ...args]]
    : [program, [...args]];
}

async function launch(
  bin: string,
  folder: string,
  { dataDir, logFile }: { readonly dataDir: string; readonly logFile: string },
  port: number,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: join(folder, 'sockets'),
    log_statement: 'all',
    log_min_duration_statement: 0,
    log_line_prefix: '%m [%p] ',
    full_page_writes: 'on',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]);
  const log = await open(logFile, 'a');
  try {
    const [program, args] = asServer(join(bin, 'postgres'), ['-D', dataDir, ...flags]);
    const server = spawn(program, args, { cwd: folder, stdio: ['ignore', log.fd, log.fd] });
    await waitUntilReady(bin, port, server, logFile);
    return server;
  } finally {
    await log.close();
  }
}

async function waitUntilReady(
  bin: string,
  port: number,
  server: ChildProcess,
  logFile: string,
): Promise<void> {
  for (;;) {
    if (server.exitCode !== null)
      throw new Error(`PostgreSQL did not start: ${await readFile(logFile, 'utf8')}`);
    const isReady = await run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await sleep(50);
  }
}

/** By the process id in its data folder: `runuser` stands between. */
async function signalServer(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  const pid = Number((await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, signal);
  while (await stat(join('/proc', String(pid))).then(() => true, () => false)) await sleep(20); // prettier-ignore
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
