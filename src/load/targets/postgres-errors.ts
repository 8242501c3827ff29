import { failure, LakeveilError, systemCode, type Where } from '../../base/errors.js';
import { triggerFailure } from '../target.js';

/** Where a statement failed: the target, and the table as `silver.users` or what else it was about. */
export interface PostgresPlace {
  readonly target: string;
  readonly table: string;
  readonly lockTimeoutMs: number;
}

const WHERE: Where = { stage: 'load' };

/**
 * What PostgreSQL or the connection threw, as an error of the catalogue. Of the server's answer only SQLSTATE, column and
 * constraint are used: its message, detail and hint quote values (PostgreSQL manual, appendix A and 55.8).
 */
export function toTargetFailure(error: unknown, place: PostgresPlace): LakeveilError {
  if (error instanceof LakeveilError) return error;
  const state = readState(error);
  if (state === null) return connectionFailure(error, place);
  return stateFailure(state, place) ?? rowFailure(state, error, place) ?? tableFailure(state, place);
}

/** SQLSTATE; null for an error of the connection. */
export function readState(error: unknown): string | null {
  const code = readField(error, 'code');
  return code !== null && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** A name that the server gives with an error; null for none, or for one that is no plain name. */
function readField(error: unknown, name: 'code' | 'column' | 'constraint'): string | null {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' && /^[A-Za-z0-9_]{1,63}$/.test(value) ? value : null;
}

const TRY_AGAIN = 'run the command again: it continues with what is not loaded yet';
const CHECK_SERVER = 'check that the database is running and reachable, then run the command again';

/** TLS errors of Node, which a later try does not change. */
const TLS = /CERT|SSL|TLS|SELF_SIGNED|ISSUER|ALTNAME/;

function connectionFailure(error: unknown, { target }: PostgresPlace): LakeveilError {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && TLS.test(code) && /^[A-Z0-9_]{1,60}$/.test(code)) {
    const fix = 'give the certificate of its authority in `sslrootcert` of the URL, or correct the host name';
    return failure('E_TARGET_LOGIN', { target, kind: code, fix }, WHERE);
  }
  const found = systemCode(error);
  const kind = found === 'unknown' ? 'connection lost' : found;
  return failure('E_TARGET_DOWN', { target, kind, fix: CHECK_SERVER }, WHERE);
}

/** Remedies of what the server says of itself and of the login, by SQLSTATE or by its class. */
function stateFailure(kind: string, { target, table, lockTimeoutMs }: PostgresPlace): LakeveilError | null {
  const login = (fix: string) => failure('E_TARGET_LOGIN', { target, kind, fix }, WHERE);
  const full = (what: string, fix: string) => failure('E_TARGET_FULL', { target, kind: what, fix }, WHERE);
  switch (kind) {
    case '28P01':
    case '28000':
      return login(
        'correct user and password in the URL or in ~/.pgpass, and check pg_hba.conf of the server',
      );
    case '3D000':
      return login('create the database, or correct its name in the URL');
    case '42501':
      return login('grant the user CREATE on the database, and ownership of the tables that it loads');
    case '55P03':
      return failure('E_TARGET_BUSY', { target, table, seconds: lockTimeoutMs / 1000 }, WHERE);
    case '53100':
      return full('disk space', 'free disk space on the server of the database, then run the command again');
    case '53200':
      return full('memory', 'free memory on the server of the database, then run the command again');
    case '25006':
      return login('connect to the primary server: this one accepts no changes');
  }
  const isLost = /^(?:08|57P|53|40)/.test(kind);
  const isEnded = kind.startsWith('57P') || kind === '57014';
  if (isEnded) return failure('E_TARGET_DOWN', { target, kind: `ended, ${kind}`, fix: TRY_AGAIN }, WHERE);
  return isLost ? failure('E_TARGET_DOWN', { target, kind, fix: TRY_AGAIN }, WHERE) : null;
}

/** Integrity constraints (class 23), data (class 22), and limits such as that of an index row (class 54). */
function rowFailure(kind: string, error: unknown, { target, table }: PostgresPlace): LakeveilError | null {
  if (!/^(?:2[23]|54)/.test(kind)) return null;
  const column = readField(error, 'column');
  const constraint = readField(error, 'constraint');
  const what = constraint !== null ? `constraint ${constraint}` : column !== null ? `column ${column}` : kind;
  const fix = kind.startsWith('54')
    ? 'shorten the values in the model, or drop the index of the table that they are too long for'
    : constraint !== null
      ? `drop ${what} of the table, or correct the rows in the warehouse`
      : 'compare the columns of the table with those of the warehouse';
  return failure('E_TARGET_ROWS', { target, table, kind: `${what}, ${kind}`, fix }, WHERE);
}

/** A table, column or type that is not what it was (class 42), and what is left. */
function tableFailure(kind: string, { target, table }: PostgresPlace): LakeveilError {
  if (kind.startsWith('P0')) return triggerFailure({ target, table, problem: `raises an error (${kind})` });
  if (!kind.startsWith('42') && kind !== '2BP01' && kind !== '0A000')
    return failure('E_TARGET', { target, kind }, WHERE);
  const problem = `was changed by hand (${kind})`;
  const fix = 'rename the table, then run the command again: it is created and loaded again';
  return failure('E_TARGET_TABLE', { target, table, problem, fix }, WHERE);
}
