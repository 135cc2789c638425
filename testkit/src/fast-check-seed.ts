import fc from 'fast-check';
import { freshSeed } from './seeded-random.ts';

// Set-up of every test file: properties run on the run's seed, like everything else that is random in a test.
fc.configureGlobal({ seed: freshSeed() | 0 });
