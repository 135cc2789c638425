import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Field } from '../../ui/field.tsx';
import { textAt } from '../cell-values.ts';
import type { DeskProps } from '../desk.ts';
import { pageOf, type Question, useLiveRows } from '../live-rows.ts';
import { streamName } from '../stream-name.ts';

const STREAMS: Question = { sql: 'SELECT DISTINCT stream_id FROM clock ORDER BY stream_id', on: ['reads'] };

/** Typing is over when nothing was typed for so long: each filter counts the reads anew. */
const TYPED_MS = 300;

/** Which reads: a stream, a chip, a bib. What is chosen stands in the address. */
export const ReadsFilter = ({ desk, tools }: DeskProps): JSX.Element => {
  const place = tools.address.place.value;
  const typed = useSignal(place.who);
  const page = pageOf(useLiveRows(desk.live, STREAMS));
  const held = page?.rows.map((row) => textAt(row, 0)) ?? [];
  const streams = place.stream === '' || held.includes(place.stream) ? held : [...held, place.stream];
  useEffect(() => {
    typed.value = place.who;
  }, [typed, place.who]);
  const who = typed.value;
  useEffect(() => {
    if (who.trim() === tools.address.place.peek().who) return undefined;
    const waiting = tools.timers.after(TYPED_MS, () =>
      tools.address.amend({ ...tools.address.place.peek(), who: who.trim() }),
    );
    return () => waiting.clear();
  }, [who, tools]);
  return (
    <div class="filters compact">
      <Field id="reads-stream" label="Stream">
        <select
          id="reads-stream"
          value={place.stream}
          onChange={(event) => tools.address.amend({ ...place, stream: event.currentTarget.value })}
        >
          <option value="">All streams</option>
          {streams.map((streamId) => (
            <option key={streamId} value={streamId}>
              {streamName(desk.setup.setup.value, streamId)}
            </option>
          ))}
        </select>
      </Field>
      <Field id="reads-who" label="Chip or bib">
        <input
          id="reads-who"
          type="search"
          autocomplete="off"
          spellcheck={false}
          maxLength={64}
          value={who}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      </Field>
    </div>
  );
};
