import { CommandFailure, type CommandIo, flag, type OptionValues, requiredText } from '@baton/schema/command';
import { examine } from '../keeping/doctor/examine.ts';
import { isDamage } from '../keeping/doctor/findings.ts';
import { repair } from '../keeping/doctor/repair.ts';
import { restoreBackup } from '../keeping/restore.ts';

export const runRestore = async (options: OptionValues, directory: string, io: CommandIo): Promise<void> => {
  const target = requiredText(options, 'data-dir');
  const restored = await restoreBackup(directory, target);
  if (!restored.ok) throw new CommandFailure(restored.error.message);
  io.out(`restored ${target} ${restored.value.bytes} bytes of ${new Date(restored.value.madeAt).toISOString()}`);
};

const runRepair = async (dataDir: string, io: CommandIo): Promise<void> => {
  const repaired = await repair(dataDir);
  if (!repaired.ok) throw new CommandFailure(repaired.error.message);
  const { before } = repaired.value;
  io.out(before === null ? 'nothing to repair' : `repaired; the data as they were: ${before}`);
};

/** One line for each finding, then what was looked at. Ends with 1 when there is one that is damage. */
export const runDoctor = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const dataDir = requiredText(options, 'data-dir');
  if (flag(options, 'repair')) await runRepair(dataDir, io);
  const report = examine(dataDir);
  if (!report.ok) throw new CommandFailure(report.error.message);
  const { findings, more, counts } = report.value;
  for (const finding of findings) {
    const { table, where, message } = finding;
    io.out(`${isDamage(finding) ? 'damaged' : 'leftover'} ${table} ${where}: ${message}`);
  }
  if (more > 0) io.out(`damaged and ${more} more`);
  const looked = Object.entries(counts).map(([table, count]) => `${table} ${count}`);
  io.out(`examined ${looked.join(', ')}`);
  const damage = findings.filter(isDamage);
  if (damage.some(({ cure }) => cure === 'index'))
    throw new CommandFailure(
      'an index is damaged: baton doctor --repair makes it again, if the rows are whole; else restore a backup',
    );
  if (damage.length > 0 || more > 0) {
    throw new CommandFailure(
      'the data directory is damaged: keep a copy of it, restore a backup into a new directory, and let the forwarders send what is missing',
    );
  }
  io.out('ok');
};
