import { BaseCommand } from './base.js';
import { pipelineArg } from './flags.js';

export default class InitDb extends BaseCommand {
  static override summary = 'Make the warehouse with every schema and typed table, before any data.';
  static override args = { pipeline: pipelineArg() };
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(InitDb);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/operations/open-project.js');
      const { findDefault } = await import('../src/operations/choose-pipeline.js');
      const { initDatabase } = await import('../src/operations/init-database.js');
      const { formatTransform } = await import('../src/output/run-summary.js');
      const project = await openProject(context);
      const document = await initDatabase(project, args.pipeline ?? findDefault(project));
      return { document, format: (terminal) => formatTransform(document, terminal) };
    });
  }
}
