/** What the process takes of the machine. */
export interface ProcessUse {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** In seconds since the Unix epoch. */
  readonly startedAtSeconds: number;
}

const startedAtSeconds = Date.now() / 1000 - process.uptime();

export const processUse = (): ProcessUse => {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6, startedAtSeconds };
};
