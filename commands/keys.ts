import * as Args from '@oclif/core/args';
import { ROTATION_REASONS } from '../src/base/config/current-key.js';
import { failure } from '../src/base/errors.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

const ACTIONS = ['list', 'new', 'rotate', 'retire'] as const;

export default class Keys extends BaseCommand {
  static override summary = SUMMARIES.keys;
  static override args = {
    action: Args.string({
      description: 'list, new, rotate or retire; default: list.',
      options: [...ACTIONS],
      default: 'list',
    }),
    id: Args.string({ description: 'Id of the key, 1 to 16 of a-z and 0-9; not for list.' }),
  };
  static override flags = {
    reason: choiceFlag({
      summary: 'Why a key is rotated: schedule (default) or compromised.',
      name: 'reason',
      choices: ROTATION_REASONS,
      helpValue: ROTATION_REASONS.join('|'),
    }),
  };
  static override examples = [
    '<%= config.bin %> keys list',
    '<%= config.bin %> keys new k2027',
    '<%= config.bin %> keys rotate k2027 --reason schedule',
    '<%= config.bin %> keys retire k2026',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Keys);
    await this.act(flags, async (context) => {
      const { openPublished } = await import('../src/project.js');
      const { formatKeys, listKeys } = await import('../src/actions/keys/list-keys.js');
      const { createKey, formatKeyChange, retireKey, rotateKey } =
        await import('../src/actions/keys/change-keys.js');
      const action = ACTIONS.find((one) => one === args.action) ?? 'list';
      const project = await openPublished(context);
      if (action === 'list') {
        const report = await listKeys(project);
        return { document: report, format: (terminal) => formatKeys(report, terminal) };
      }
      const { id } = args;
      if (id === undefined)
        throw failure('E_USAGE', {
          what: 'the id of the key is missing',
          hint: `for example: \`pipeline keys ${action} k2\``,
        });
      if (!/^[a-z0-9]{1,16}$/.test(id))
        throw failure('E_USAGE', { what: 'invalid key id', hint: 'use 1 to 16 of a-z and 0-9' });
      const reason = ROTATION_REASONS.find((one) => one === flags.reason) ?? 'schedule';
      const document =
        action === 'new'
          ? await createKey(project, id)
          : action === 'rotate'
            ? await rotateKey(project, id, reason)
            : await retireKey(project, id);
      return { document, format: () => formatKeyChange(document) };
    });
  }
}
