import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { start } from '../support/kill-harness.js';

const VALUE = 'kanarymail@example.org';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await makeSandbox();
});
afterAll(() => sandbox.remove());

async function forget(...words: string[]) {
  const args = ['forget', '--dataset', 'persons', '--by', 'email_token', ...words];
  const running = start(sandbox.program(args));
  running.child.stdin.end(`${VALUE}\n\n`);
  const ended = await running.ended;
  expect(ended.stdout + ended.stderr).not.toContain('kanarymail');
  return ended;
}

it('forget reads values from stdin, and erases nothing without a yes where it cannot ask', async () => {
  const unasked = await forget();
  expect(unasked).toMatchObject({ code: 2 });
  expect(unasked.stderr).toContain('add `--yes`');
  const erased = await forget('--yes', '--json');
  expect(erased).toMatchObject({ code: 0 });
  expect(JSON.parse(erased.stdout)).toMatchObject({ status: 'forgotten', values: 1, rows: 0 });
  expect(await sandbox.run(['receipts', 'verify'])).toMatchObject({ exit: 0 });
});

it('forget takes no value from the command line, and does not repeat it', async () => {
  const refused = await forget(VALUE, '--yes');
  expect(refused).toMatchObject({ code: 2 });
});
