import './part-words.ts';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type Live, WAITING } from '../platform/live.ts';
import { Empty, Loading } from '../ui/notice.tsx';
import { FreshnessLine } from './freshness-line.tsx';
import type { StartRow } from './list-body.ts';
import { gapText, raceTimeText, rankText } from './local-text.ts';
import type { PartProps } from './part-props.ts';
import type { OnCourseRow, Page, RaceInfo, ResultRow } from './public-body.ts';
import { categoryName } from './result-columns.ts';
import { ROWS_OF_ONE } from './row-window.ts';
import { followRunner } from './runner-list.ts';
import { Star } from './star.tsx';
import { followStartList } from './start-list.ts';
import { ViewLink } from './view-link.tsx';
import { say } from './words.ts';

interface Person {
  readonly raceId: string;
  readonly bib: string;
  readonly name: string;
  readonly club: string | null;
  readonly category: string | null;
}

const Head = (props: PartProps & { readonly person: Person }): JSX.Element => {
  const { person, race, store } = props;
  const facts = [say('bibOf', { bib: person.bib }), categoryName(race, person.category), person.club, race.name];
  return (
    <div class="card-head runner-head">
      <div>
        <h2 id="runner-name" class="runner-name" tabIndex={-1}>
          {person.name === '' ? say('bibOf', { bib: person.bib }) : person.name}
        </h2>
        <p class="muted">{facts.filter((it) => it !== null && it !== '').join(' · ')}</p>
      </div>
      <Star store={store} runner={person} />
    </div>
  );
};

const Fact = (props: {
  readonly name: string;
  readonly value: string;
  readonly large?: boolean;
}): JSX.Element | null =>
  props.value === '' ? null : (
    <div>
      <dt>{props.name}</dt>
      <dd class={props.large === true ? 'runner-time' : ''}>{props.value}</dd>
    </div>
  );

const timeFact = (name: string, ms: number | null, large = false): JSX.Element | null =>
  ms === null ? null : <Fact name={name} value={raceTimeText(ms)} large={large} />;

const Facts = (props: { readonly row: ResultRow }): JSX.Element => {
  const { row } = props;
  return (
    <dl class="facts runner-facts">
      {row.status === null ? null : <Fact name={say('time')} value={say(row.status)} large />}
      {timeFact(say('netTime'), row.chipMs, true)}
      {timeFact(say('gunTime'), row.gunMs, row.chipMs === null)}
      <Fact name={say('placeOverall')} value={rankText(row.rank)} />
      <Fact name={say('placeCategory')} value={rankText(row.categoryRank)} />
      <Fact
        name={row.sex === 'F' || row.sex === 'M' || row.sex === 'X' ? say(row.sex) : say('placeSex')}
        value={rankText(row.sexRank)}
      />
      <Fact name={say('behind')} value={gapText(row.behindMs)} />
    </dl>
  );
};

/** What is known of a point: a time that was measured, or one that is expected. Never one that looks like the other. */
const Point = (props: {
  readonly point: RaceInfo['points'][number];
  readonly row: ResultRow;
  readonly onCourse: OnCourseRow | undefined;
}): JSX.Element => {
  const { point, row, onCourse } = props;
  const split = row.splits.find((it) => it.pointId === point.pointId);
  const isNext = onCourse?.nextPoint === point.pointId && onCourse.expectedMs !== null;
  const finishMs = point.kind === 'finish' ? (row.chipMs ?? row.gunMs) : null;
  const ms = split?.elapsedMs ?? finishMs;
  return (
    <tr>
      <th scope="row">{point.name}</th>
      <td class="number">
        {ms !== null ? (
          <strong>{raceTimeText(ms)}</strong>
        ) : isNext ? (
          <span class="expected">{say('expectedAt', { time: raceTimeText(onCourse.expectedMs) })}</span>
        ) : (
          <span class="muted">{raceTimeText(null)}</span>
        )}
      </td>
      <td class="number muted">{rankText(split?.rank ?? (ms === null ? null : row.rank))}</td>
    </tr>
  );
};

const Points = (props: PartProps & { readonly row: ResultRow }): JSX.Element | null => {
  const { row, race, store } = props;
  const points = race.points.filter((it) => it.kind !== 'start');
  const onCourse = store.source.state.value?.onCourse.find((it) => it.raceId === row.raceId && it.bib === row.bib);
  if (points.length === 0) return null;
  return (
    <div class="table-wrap">
      <table class="results points">
        <caption class="visually-hidden">{say('splits')}</caption>
        <thead>
          <tr>
            <th scope="col">{say('point')}</th>
            <th class="number" scope="col">
              {say('time')}
            </th>
            <th class="number" scope="col">
              {say('place')}
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map((it) => (
            <Point key={it.pointId} point={it} row={row} onCourse={onCourse} />
          ))}
        </tbody>
      </table>
      {onCourse?.expectedMs == null ? null : <p class="table-note muted small">{say('expectedNote')}</p>}
    </div>
  );
};

const Runner = (props: PartProps & { readonly row: ResultRow }): JSX.Element => (
  <>
    <Head {...props} person={props.row} />
    <div class="card-body">
      <Facts row={props.row} />
    </div>
    <Points {...props} row={props.row} />
  </>
);

/** Whoever has no result yet is looked for in the start list. */
const NotSeen = (props: PartProps & { readonly bib: string }): JSX.Element => {
  const { store, race, bib } = props;
  const live = useSignal<Live<Page<StartRow>>>(WAITING);
  useEffect(
    () =>
      followStartList(store, race.raceId, { bib }, ROWS_OF_ONE, (now) => {
        live.value = now;
      }),
    [race.raceId, bib],
  );
  const page = live.value.value;
  const starter = page?.data.find((it) => it.bib === bib);
  if (starter === undefined) {
    return page === null ? (
      <Loading label={say('loading')} />
    ) : (
      <Empty title={say('noRunner', { bib })}>{say('noRunnerWhy')}</Empty>
    );
  }
  return (
    <>
      <Head {...props} person={starter} />
      <Empty title={say('notSeen')}>{say('notSeenWhy')}</Empty>
    </>
  );
};

/** One runner: times, places, splits, and what is expected. */
export const RunnerView = (props: PartProps): JSX.Element => {
  const { store, race } = props;
  const bib = store.view.value.bib ?? '';
  const list = useMemo(() => followRunner(store.polls, store.eventId, race.raceId, bib), [race.raceId, bib]);
  useEffect(() => list.stop, [list]);
  const rows = list.window.value?.rows ?? null;
  useEffect(() => {
    document.getElementById('runner-name')?.focus();
  }, [rows === null]);
  return (
    <>
      <p>
        <ViewLink store={store} to={{ bib: null }} class="button button-small">
          ← {say('back')}
        </ViewLink>
      </p>
      <section class="card" aria-label={say('runnerPart')}>
        {rows === null ? <Loading label={say('loading')} lines={6} /> : null}
        {rows?.length === 0 ? <NotSeen {...props} bib={bib} /> : null}
        {rows?.map((row, at) => (
          <Runner key={at} {...props} row={row} />
        ))}
        <div class="card-foot small">
          <FreshnessLine {...props.freshness} of={(at) => props.freshnessFrom(list.confirmedAt.value, at)} />
        </div>
      </section>
    </>
  );
};
