import { readSmallFile } from '../../base/files/small-file.js';
import { failure, systemCode } from '../../base/errors.js';
import type { TargetContext } from '../target.js';
import type { PostgresAddress } from './postgres-url.js';

/**
 * The password of an address in a password file, the first line that matches; null for none. As in libpq, lines are
 * `host:port:database:user:password`, where `*` matches anything and a backslash goes before `:` and `\` (PostgreSQL manual, 34.16).
 * @throws what the file system refuses, except that there is no such file
 */
export async function findPassword(
  path: string,
  { host, port, database, user }: PostgresAddress,
): Promise<string | null> {
  const found = await readSmallFile(path, { followLinks: true, maxBytes: 1_000_000 });
  if (found.kind !== 'text') return null;
  const wanted = [host.startsWith('/') ? 'localhost' : host, String(port), database, user];
  for (const line of found.text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = (line.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).map((field) => field.replace(/:$/, ''));
    const texts = fields.map((field) => field.replaceAll(/\\(.)/g, '$1'));
    const password = texts[4];
    const isMatch = wanted.every((text, place) => fields[place] === '*' || texts[place] === text);
    if (isMatch && password !== undefined) return password;
  }
  return null;
}

/** @throws E_DISK_READ for a password file that cannot be read */
export async function withPassword(
  address: PostgresAddress,
  { passFile }: TargetContext,
): Promise<PostgresAddress> {
  if (address.password !== null) return address;
  const password = await findPassword(passFile, address).catch((error: unknown) => {
    throw failure('E_DISK_READ', { path: passFile, kind: systemCode(error) });
  });
  return { ...address, password };
}
