import './part-words.ts';
import type { JSX } from 'preact';
import { Empty } from '../ui/notice.tsx';
import { FreshnessLine } from './freshness-line.tsx';
import { countText, raceTimeText } from './local-text.ts';
import { compareProgress } from './on-course.ts';
import type { PartProps } from './part-props.ts';
import type { OnCourseRow, RaceInfo } from './public-body.ts';
import { Star } from './star.tsx';
import { ViewLink } from './view-link.tsx';
import { say } from './words.ts';

const pointName = (race: RaceInfo, pointId: string | null): string =>
  race.points.find((it) => it.pointId === pointId)?.name ?? pointId ?? '';

const Line = (props: PartProps & { readonly row: OnCourseRow }): JSX.Element => {
  const { row, race, store } = props;
  const last = [pointName(race, row.lastPoint), row.elapsedMs === null ? '' : raceTimeText(row.elapsedMs)];
  const under = [say('bibOf', { bib: row.bib }), ...last].filter((it) => it !== '').join(' · ');
  return (
    <tr>
      <td class="number col-medium muted">{row.bib}</td>
      <td class="result-name">
        <ViewLink store={store} to={{ raceId: row.raceId, bib: row.bib }} class="result-link">
          {row.name === '' ? say('bibOf', { bib: row.bib }) : row.name}
        </ViewLink>
        <span class="result-under col-narrow">{under}</span>
      </td>
      <td class="col-medium">
        {last[0]}
        <span class="result-under">{last[1]}</span>
      </td>
      <td>
        {pointName(race, row.nextPoint)}
        <span class="result-under expected">
          {row.expectedMs === null ? '' : say('expectedAt', { time: raceTimeText(row.expectedMs) })}
        </span>
      </td>
      <td class="result-star">
        <Star store={store} runner={row} />
      </td>
    </tr>
  );
};

/** Who is between start and finish, furthest first. */
export const OnCourseView = (props: PartProps): JSX.Element => {
  const { race } = props;
  const { state } = props.store.source;
  const rows = (state.value?.onCourse ?? []).filter((it) => it.raceId === race.raceId).sort(compareProgress(race));
  const total = Math.max(rows.length, state.value?.onCourseTotals.get(race.raceId) ?? 0);
  return (
    <section class="card" aria-labelledby="race-name">
      <div class="card-head">
        <h2 id="race-name">
          {race.name}: {say('partOnCourse')}
        </h2>
        <div class="row small muted">
          <FreshnessLine {...props.freshness} />
        </div>
      </div>
      {rows.length === 0 ? (
        <Empty title={say('nobodyOnCourse')}>{say('nobodyOnCourseWhy')}</Empty>
      ) : (
        <div class="table-wrap">
          <table class="results">
            <caption class="visually-hidden">
              {race.name}: {say('partOnCourse')}
            </caption>
            <thead>
              <tr>
                <th class="number col-medium" scope="col">
                  {say('bib')}
                </th>
                <th scope="col">{say('name')}</th>
                <th class="col-medium" scope="col">
                  {say('lastSeen')}
                </th>
                <th scope="col">{say('next')}</th>
                <th class="result-star" scope="col">
                  <span class="visually-hidden">{say('favourite')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Line key={row.bib} {...props} row={row} />
              ))}
            </tbody>
          </table>
          <p class="table-note muted small">
            {rows.length < total
              ? say('onCourseSome', { n: countText(rows.length), total: countText(total) })
              : say('expectedNote')}
          </p>
        </div>
      )}
    </section>
  );
};
