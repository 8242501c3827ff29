import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/base/terminal/log.js';

function capture(level: 'debug' | 'info' | 'warn' | 'error' | 'silent') {
  const lines: unknown[] = [];
  const sink = { write: (text: string) => lines.push(JSON.parse(text)) };
  return { lines, log: createLog(level, sink, () => new Date('2026-11-20T13:00:00Z')) };
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
