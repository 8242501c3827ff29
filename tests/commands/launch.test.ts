import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCaptured } from './capture-output.js';

let project = '';
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'lakeveil-launch-'));
  mkdirSync(join(project, 'pipelines'));
});
afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

describe('a command line that is not understood', () => {
  it.each([
    ['an unknown command', ['nosuch'], 'unknown command `nosuch`', 'choose one of: '],
    ['a word that can be no command', ['a@b.example'], 'unknown command', 'doctor'],
    ['a flag before the command', ['--quiet', 'doctor'], 'the command must come before its flags', 'doctor'],
    ['an unknown command with --help', ['nosuch', '--help'], 'unknown command `nosuch`', 'doctor'],
    ['help on an unknown command', ['help', 'nosuch'], 'unknown command `nosuch`', 'doctor'],
    ['an unknown flag', ['doctor', '--nosuch'], 'unknown flag --nosuch', '--json, --project, --quiet'],
    ['too many arguments', ['doctor', 'canary'], 'too many arguments for `doctor`', '--json'],
    ['a flag without its value', ['doctor', '--project'], '--project requires a value', '--json'],
    [
      'a flag given twice',
      ['doctor', '--project', 'a', '--project', 'b'],
      '--project is specified more than once',
      '--json',
    ],
    [
      'a project without pipelines',
      ['doctor', '--project', '/nowhere/canary'],
      'no `pipelines` folder',
      'sql/',
    ],
  ])(
    '%s: exit 2, what is accepted, on stderr; with --json one document on stdout',
    async (_, argv, what, hint) => {
      const plain = await runCaptured(argv);
      expect(plain).toMatchObject({ exit: 2, stdout: '' });
      expect(plain.stderr).toContain(what);
      expect(plain.stderr).toContain(hint);
      expect(plain.stderr).toContain('Nothing was started.');

      const json = await runCaptured([...argv, '--json']);
      const document: unknown = JSON.parse(json.stdout);
      expect({ exit: json.exit, stderr: json.stderr }).toEqual({ exit: 2, stderr: '' });
      expect(document).toMatchObject({ error: { code: 'E_USAGE', exit: 2 } });
      expect(plain.stderr + json.stdout).not.toMatch(/canary|a@b/);
    },
  );

  it('does not show what was typed for a value', async () => {
    const { stderr } = await runCaptured(['doctor', '--tokne=canary']);
    expect(stderr).toContain('unknown flag --tokne');
    expect(stderr).not.toContain('canary');
  });

  it('takes --json after -- for an argument', async () => {
    const { stdout, stderr } = await runCaptured(['doctor', '--', '--json']);
    expect(stdout).toBe('');
    expect(stderr).toContain('E_USAGE');
  });
});

it('--version names package, version, platform and Node', async () => {
  const { exit, stdout } = await runCaptured(['--version']);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^lakeveil\/\d+\.\d+\.\d+ \S+ node-v\d+\.\d+\.\d+\n$/);
});

describe('doctor', () => {
  it('prints a line a check for a person', async () => {
    const { exit, stdout } = await runCaptured(['doctor', '--project', project]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ok {4}lake +\S+data_lake will be created$/m);
    expect(stdout).toContain(process.version);
  });

  it('prints one document for a program, and nothing on stderr with --quiet', async () => {
    const { exit, stdout, stderr } = await runCaptured(['doctor', '--json', '--quiet', '--project', project]);
    const document: unknown = JSON.parse(stdout);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(document).toHaveProperty('checks');
    expect(stdout.endsWith('\n')).toBe(true);
  });

  it('gives the exit code of what is amiss, after the whole list', async () => {
    process.env['DATA_LAKE_DIR'] = '/dev/null/lake';
    try {
      const json = await runCaptured(['doctor', '--json', '--project', project]);
      const document: unknown = JSON.parse(json.stdout);
      expect(json.exit).toBe(6);
      expect(document).toMatchObject({ status: 'fail', error: { code: 'E_DISK', exit: 6 } });
      expect(document).toHaveProperty('checks.7');
      const plain = await runCaptured(['doctor', '--project', project]);
      expect(plain.exit).toBe(6);
      expect(plain.stdout).toMatch(/^fail {2}lake/m);
      expect(plain.stderr).toContain('E_DISK');
    } finally {
      delete process.env['DATA_LAKE_DIR'];
    }
  });
});
