import { createInterface } from 'node:readline';
import { standBehind } from '../support/nice.ts';
import { accessStage } from '../support/stage.ts';
import { openMarathon } from './marathon.ts';
import type { PlayerCommand, PlayerEvent } from './player.ts';
import { type Scene, STEPS } from './steps.ts';

/** Plays the steps of a race day against a relay. Commands on stdin, events on stdout. */
standBehind();

let scene: Scene | null = null;

const tell = (event: PlayerEvent): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

const run = async (command: PlayerCommand): Promise<void> => {
  if (command.type === 'prepare') {
    const stage = accessStage(command.stage);
    scene = { stage, ...(await openMarathon(stage)) };
    return;
  }
  const step = STEPS.find(({ name }) => name === command.step);
  if (step === undefined || scene === null) throw new Error(`there is no step ${command.step}, or nothing is prepared`);
  await step.run(scene);
};

createInterface({ input: process.stdin }).on('line', (line) => {
  run(JSON.parse(line) as PlayerCommand).then(
    () => tell({ type: 'done' }),
    (error: unknown) => tell({ type: 'failed', reason: String(error) }),
  );
});
process.stdin.on('end', () => process.exit(0));
