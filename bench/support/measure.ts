import { readFile } from 'node:fs/promises';

export { median, now, quantile } from './measure-times.ts';

const TICKS_PER_SECOND = 100;

/** CPU seconds (user and system, all threads) a process has used; Linux only, else null. */
export const cpuSeconds = async (pid: number): Promise<number | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

/** CPU milliseconds that this process has used, user and system, all threads. */
export const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Resident memory of a process in bytes; Linux only, else null. */
export const residentBytes = async (pid: number): Promise<number | null> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  const match = status === null ? null : /VmRSS:\s+(\d+) kB/.exec(status);
  return match === null ? null : Number(match[1]) * 1024;
};

/** Figures of one benchmark: name → value, rounded for people. */
export type Figures = Readonly<Record<string, number>>;

export const rounded = (value: number): number => Number(value.toPrecision(3));

/** One benchmark of this folder. */
export interface Benchmark {
  readonly name: string;
  readonly method: string;
  readonly run: () => Promise<Figures>;
  /** Its figures are named `row: column`, and are shown so. */
  readonly isTable?: boolean;
}
