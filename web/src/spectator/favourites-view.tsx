import './part-words.ts';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Empty, Loading } from '../ui/notice.tsx';
import type { FavouriteDesk } from './favourite-desk.ts';
import type { Favourite } from './favourites.ts';
import { FreshnessLine } from './freshness-line.tsx';
import { raceTimeText, rankText } from './local-text.ts';
import { NotifyOffer } from './notify-offer.tsx';
import type { PartProps } from './part-props.ts';
import type { ResultRow } from './public-body.ts';
import { Star } from './star.tsx';
import { ViewLink } from './view-link.tsx';
import { say } from './words.ts';

const timeOf = (row: ResultRow): string => raceTimeText(row.chipMs ?? row.gunMs);

/** Where somebody is, in a few words; `rows` null: nobody has said yet. */
const Standing = (
  props: PartProps & { readonly rows: readonly ResultRow[] | null; readonly bib: string },
): JSX.Element => {
  const { rows, store } = props;
  const row = rows?.[0];
  if (rows === null) return <span class="muted">{say('loading')}</span>;
  if (row === undefined) return <span class="muted">{say('notSeen')}</span>;
  if (row.status !== null) return <span>{say(row.status)}</span>;
  if (row.rank !== null) return <strong class="result-time">{timeOf(row)}</strong>;
  const onCourse = store.source.state.value?.onCourse.find((it) => it.raceId === row.raceId && it.bib === row.bib);
  const last = row.splits.at(-1);
  return (
    <span>
      {last === undefined ? say('onCourse') : `${last.name} ${raceTimeText(last.elapsedMs)}`}
      {onCourse?.expectedMs === null || onCourse === undefined ? null : (
        <span class="result-under expected">{say('expectedAt', { time: raceTimeText(onCourse.expectedMs) })}</span>
      )}
    </span>
  );
};

const Line = (
  props: PartProps & { readonly favourite: Favourite; readonly rows: readonly ResultRow[] | null },
): JSX.Element => {
  const { store, favourite, rows } = props;
  const { raceId, bib } = favourite;
  const row = rows?.[0];
  const race = store.source.state.value?.races.find((it) => it.raceId === raceId);
  const name = row?.name || favourite.name;
  return (
    <tr>
      <td class="number result-rank">{rankText(row?.rank ?? null)}</td>
      <td class="result-name">
        <ViewLink store={store} to={{ raceId, bib }} class="result-link">
          {name === '' ? say('bibOf', { bib }) : name}
        </ViewLink>
        <span class="result-under">
          {say('bibOf', { bib })} · {race?.name ?? ''}
        </span>
      </td>
      <td class="number">
        <Standing {...props} rows={rows} bib={bib} />
      </td>
      <td class="result-star">
        <Star store={store} runner={{ raceId, bib, name }} />
      </td>
    </tr>
  );
};

/** Whom somebody follows, in all races of the event. */
export const FavouritesView = (props: PartProps): JSX.Element => {
  const { store } = props;
  const desk = store.favourites.value;
  if (desk === null) return <Loading label={say('loading')} />;
  return <Favourites {...props} desk={desk} />;
};

const Favourites = (props: PartProps & { readonly desk: FavouriteDesk }): JSX.Element => {
  const { desk } = props;
  const favourites = desk.favourites.all.value;
  const followed = useMemo(desk.follow, [desk]);
  const rowsOf = ({ raceId, bib }: Favourite): readonly ResultRow[] | null =>
    followed.all.value.find((it) => it.favourite.raceId === raceId && it.favourite.bib === bib)?.rows ?? null;
  return (
    <>
      <section class="card" aria-labelledby="favourites-name">
        <div class="card-head">
          <h2 id="favourites-name">{say('partFavourites')}</h2>
          <div class="row small muted">
            <FreshnessLine {...props.freshness} />
          </div>
        </div>
        {favourites.length === 0 ? (
          <Empty title={say('noFavourites')}>{say('noFavouritesWhy')}</Empty>
        ) : (
          <div class="table-wrap">
            <table class="results">
              <caption class="visually-hidden">{say('partFavourites')}</caption>
              <thead>
                <tr>
                  <th class="number" scope="col">
                    <abbr title={say('place')}>{say('placeShort')}</abbr>
                  </th>
                  <th scope="col">{say('name')}</th>
                  <th class="number" scope="col">
                    {say('time')}
                  </th>
                  <th class="result-star" scope="col">
                    <span class="visually-hidden">{say('favourite')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {favourites.map((it) => (
                  <Line key={`${it.raceId} ${it.bib}`} {...props} favourite={it} rows={rowsOf(it)} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {favourites.length === 0 ? null : <NotifyOffer notifier={desk.notifier()} />}
    </>
  );
};
