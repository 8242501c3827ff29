import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeySettings, type KeySource, loadConfig } from '../../src/base/config/config.js';
import { listMachineChecks } from '../../src/actions/doctor/machine-checks.js';
import { inspectMasterKey, loadMasterKey } from '../../src/base/config/key.js';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lakeveil-key-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function settings(source: KeySource | null, more: Partial<KeySettings> = {}): { key: KeySettings } {
  return {
    key: {
      id: null,
      sources: source === null ? [] : [source],
      allowLocal: false,
      commandInDotEnv: false,
      openDotEnv: null,
      localKeyPath: join(folder, 'config', 'lakeveil', 'local.key'),
      lakeDir: join(folder, 'data_lake'),
      commandEnvironment: { PATH: process.env['PATH'] ?? '' },
      projectDir: folder,
      ...more,
    },
  };
}

const remote = { loopbackOnly: false };
const value = (text: string): KeySource => ({ kind: 'value', origin: 'TOKEN_KEY', text });
const file = (text: string): KeySource => ({ kind: 'file', origin: 'TOKEN_KEY_FILE', text });
const command = (...parts: unknown[]): KeySource => ({
  kind: 'command',
  origin: 'TOKEN_KEY_COMMAND',
  text: JSON.stringify(parts),
});
const node = (script: string): KeySource => command(process.execPath, '-e', script);

describe('TOKEN_KEY', () => {
  it('is base64 of 32 bytes or more', async () => {
    const key = await loadMasterKey(settings(value(KEY)), remote);
    expect(key).toEqual({ id: 'k1', bytes: Buffer.from(KEY, 'base64'), origin: 'TOKEN_KEY' });
  });

  it('bears the id that is set', async () => {
    expect((await loadMasterKey(settings(value(KEY), { id: 'y2026' }), remote)).id).toBe('y2026');
  });

  it.each([
    ['too short', KEY.slice(0, 40)],
    ['not base64', `${KEY.slice(0, 42)}!=`],
    ['a pass phrase', 'correct horse battery staple and then some more words'],
    ['of few distinct bytes', Buffer.alloc(32, 'abc').toString('base64')],
    ['with a line in front', `\n${KEY}`],
    ['hex of the wrong alphabet', '-'.repeat(43)],
  ])('is refused if it is %s, and is not shown', async (_, text) => {
    const failed = loadMasterKey(settings(value(text)), remote);
    await expect(failed).rejects.toMatchObject({ code: 'E_KEY_INVALID', exit: 2 });
    await expect(failed).rejects.not.toThrow(text.trim());
  });

  it.each(['', 'UPPER', 'with_line', 'a'.repeat(17)])(
    'has an id of 1 to 16 of a-z and 0-9, not %j',
    async (id) => {
      const failed = loadMasterKey(settings(value(KEY), { id }), remote);
      await expect(failed).rejects.toMatchObject({ code: 'E_ENV_INVALID' });
    },
  );

  it('may not be set beside another source of a key', async () => {
    const failed = loadMasterKey(settings(null, { sources: [value(KEY), file('x')] }), remote);
    await expect(failed).rejects.toMatchObject({ code: 'E_KEY_INVALID' });
  });
});

describe('TOKEN_KEY_FILE', () => {
  it('is read relative to the project, with a line break at its end', async () => {
    writeFileSync(join(folder, 'key'), `${KEY}\n`, { mode: 0o600 });
    expect((await loadMasterKey(settings(file('key')), remote)).bytes.toString('base64')).toBe(KEY);
  });

  it.each([0o644, 0o640, 0o604, 0o622])('is refused with mode %o', async (mode) => {
    writeFileSync(join(folder, 'key'), KEY);
    chmodSync(join(folder, 'key'), mode);
    await expect(loadMasterKey(settings(file('key')), remote)).rejects.toThrow('chmod 600');
  });

  it.each([
    ['is missing', 'missing', 'ENOENT'],
    ['is a folder', '.', 'regular file'],
    ['is no key', 'large', 'larger than 4096 bytes'],
  ])('is refused if it %s', async (_, name, why) => {
    writeFileSync(join(folder, 'large'), 'A'.repeat(5000), { mode: 0o600 });
    await expect(loadMasterKey(settings(file(name)), remote)).rejects.toThrow(why);
  });
});

describe('TOKEN_KEY_COMMAND', () => {
  it('gives the key on stdout, run without a shell and with its own environment', async () => {
    const script = `if (process.env.TOKEN_KEY_ID || process.argv[1] !== '$HOME; true') process.exit(9); console.log('${KEY}')`;
    const source = command(process.execPath, '-e', script, '$HOME; true');
    expect((await loadMasterKey(settings(source), remote)).bytes.toString('base64')).toBe(KEY);
  });

  it.each([
    ['a text', '"echo x"'],
    ['no JSON', 'echo x'],
    ['an empty array', '[]'],
    ['an array with a number', '["echo", 1]'],
    ['an object', '{"0":"echo"}'],
  ])('is refused if it is %s', async (_, text) => {
    const source: KeySource = { kind: 'command', origin: 'TOKEN_KEY_COMMAND', text };
    await expect(loadMasterKey(settings(source), remote)).rejects.toThrow('JSON array');
  });

  it.each([
    ['fails', `console.log('${KEY}'); console.error('canary'); process.exit(3)`, 'exit code 3'],
    ['prints too much', `console.log('canary'.repeat(1000))`, 'more than 4096 bytes'],
  ])('is refused if it %s, without what it said', async (_, script, why) => {
    const failed = loadMasterKey(settings(node(script)), remote);
    await expect(failed).rejects.toThrow(why);
    await expect(failed).rejects.not.toThrow('canary');
  });

  it('is refused if it cannot be started', async () => {
    await expect(loadMasterKey(settings(command('/nowhere/program')), remote)).rejects.toThrow('ENOENT');
  });

  it('is refused in .env', async () => {
    const failed = loadMasterKey(settings(null, { commandInDotEnv: true }), { loopbackOnly: true });
    await expect(failed).rejects.toThrow('never from .env');
  });
});

describe('the local key', () => {
  const loopback = { loopbackOnly: true };
  const path = () => join(folder, 'config', 'lakeveil', 'local.key');

  it('is made once, private, with id local', async () => {
    const first = await loadMasterKey(settings(null), loopback);
    const second = await loadMasterKey(settings(null), loopback);
    expect(first).toMatchObject({ id: 'local', origin: 'the local key' });
    expect(second.bytes.equals(first.bytes)).toBe(true);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'config', 'lakeveil')).mode & 0o777).toBe(0o700);
  });

  it('is the same for all who make it at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadMasterKey(settings(null), loopback)));
    expect(new Set(keys.map(({ bytes }) => bytes.toString('hex'))).size).toBe(1);
    expect(readFileSync(path(), 'utf8').trim()).toBe(keys[0]?.bytes.toString('base64'));
  });

  it('is not for sources elsewhere, unless that was allowed', async () => {
    await expect(loadMasterKey(settings(null), remote)).rejects.toMatchObject({
      code: 'E_KEY_MISSING',
      exit: 2,
    });
    expect(existsSync(path())).toBe(false);
    expect((await loadMasterKey(settings(null, { allowLocal: true }), remote)).id).toBe('local');
  });

  it('is not made by looking', async () => {
    expect(await inspectMasterKey(settings(null))).toBeNull();
    expect(existsSync(path())).toBe(false);
  });

  it('is refused if it is a link, or readable by others', async () => {
    await loadMasterKey(settings(null), loopback);
    chmodSync(path(), 0o644);
    await expect(loadMasterKey(settings(null), loopback)).rejects.toThrow('chmod 600');
    writeFileSync(join(folder, 'mine'), KEY, { mode: 0o600 });
    rmSync(path());
    symlinkSync(join(folder, 'mine'), path());
    await expect(loadMasterKey(settings(null), loopback)).rejects.toThrow('ELOOP');
  });

  it('says where it cannot be made', async () => {
    writeFileSync(join(folder, 'config'), '');
    await expect(loadMasterKey(settings(null), loopback)).rejects.toMatchObject({ exit: 6, code: 'E_DISK' });
  });
});

describe('a key in .env', () => {
  const load = (environment: Record<string, string> = {}, mode = 0o644) => {
    mkdirSync(join(folder, 'pipelines'), { recursive: true });
    writeFileSync(join(folder, '.env'), `TOKEN_KEY=${KEY}\n`);
    chmodSync(join(folder, '.env'), mode);
    return loadConfig({ project: folder, environment: { HOME: folder, ...environment } });
  };

  it.each([0o644, 0o666, 0o640, 0o602])(
    'is not used if others can read or write the file (%o)',
    async (mode) => {
      const open = `chmod 600 ${join(folder, '.env')}`;
      await expect(loadMasterKey(load({}, mode), remote)).rejects.toThrow(open);
      const check = listMachineChecks(load({}, mode)).find(({ name }) => name === 'key');
      await expect(check?.run()).rejects.toThrow(open);
    },
  );

  it('is used if only its owner can, and does not matter beside one in the environment', async () => {
    expect((await loadMasterKey(load({}, 0o600), remote)).origin).toBe('TOKEN_KEY');
    const other = Buffer.from(KEY, 'base64').reverse().toString('base64');
    expect((await loadMasterKey(load({ TOKEN_KEY: other }), remote)).bytes[0]).toBe(31 * 7);
  });
});
