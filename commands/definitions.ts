import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Definitions extends BaseCommand {
  static override summary = SUMMARIES.definitions;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Definitions);
    await this.act(flags, async (context) => {
      const { openTables } = await import('../src/project.js');
      const { listDefinitions, formatDefinitions } =
        await import('../src/actions/definitions/list-definitions.js');
      const document = await listDefinitions(await openTables(context));
      return { document, format: (terminal) => formatDefinitions(document, terminal) };
    });
  }
}
