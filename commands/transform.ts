import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { dateFlag, pipelineArg } from './cli/flags.js';

export default class Transform extends BaseCommand {
  static override summary = 'Build the tables from what has landed; needs no network.';
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    date: dateFlag({ summary: 'Build this date anew.', exclusive: ['from', 'to', 'all', 'full'] }),
    from: dateFlag({ summary: 'Build a range of dates anew, from this one …', dependsOn: ['to'] }),
    to: dateFlag({ summary: '… to this one, inclusive.', dependsOn: ['from'] }),
    all: Flags.boolean({
      summary: 'Build the whole warehouse from nothing.',
      exclusive: ['from', 'to', 'full'],
    }),
    full: Flags.boolean({
      summary: 'Build all dates of all models anew, also where nothing changed.',
      exclusive: ['from', 'to'],
    }),
  };
  static override examples = ['<%= config.bin %> transform', '<%= config.bin %> transform --all'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Transform);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/project.js');
      const { findDefault } = await import('../src/project.js');
      const { transform } = await import('../src/pipeline.js');
      const { chooseDates } = await import('../src/base/dates/date-ranges.js');
      const { formatTransform } = await import('../src/actions/run/run-summary.js');
      const project = await openProject(context);
      const range = chooseDates(flags.date ?? flags.from, flags.date ?? flags.to);
      const dates = flags.all ? 'all' : flags.full ? 'full' : range;
      const pipeline = args.pipeline ?? findDefault(project);
      const document = await transform(project, { pipeline, dates });
      return { document, format: (terminal) => formatTransform(document, terminal) };
    });
  }
}
