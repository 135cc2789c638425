import { CommandFailure, type CommandIo, type OptionValues, requiredText } from '@baton/schema/command';
import { examine } from '../keeping/doctor.ts';
import { restoreBackup } from '../keeping/restore.ts';

export const runRestore = async (options: OptionValues, directory: string, io: CommandIo): Promise<void> => {
  const target = requiredText(options, 'data-dir');
  const restored = await restoreBackup(directory, target);
  if (!restored.ok) throw new CommandFailure(restored.error.message);
  io.out(`restored ${target} ${restored.value.bytes} bytes of ${new Date(restored.value.madeAt).toISOString()}`);
};

/** One line for each finding, then what was looked at. Ends with 1 when there is one. */
export const runDoctor = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const dataDir = requiredText(options, 'data-dir');
  const report = examine(dataDir);
  if (!report.ok) throw new CommandFailure(report.error.message);
  const { findings, more, counts } = report.value;
  for (const { table, where, message } of findings) io.out(`damaged ${table} ${where}: ${message}`);
  if (more > 0) io.out(`damaged and ${more} more`);
  const looked = Object.entries(counts).map(([table, count]) => `${table} ${count}`);
  io.out(`examined ${looked.join(', ')}`);
  if (findings.length > 0) {
    throw new CommandFailure(
      'the data directory is damaged: keep a copy of it, restore a backup into a new directory, and let the forwarders send what is missing',
    );
  }
  io.out('ok');
};
