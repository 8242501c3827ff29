import { describe, expect, test } from 'vitest';
import { PageQueue } from '../../src/anonymize/page-queue.js';

interface Facts {
  readonly segment?: number;
  readonly length?: number;
}

/** A queue, and what became of its pages. */
function openQueue() {
  const events: string[] = [];
  let due = (): void => undefined;
  const isDue = new Promise<void>((resolve) => {
    due = resolve;
  });
  const queue = new PageQueue(due);
  const push = (index: number, { segment = 0, length = 10 }: Facts = {}): void => {
    queue.push({
      index,
      segment,
      text: 'x'.repeat(length),
      done: () => events.push(`done ${index}`),
      failed: () => events.push(`failed ${index}`),
    });
  };
  return { queue, push, events, isDue };
}

const indexesOf = (batch: readonly { readonly index: number }[] | null) => batch?.map(({ index }) => index);

describe('a statement', () => {
  test('takes eight pages as soon as they are there', () => {
    const { queue, push } = openQueue();
    for (let index = 0; index < 7; index++) push(index);
    expect(queue.take()).toBeNull();
    for (let index = 7; index < 10; index++) push(index);
    expect(indexesOf(queue.take())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(queue.take()).toBeNull();
    queue.close(null);
  });

  test('does not wait for more than a moment: a slow source brings one page at a time', async () => {
    const { queue, push, isDue } = openQueue();
    push(0);
    expect(queue.take()).toBeNull();
    await isDue;
    expect(indexesOf(queue.take())).toEqual([0]);
  });

  test('takes pages of one segment, wherever they wait', () => {
    const { queue, push } = openQueue();
    for (let index = 0; index < 16; index++) push(index, { segment: index % 2 });
    expect(indexesOf(queue.take())).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(indexesOf(queue.take())).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
  });

  test('takes no more text than the memory of the room is made for, but always a page', () => {
    const { queue, push } = openQueue();
    for (let index = 0; index < 3; index++) push(index, { length: 3_000_000 });
    push(3, { length: 9_000_000 });
    expect(indexesOf(queue.take())).toEqual([0]);
    expect(indexesOf(queue.take())).toEqual([1]);
    queue.hurry();
    expect(indexesOf(queue.take())).toEqual([2]);
    expect(indexesOf(queue.take())).toEqual([3]);
  });
});

describe('who brings pages', () => {
  test.each([
    ['pages', 16, 10],
    ['text', 4, 8_000_000],
  ])('waits while too many %s are there', async (_, count, length) => {
    const { queue, push, events } = openQueue();
    for (let index = 0; index < count; index++) {
      await queue.hasPlace();
      push(index, { length });
    }
    const waiting = queue.hasPlace().then(() => events.push('place'));
    await Promise.resolve();
    expect(events).toEqual([]);
    queue.hurry();
    queue.take();
    await waiting;
    expect(events).toEqual(['place']);
  });

  test('learns that a page has failed, while waiting and afterwards', async () => {
    const { queue, push, events } = openQueue();
    for (let index = 0; index < 16; index++) push(index);
    const waiting = queue.hasPlace();
    queue.fail(queue.take() ?? [], new Error('first'));
    queue.fail([], new Error('second'));
    await expect(waiting).rejects.toThrow('first');
    await expect(queue.hasPlace()).rejects.toThrow('first');
    expect(events).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => `failed ${index}`));
    queue.close(new Error('closed'));
    expect(events).toHaveLength(16);
  });
});
