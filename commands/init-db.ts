import { BaseCommand } from './cli/base.js';
import { pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class InitDb extends BaseCommand {
  static override summary = SUMMARIES['init-db'];
  static override args = { pipeline: pipelineArg() };
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(InitDb);
    await this.act(flags, async (context) => {
      const { findDefault, openTables } = await import('../src/project.js');
      const { transform } = await import('../src/pipeline.js');
      const { formatTransform } = await import('../src/actions/run/run-summary.js');
      const project = await openTables(context);
      const pipeline = args.pipeline ?? findDefault([...project.definitions.keys()]);
      const document = await transform(project, { pipeline, dates: [] }, 'init-db');
      return { document, format: (terminal) => formatTransform(document, terminal) };
    });
  }
}
