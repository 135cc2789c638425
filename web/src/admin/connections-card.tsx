import type { RelayBody } from '@baton/schema/http';
import type { JSX } from 'preact';
import { sizeText } from '../ui/size-text.ts';
import { countText } from '../ui/time-text.ts';
import { Fact } from './fact.tsx';
import { roleCounts } from './relay-words.ts';

/** Who is connected right now, and whether they keep up. */
export const ConnectionsCard = ({ connections }: { readonly connections: RelayBody['connections'] }): JSX.Element => (
  <section class="card" aria-labelledby="connections-title">
    <div class="card-head">
      <h2 id="connections-title">Connections</h2>
    </div>
    <div class="card-body stack">
      <dl class="facts admin-counts">
        {roleCounts(connections.roles).map(({ role, name, count }) => (
          <Fact key={role} name={name}>
            {countText(count)}
          </Fact>
        ))}
      </dl>
      <dl class="facts admin-counts admin-more">
        <Fact name="Subscriptions">{countText(connections.subscriptions)}</Fact>
        <Fact name="Event streams">{countText(connections.eventStreams)}</Fact>
        <Fact name="Documents">{countText(connections.documents)}</Fact>
        <Fact name="On documents">{countText(connections.documentSockets)}</Fact>
        <Fact name="Too slow" tone={connections.slow > 0 ? 'warn' : 'neutral'}>
          {countText(connections.slow)}
        </Fact>
        <Fact name="Unsent">{sizeText(connections.unsentBytes)}</Fact>
      </dl>
    </div>
  </section>
);
