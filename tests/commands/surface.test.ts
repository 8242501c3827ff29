import { expect, it } from 'vitest';
import { COMMANDS } from '../../commands/index.js';

it('the command surface is as checked in: ids, arguments and flags', async () => {
  const lines = Object.entries(COMMANDS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, command]) => {
      const args = Object.keys(command.args).map((name) => `[${name}]`);
      const flags = Object.keys({ ...command.baseFlags, ...command.flags }).sort();
      return [id, ...args, ...flags.map((flag) => `--${flag}`)].join(' ');
    });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./surface.txt');
});
