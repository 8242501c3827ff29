import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failure } from '../errors.js';
import { listFolder } from '../files/durable.js';
import type { KeySettings, KeySource } from './config.js';
import { readCurrentKey } from './current-key.js';
import { VARIABLES } from './variables.js';
import { keyFailure, loadLocalKey, MAX_TEXT_BYTES, OPEN_FILE, readKeyFile } from './key-file.js';

/** The secret key of all tokens. */
export interface MasterKey {
  /** `[a-z0-9]{1,16}`; the prefix of every token. */
  readonly id: string;
  /** At least 32 octets. */
  readonly bytes: Buffer;
  /** The variable that it came from, or `the local key`. */
  readonly origin: string;
}

const KEY_TEXT = /^[A-Za-z0-9+/]{43,}={0,2}$/;
const KEY_ID = /^[a-z0-9]{1,16}$/;
const LOCAL_KEY_ID = 'local';
const LOCAL_ORIGIN = 'the local key';
const MIN_BYTES = 32;
const MIN_DISTINCT_BYTES = 16;
const COMMAND_TIMEOUT_MS = 10_000;

/**
 * The token key from the environment, else a local key, created once in the user's configuration folder, for
 * sources on this machine only (or anywhere with ALLOW_LOCAL_KEY=1).
 * @throws E_KEY_MISSING, E_KEY_INVALID, E_ENV_INVALID (TOKEN_KEY_ID), E_DISK (the local key cannot be created)
 */
export async function loadMasterKey(
  config: { readonly key: KeySettings },
  source: { readonly loopbackOnly: boolean },
): Promise<MasterKey> {
  const named = await inspectMasterKey(config);
  if (named !== null) return named;
  if (!source.loopbackOnly && !config.key.allowLocal) throw failure('E_KEY_MISSING', {});
  const text = await loadLocalKey(config.key.localKeyPath);
  return { id: LOCAL_KEY_ID, bytes: decodeKey(text, LOCAL_ORIGIN), origin: LOCAL_ORIGIN };
}

/**
 * The key from the environment, else the one that `keys rotate` made the current one of the lake; or null. Creates no key.
 * @throws E_KEY_INVALID, E_ENV_INVALID (TOKEN_KEY_ID); E_KEY_INVALID too where the current key is not at hand
 */
export async function inspectMasterKey(config: { readonly key: KeySettings }): Promise<MasterKey | null> {
  const settings = config.key;
  const named = pickSource(settings);
  if (named === null) return findCurrentKey(config);
  const id = checkId(settings.id ?? VARIABLES.TOKEN_KEY_ID.default);
  const text = await readSource(named, settings);
  return { id, bytes: decodeKey(text, named.origin), origin: named.origin };
}

async function findCurrentKey(config: { readonly key: KeySettings }): Promise<MasterKey | null> {
  const current = await readCurrentKey(config.key.lakeDir);
  if (current === null) return null;
  const key = await findFormerKey(config, current.key_id);
  if (key !== null) return key;
  throw keyFailure(keyPath(config, current.key_id), 'the lake names this key, and the file is missing');
}

/** Where a key of an id is kept, beside the local key. */
export function keyPath({ key }: { readonly key: KeySettings }, id: string): string {
  return join(dirname(key.localKeyPath), 'keys', `${checkId(id)}.key`);
}

/** Ids of the keys that are kept, and of the local key. */
export async function listKeptKeys(config: { readonly key: KeySettings }): Promise<string[]> {
  const { localKeyPath } = config.key;
  const names = await listFolder(join(dirname(localKeyPath), 'keys'));
  const kept = names.flatMap((name) => /^([a-z0-9]{1,16})\.key$/.exec(name)?.[1] ?? []);
  return existsSync(localKeyPath) ? [...kept, LOCAL_KEY_ID] : kept;
}

/**
 * The key that masks now, as `loadMasterKey` finds it. Creates no key.
 * @throws E_KEY_MISSING and as `inspectMasterKey`
 */
export async function findMasterKey(config: { readonly key: KeySettings }): Promise<MasterKey> {
  const named = await inspectMasterKey(config);
  if (named !== null) return named;
  if (!existsSync(config.key.localKeyPath)) throw failure('E_KEY_MISSING', {});
  return loadMasterKey(config, { loopbackOnly: true });
}

/**
 * A key that is kept: the local one, or that of the file `keys/<id>.key` beside it. Null if there is none.
 * @throws E_KEY_INVALID for a file that other users can read
 */
export async function findFormerKey(
  config: { readonly key: KeySettings },
  id: string,
): Promise<MasterKey | null> {
  const { localKeyPath } = config.key;
  if (!KEY_ID.test(id)) return null;
  const path = id === LOCAL_KEY_ID ? localKeyPath : keyPath(config, id);
  if (!existsSync(path)) return null;
  const origin = id === LOCAL_KEY_ID ? LOCAL_ORIGIN : path;
  return { id, bytes: decodeKey(await readKeyFile(path, origin), origin), origin };
}

function pickSource(settings: KeySettings): KeySource | null {
  const [first, second] = settings.sources;
  if (settings.commandInDotEnv) {
    throw keyFailure('.env', 'TOKEN_KEY_COMMAND is read only from the environment, never from .env');
  }
  if (first?.kind === 'value' && settings.openDotEnv !== null) {
    throw keyFailure(first.origin, `${OPEN_FILE}: \`chmod 600 ${settings.openDotEnv}\``);
  }
  if (first !== undefined && second !== undefined) {
    throw keyFailure(first.origin, `${second.origin} is also set; set only one`);
  }
  return first ?? null;
}

function readSource(source: KeySource, settings: KeySettings): Promise<string> | string {
  switch (source.kind) {
    case 'value':
      return source.text;
    case 'file':
      return readKeyFile(resolve(settings.projectDir, source.text), source.origin);
    case 'command':
      return runKeyCommand(source, settings);
    default:
      return source.kind satisfies never;
  }
}

/** Runs the command without a shell. Its stderr is discarded because it may contain the key. */
async function runKeyCommand(source: KeySource, settings: KeySettings): Promise<string> {
  const [program, ...args] = parseCommand(source);
  return await new Promise((fulfil, reject) => {
    const child = execFile(
      program,
      args,
      {
        cwd: settings.projectDir,
        env: { ...settings.commandEnvironment },
        timeout: COMMAND_TIMEOUT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_TEXT_BYTES,
        encoding: 'latin1',
        shell: false,
      },
      (error, stdout) => {
        if (error === null) fulfil(stdout);
        else reject(keyFailure(source.origin, describeCommandFailure(error)));
      },
    );
    child.stdin?.on('error', () => undefined).end();
  });
}

function parseCommand(source: KeySource): [string, ...string[]] {
  const wants = 'it must be a JSON array of strings, such as ["pass", "show", "lakeveil"]';
  let command: unknown;
  try {
    command = JSON.parse(source.text);
  } catch {
    throw keyFailure(source.origin, wants);
  }
  if (!Array.isArray(command)) throw keyFailure(source.origin, wants);
  const [program, ...args] = command.map((part: unknown) => {
    if (typeof part !== 'string' || part.includes('\0')) throw keyFailure(source.origin, wants);
    return part;
  });
  if (program === undefined || program === '') throw keyFailure(source.origin, wants);
  return [program, ...args];
}

function describeCommandFailure(error: { killed?: boolean; code?: unknown; signal?: unknown }): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return `the command printed more than ${MAX_TEXT_BYTES} bytes`;
  }
  if (error.killed === true) return `the command took longer than ${COMMAND_TIMEOUT_MS / 1000} s`;
  if (typeof error.code === 'number') return `the command ended with exit code ${error.code}`;
  return typeof error.code === 'string'
    ? `the command cannot be started (${error.code})`
    : 'the command was killed';
}

function decodeKey(text: string, origin: string): Buffer {
  const trimmed = text.replace(/\r?\n$/, '');
  if (!KEY_TEXT.test(trimmed)) throw keyFailure(origin, 'it is not base64 of 32 bytes or more');
  const bytes = Buffer.from(trimmed, 'base64');
  if (bytes.length < MIN_BYTES) throw keyFailure(origin, `it has fewer than ${MIN_BYTES} bytes`);
  if (new Set(bytes).size < MIN_DISTINCT_BYTES) {
    throw keyFailure(origin, `it has fewer than ${MIN_DISTINCT_BYTES} distinct bytes`);
  }
  return bytes;
}

function checkId(id: string): string {
  if (!KEY_ID.test(id))
    throw failure('E_ENV_INVALID', { name: 'TOKEN_KEY_ID', wants: '1 to 16 of a-z and 0-9' });
  return id;
}
