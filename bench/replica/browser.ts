import type { Benchmark } from '../support/measure.ts';

export const replicaBrowser: Benchmark = { name: 'replica-browser', method: '', run: async () => ({}) };
