import type { StreamBody } from '@baton/schema/http';
import { StreamId } from '@baton/schema/ids';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createLinkedSince, linkedNow, missingReads, unsavedDocuments } from '../../src/venue/link-sight.ts';

const A = StreamId.parse('box-a.mat');
const B = StreamId.parse('box-b.mat');

const stream = (streamId: StreamId, accepted: number): StreamBody =>
  ({ streamId, counters: { accepted, duplicates: 0, conflicts: 0, unparsable: 0 } }) as StreamBody;

const document = (here: boolean | null, there: boolean | null) => ({ lacks: () => ({ here, there }) });

describe('what each relay lacks', () => {
  it('in reads: by stream, so that one that is ahead does not hide another that is behind', () => {
    const seen = { here: [stream(A, 100), stream(B, 10)], there: [stream(A, 60), stream(B, 25)] };
    expect(missingReads(seen, [])).toEqual({ venue: 15, upstream: 40 });
    expect(missingReads({ here: [stream(A, 7)], there: [] }, [])).toEqual({ venue: 0, upstream: 7 });
  });

  it('is not known of a relay that was never asked, and leaves streams out whose copies differ', () => {
    expect(missingReads({ here: [stream(A, 7)], there: null }, [])).toEqual({ venue: null, upstream: null });
    const seen = { here: [stream(A, 100), stream(B, 10)], there: [stream(A, 60), stream(B, 9)] };
    expect(missingReads(seen, [{ streamId: A, epoch: 1, seq: 3 }])).toEqual({ venue: 0, upstream: 1 });
  });

  it('in documents: those of which both told what is on their disks', () => {
    expect(unsavedDocuments([document(false, true), document(false, true)])).toEqual({ venue: 0, upstream: 2 });
    expect(unsavedDocuments([document(true, false), document(null, null)])).toEqual({ venue: null, upstream: null });
    expect(unsavedDocuments([])).toEqual({ venue: null, upstream: null });
  });
});

describe('how one event is linked', () => {
  it('says why it is not, by the newest that is known', () => {
    expect(linkedNow(true, { type: 'live', attempt: 0 }, 'old')).toEqual({ state: 'connected', cause: null });
    const waiting = { type: 'waiting', attempt: 1, retryAt: 0, reason: 'the line was cut' } as const;
    expect(linkedNow(false, waiting, null)).toEqual({ state: 'away', cause: 'the line was cut' });
    expect(linkedNow(false, waiting, 'no answer')).toEqual({ state: 'away', cause: 'no answer' });
    expect(linkedNow(false, { type: 'offline' }, null)).toEqual({ state: 'away', cause: null });
    const stopped = { type: 'stopped', code: 4409, reason: 'FENCED' } as const;
    expect(linkedNow(false, stopped, 'no answer')).toEqual({ state: 'refused', cause: 'FENCED' });
  });

  it('says since when, whatever its causes were meanwhile', () => {
    const time = createVirtualTime(1_000);
    const since = createLinkedSince(time.clock);
    time.advance(500);
    expect(since({ state: 'away', cause: null }).since).toBe(1_000);
    expect(since({ state: 'connected', cause: null }).since).toBe(1_500);
    time.advance(500);
    expect(since({ state: 'connected', cause: null }).since).toBe(1_500);
    expect(since({ state: 'away', cause: 'a' }).since).toBe(2_000);
    time.advance(500);
    expect(since({ state: 'away', cause: 'b' })).toEqual({ state: 'away', cause: 'b', since: 2_000 });
  });
});
