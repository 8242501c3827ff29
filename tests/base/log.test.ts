import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile, LogTail } from '../../src/base/files/log-file.js';
import { createLog } from '../../src/base/terminal/log.js';

function capture(level: 'debug' | 'info' | 'warn' | 'error' | 'silent', takesReported = false) {
  const lines: unknown[] = [];
  const sink = { write: (text: string) => lines.push(JSON.parse(text)) };
  const target = { level, sink, form: 'json', takesReported } as const;
  return { lines, log: createLog([target], () => new Date('2026-11-20T13:00:00Z')) };
}

describe('the log', () => {
  it('writes one JSON line an event, with flat fields', () => {
    const { lines, log } = capture('info');
    log.info('page.retried', { page: 3, kind: 'reset', last: false });
    expect(lines).toEqual([
      {
        level: 'info',
        time: '2026-11-20T13:00:00.000Z',
        page: 3,
        kind: 'reset',
        last: false,
        event: 'page.retried',
      },
    ]);
  });

  it('refuses objects, errors among them, and scrubs texts', () => {
    const { lines, log } = capture('info');
    const record = { email: 'canary@example.org' } as never;
    log.warn('odd', { record, err: new Error('canary') as never, text: 'a\u001bb' });
    expect(lines).toMatchObject([{ record: '[rejected]', err: '[rejected]', text: 'a\uFFFDb' }]);
    expect(JSON.stringify(lines)).not.toContain('canary');
  });

  it.each([
    ['debug', 3],
    ['info', 2],
    ['warn', 1],
    ['error', 0],
    ['silent', 0],
  ] as const)('at level %s writes %i of debug, info, warn', (level, count) => {
    const { lines, log } = capture(level);
    log.debug('a');
    log.info('b');
    log.warn('c');
    expect(lines).toHaveLength(count);
  });
});

describe('the log of people', () => {
  function read(work: (log: ReturnType<typeof createLog>) => void): string {
    let text = '';
    const sink = { write: (line: string) => (text += line) };
    work(createLog([{ level: 'warn', sink, form: 'people', takesReported: false }], () => new Date(0)));
    return text;
  }

  it('has sentences instead of JSON, and each warning once', () => {
    const warn = (log: ReturnType<typeof createLog>): void => {
      log.warn('waiting_for_the_lake', { holder: 'run persons 2026-11-20' });
    };
    expect(
      read((log) => {
        warn(log);
        warn(log);
        log.warn('load_without_extension');
        log.info('page_retried');
      }),
    ).toBe(
      'Warning: waiting for the lake, which is locked by run persons 2026-11-20\nWarning: load without extension\n',
    );
  });

  it('does not have what the command prints, which the file has', () => {
    expect(
      read((log) => {
        log.reported('warn', 'check_failed', { check: 'a' });
      }),
    ).toBe('');
    const { log, lines } = capture('info', true);
    log.setRun('run-1');
    log.reported('warn', 'check_failed', { check: 'a' });
    log.setRun(null);
    log.info('later');
    expect(lines).toMatchObject([{ level: 'warn', run_id: 'run-1', check: 'a' }, { event: 'later' }]);
    expect(lines[1]).not.toHaveProperty('run_id');
  });
});

describe('the log file', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'log-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const failures: string[] = [];
  const openFile = (maxBytes?: number) =>
    new LogFile(join(dir, 'logs'), (_, kind) => void failures.push(kind), maxBytes);
  const readAll = (): string =>
    readdirSync(join(dir, 'logs'))
      .map((name) => readFileSync(join(dir, 'logs', name), 'utf8'))
      .join('');

  it('is put aside when it is full, and ten files are kept', () => {
    const file = openFile(20);
    for (let line = 0; line < 40; line++) file.write(`${String(line).padStart(14, '0')}\n`);
    const names = readdirSync(join(dir, 'logs'));
    expect(names.length).toBeLessThanOrEqual(10);
    expect(readFileSync(join(dir, 'logs', 'pipeline.log'), 'utf8')).toBe('00000000000039\n');
  });

  it('loses no line where two writers put it aside', () => {
    const writers = [openFile(60), openFile(60)];
    for (let line = 0; line < 20; line++) writers[line % 2]?.write(`${String(line).padStart(14, '0')}\n`);
    expect(readAll().split('\n').filter(Boolean).sort()).toEqual(
      Array.from({ length: 20 }, (_, line) => String(line).padStart(14, '0')),
    );
  });

  it('that cannot be written is reported once and stops nothing', () => {
    writeFileSync(join(dir, 'logs'), 'a file in its place');
    const file = openFile();
    file.write('a\n');
    file.write('b\n');
    expect(failures).toEqual(['ENOTDIR']);
  });

  it('in a folder that cannot be made is reported, below /proc as well', () => {
    for (const folder of [join(dir, 'absent', 'logs'), '/proc/absent']) {
      const found: string[] = [];
      new LogFile(folder, (_, kind) => void found.push(kind)).write('a\n');
      expect(found).toEqual(['ENOENT']);
    }
  });

  it('is followed over the file that is put aside, line by line', async () => {
    const file = openFile(30);
    file.write('before\n');
    const tail = await LogTail.open(join(dir, 'logs'));
    file.write('one\n');
    file.write('half');
    expect(await tail.read()).toEqual(['one']);
    file.write(' line\n');
    file.write('the next file begins here\n');
    expect(await tail.read()).toEqual(['half line', 'the next file begins here']);
    await tail.close();
  });

  it('is followed from its first line, if it is not there yet', async () => {
    const tail = await LogTail.open(join(dir, 'logs'));
    expect(await tail.read()).toEqual([]);
    openFile().write('first\n');
    expect(await tail.read()).toEqual(['first']);
    await tail.close();
  });
});
