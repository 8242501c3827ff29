import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { dateFlag, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Transform extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.transform;
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    date: dateFlag({ summary: 'Rebuild this date.', exclusive: ['from', 'to', 'all', 'full'] }),
    from: dateFlag({ summary: 'First date of a range to rebuild.', dependsOn: ['to'] }),
    to: dateFlag({ summary: 'Last date of a range to rebuild, inclusive.', dependsOn: ['from'] }),
    all: Flags.boolean({
      summary: 'Rebuild the whole warehouse from scratch.',
      exclusive: ['from', 'to', 'full'],
    }),
    full: Flags.boolean({
      summary: 'Rebuild all dates of all models, including unchanged ones.',
      exclusive: ['from', 'to'],
    }),
    'accept-loss': Flags.boolean({
      summary: 'Build the tables without landed dates that are gone, and record the loss.',
    }),
  };
  static override examples = ['<%= config.bin %> transform', '<%= config.bin %> transform --all'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Transform);
    await this.act(flags, async (context) => {
      const { openTables } = await import('../src/project.js');
      const { findDefault } = await import('../src/project.js');
      const { transform } = await import('../src/pipeline.js');
      const { chooseDates } = await import('../src/base/dates/date-ranges.js');
      const { formatTransform } = await import('../src/actions/run/run-summary.js');
      const project = await openTables(context);
      const range = chooseDates(flags.date ?? flags.from, flags.date ?? flags.to);
      const dates = flags.all ? 'all' : flags.full ? 'full' : range;
      // `--all` starts from an empty warehouse: the ledger has it under no single pipeline.
      const pipeline = args.pipeline ?? (flags.all ? null : findDefault([...project.definitions.keys()]));
      const document = await transform(project, { pipeline, dates, acceptLoss: flags['accept-loss'] });
      return { document, format: (terminal) => formatTransform(document, terminal) };
    });
  }
}
