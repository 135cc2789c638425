/** Jobs done one after the other; each may take its time. */
export interface JobQueue<Job> {
  /** After `stop` it does nothing. */
  readonly add: (job: Job) => void;
  /** Takes out what has not been begun. */
  readonly clear: () => readonly Job[];
  readonly isIdle: () => boolean;
  /** Nothing more is begun; resolves when the job under way is over. */
  readonly stop: () => Promise<void>;
}

/** @param take false: give up, nothing more is begun */
export const createJobQueue = <Job>(take: (job: Job) => Promise<boolean>): JobQueue<Job> => {
  let jobs: Job[] = [];
  let working: Promise<void> | null = null;
  let stopped = false;

  const work = async (): Promise<void> => {
    await Promise.resolve(); // so that `working` is set before it is unset
    try {
      for (let job = jobs.shift(); job !== undefined && !stopped; job = jobs.shift()) {
        if (!(await take(job))) stopped = true;
      }
    } finally {
      working = null;
    }
  };

  const clear = (): readonly Job[] => {
    const dropped = jobs;
    jobs = [];
    return dropped;
  };

  return {
    add: (job) => {
      if (stopped) return;
      jobs.push(job);
      working ??= work();
    },
    clear,
    isIdle: () => working === null,
    stop: async () => {
      stopped = true;
      await working;
    },
  };
};
