import type { Terminal } from '../src/config.js';
import { BaseCommand } from './base.js';

export default class Doctor extends BaseCommand {
  static override summary =
    'Look at environment, key, folders, definitions and source, and say what is amiss.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    await this.act(flags, async ({ config }) => {
      const { runChecks, formatDoctor } = await import('../src/operations/doctor.js');
      const { listMachineChecks } = await import('../src/operations/machine-checks.js');
      const { report, error } = await runChecks(listMachineChecks(config));
      const format = (terminal: Terminal): string => formatDoctor(report, terminal);
      return error === null ? { document: report, format } : { document: report, format, error };
    });
  }
}
