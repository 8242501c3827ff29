import * as Flags from '@oclif/core/flags';
import { PRUNE_ZONES } from '../src/actions/prune/plan-prune.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag, daysFlag, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Prune extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.prune;
  static override args = {
    pipeline: pipelineArg({ description: 'Name of the pipeline; default: all.' }),
  };
  static override flags = {
    'older-than': daysFlag({
      summary: 'Minimum age in days (UTC), such as 90d.',
      name: 'older-than',
      required: true,
    }),
    what: choiceFlag({
      summary: 'What to remove: raw (default), ledger or quarantine; repeatable.',
      name: 'what',
      choices: PRUNE_ZONES,
      multiple: true,
      helpValue: PRUNE_ZONES.join('|'),
    }),
    yes: Flags.boolean({ summary: 'Remove the data; without this flag nothing is changed.' }),
  };
  static override examples = [
    '<%= config.bin %> prune --older-than 90d',
    '<%= config.bin %> prune bookings --older-than 90d --what raw --what ledger --yes',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Prune);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/project.js');
      const { evaluatePrune, pruneLake } = await import('../src/actions/prune/prune-lake.js');
      const { formatPrune } = await import('../src/actions/prune/prune-lake.js');
      const wanted = new Set(flags.what ?? ['raw']);
      const document = await pruneLake(await openProject(context), {
        pipeline: args.pipeline ?? null,
        olderThanDays: flags['older-than'],
        what: PRUNE_ZONES.filter((zone) => wanted.has(zone)),
        apply: flags.yes,
      });
      const error = evaluatePrune(document);
      const format = (): string => formatPrune(document);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
