import { isIP } from 'node:net';
import type { ClientConfig } from 'pg';
import { failure } from '../../base/errors.js';
import type { TargetContext } from '../target.js';
import { readSmallFileSync, textOf } from '../../base/files/small-file.js';

/** How the server is reached and trusted. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null for none in the URL. */
  readonly password: string | null;
  readonly database: string;
  readonly sslMode: SslMode;
  /** Absolute path of the certificates to trust; null for those of Node. */
  readonly sslRootCert: string | null;
}

/** Those that encrypt or say that they do not; `prefer` and `allow` would leave it to the server. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const FORM = 'postgres://USER@HOST:PORT/DATABASE';

/**
 * Reads the URL of a target. Beyond this machine the server's certificate and name are checked unless the URL says otherwise.
 * @param field path in `targets.yaml`, for errors, which never hold the URL
 * @throws E_DEFINITION
 */
export function readAddress(text: string, field: string): PostgresAddress {
  const refuse = (problem: string, fix: string) =>
    failure('E_DEFINITION', { problem, fix }, { file: 'targets.yaml', field });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw refuse('`url` is not a URL of PostgreSQL', `write ${FORM}, or a variable that holds it`);
  const [host, user, password, database] = [url.hostname, url.username, url.password, url.pathname.slice(1)]
    .map(decode); // prettier-ignore
  if (host === undefined || host === '' || user === undefined || user === '' || !database)
    throw refuse('`url` must name a user, a host and a database', `write ${FORM}`);
  const known = ['sslmode', 'sslrootcert'];
  const other = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (other !== undefined || url.hash !== '')
    throw refuse('`url` has a parameter that is not supported', `use only ${known.join(' and ')}`);
  const isLocal = isLoopback(host);
  const wanted = url.searchParams.get('sslmode') ?? (isLocal ? 'disable' : 'verify-full');
  const sslMode = SSL_MODES.find((mode) => mode === wanted);
  if (sslMode === undefined)
    throw refuse('`sslmode` of the URL is not supported', `use one of ${SSL_MODES.join(', ')}`);
  const port = url.port === '' ? 5432 : Number(url.port);
  const sslRootCert = url.searchParams.get('sslrootcert');
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    user,
    database,
    sslMode,
    sslRootCert,
    password: password === undefined || password === '' ? null : password,
  };
}

/** As it stands in the file: variables as U+0000, and their defaults as they are. */
function hasWrittenPassword(written: string): boolean {
  const text = written.replaceAll(
    /\$\{[A-Z_][A-Z0-9_]*(?::-([^}]*))?\}/g,
    (_, other?: string) => other ?? '\0',
  );
  const [, authority = ''] = /^(?:[^/?#]*\/\/)?([^/?#]*)/.exec(text) ?? [];
  const user = authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
  return user.includes(':') && user.slice(user.indexOf(':') + 1).replaceAll('\0', '') !== '';
}

/** A password is never written into the file, which is checked in. @throws E_DEFINITION */
export function readTargetAddress(url: string, { name, written }: TargetContext): PostgresAddress {
  const field = `targets.${name}.url`;
  const address = readAddress(url, field);
  if (!hasWrittenPassword(written('url'))) return address;
  const problem = 'the URL holds a password that is written in the file';
  const fix = 'write `url: "${NAME}"` and set that variable, or put the password into ~/.pgpass';
  throw failure('E_DEFINITION', { problem, fix }, { file: 'targets.yaml', field });
}

/** An empty text for one that is not well-formed. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** A socket of this machine counts as one. */
function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' ||
    bare === '::1' ||
    bare.startsWith('/') ||
    (isIP(bare) === 4 && bare.startsWith('127.'))
  );
}

/**
 * @param onMissing called if the server asks for a password and there is none; throws what to report
 * @throws E_DISK_READ for certificates that cannot be read
 */
export function clientConfig(address: PostgresAddress, onMissing: () => never): ClientConfig {
  const { host, port, user, password, database } = address;
  return {
    host,
    port,
    user,
    database,
    ssl: readSsl(address),
    password: password ?? onMissing,
    application_name: 'lakeveil',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  };
}

function readSsl({ sslMode, sslRootCert }: PostgresAddress): ClientConfig['ssl'] {
  if (sslMode === 'disable') return false;
  const ca = sslRootCert === null ? {} : { ca: readCertificates(sslRootCert) };
  switch (sslMode) {
    case 'require':
      return { ...ca, rejectUnauthorized: false };
    case 'verify-ca':
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...ca, rejectUnauthorized: true };
  }
}

function readCertificates(path: string): string {
  return textOf(readSmallFileSync(path), path);
}

/** The same for libpq, which DuckDB's extension uses (PostgreSQL manual, 34.1.1.1). */
export function connectionText(address: PostgresAddress): string {
  const { host, port, user, password, database, sslMode, sslRootCert } = address;
  const facts: readonly (readonly [string, string | null])[] = [
    ['host', host],
    ['port', String(port)],
    ['user', user],
    ['password', password],
    ['dbname', database],
    ['sslmode', sslMode],
    ['sslrootcert', sslRootCert ?? (sslMode.startsWith('verify') ? 'system' : null)],
    ['application_name', 'lakeveil'],
    ['connect_timeout', '15'],
  ];
  return facts
    .flatMap(([name, value]) => (value === null ? [] : [`${name}='${value.replaceAll(/['\\]/g, '\\$&')}'`]))
    .join(' ');
}
