import { describe, expect, it } from 'vitest';
import { createRunId, isRunId, readRunStart } from '../../src/ledger/run-id.js';

describe('a run id', () => {
  it('is the UUIDv7 of RFC 9562, appendix A.6', () => {
    const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
    expect(createRunId(new Date('2022-02-22T19:22:22.000Z'), random)).toBe(
      '017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
    );
  });

  it('holds the start, and sorts by it', () => {
    const starts = ['1999-12-31T23:59:59.999Z', '2026-11-20T00:00:00.000Z', '2026-11-20T00:00:00.001Z'];
    const ids = starts.map((start) => createRunId(new Date(start)));
    expect(ids.map((id) => readRunStart(id).toISOString())).toEqual(starts);
    expect([...ids].sort()).toEqual(ids);
  });

  it('differs from the next one of the same millisecond', () => {
    const now = new Date('2026-11-20T00:00:00Z');
    expect(createRunId(now)).not.toBe(createRunId(now));
  });

  it.each(['', '..', '017f22e2-79b0-4cc3-98c4-dc0c0c07398f', '017F22E2-79B0-7CC3-98C4-DC0C0C07398F'])(
    'is not %j',
    (text) => {
      expect(isRunId(text)).toBe(false);
    },
  );
});
