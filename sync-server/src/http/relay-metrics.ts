import type { LinkBody } from '@baton/schema/http';
import { bytesByDirection, conflicts, heardSeconds, isConnected, lacking } from '../watching/link-load.ts';
import { nodesByHealth, slowConsumers, socketsByRole, storedReads, unsentBytes } from '../watching/load.ts';
import { risingTotal } from '../watching/rising-total.ts';
import type { HttpContext } from './context.ts';

/** What is stored, and where. */
const registerStorage = ({ core, metrics, sight }: HttpContext): void => {
  const { store, disk, backup } = sight;
  metrics.total(
    'baton_reads_acked_total',
    'reads stored and acknowledged',
    risingTotal(() => storedReads(core)),
  );
  metrics.gauge('baton_store_waiting_writes', 'writes that wait for their sync', () => store().waiting);
  metrics.gauge('baton_store_waiting_bytes', 'bytes of reads that wait for their sync', () => store().waitingBytes);
  metrics.gauge(
    'baton_store_still_seconds',
    'for how long writes have been waiting without one answer; 0 when none waits',
    () => store().stillMs / 1000,
  );
  metrics.gauge('baton_data_bytes', 'bytes of the data directory', () => disk()?.dataBytes ?? null);
  metrics.gauge('baton_disk_free_bytes', 'bytes that may still be written', () => disk()?.freeBytes ?? null);
  metrics.gauge('baton_disk_size_bytes', 'size of the data directory’s disk', () => disk()?.sizeBytes ?? null);
  metrics.gauge('baton_backup_age_seconds', 'time since a backup was made; absent when none is known', backup.seconds);
};

/** Who is connected, and who does not keep up. */
const registerConnections = ({ core, metrics }: HttpContext): void => {
  metrics.labelled('baton_sockets', 'open WebSockets by role', 'gauge', 'role', () => socketsByRole(core));
  metrics.labelled('baton_unsent_bytes', 'bytes sent that the network has not taken, by role', 'gauge', 'role', () =>
    unsentBytes(core),
  );
  metrics.labelled(
    'baton_slow_consumers',
    'peers who take so little that they are sent nothing more before they do, by role',
    'gauge',
    'role',
    () => slowConsumers(core),
  );
  metrics.gauge(
    'baton_subscriptions',
    'live subscriptions, over WebSockets and event streams',
    core.live.subscriptions,
  );
  metrics.gauge('baton_sse_streams', 'open event streams', core.live.streams);
  metrics.gauge('baton_documents', 'documents in memory', core.docs.size);
  metrics.gauge('baton_document_sockets', 'connections to documents', core.docs.sockets);
  metrics.labelled('baton_nodes', 'nodes that hold a place, by health', 'gauge', 'health', () => nodesByHealth(core));
};

/** How a relay at the venue keeps in step with the one elsewhere; absent from one that stands alone. */
const registerLink = ({ metrics, sight, core }: HttpContext): void => {
  const ofLink = (read: (link: LinkBody) => number | null) => (): number | null => {
    const link = sight.link();
    return link === null ? null : read(link);
  };
  metrics.gauge('baton_link_connected', '1 while every event is attached at both relays, else 0', ofLink(isConnected));
  metrics.gauge(
    'baton_link_heard_seconds',
    'time since the relay elsewhere was heard; absent when it never was',
    ofLink((link) => heardSeconds(link, core.clock.now())),
  );
  metrics.labelled(
    'baton_link_missing_reads',
    'reads that one relay has and the other lacks, by the one that lacks them',
    'gauge',
    'at',
    () => lacking(sight.link(), 'missingReads'),
  );
  metrics.labelled(
    'baton_link_unsaved_documents',
    'documents with changes that one relay has not on its disk yet, by that relay',
    'gauge',
    'at',
    () => lacking(sight.link(), 'unsavedDocuments'),
  );
  metrics.gauge('baton_link_conflicts', 'epochs of which the two relays hold different reads', ofLink(conflicts));
  metrics.labelled('baton_link_bytes_total', 'bytes over the line to the relay elsewhere', 'counter', 'direction', () =>
    bytesByDirection(sight.link()),
  );
};

/** The process itself. */
const registerProcess = ({ metrics, sight, readiness, core }: HttpContext): void => {
  metrics.gauge('baton_ready', '1 while the relay can store, else 0', () =>
    readiness.troubles().length === 0 ? 1 : 0,
  );
  metrics.labelled(
    'baton_info',
    'version of the relay; always 1',
    'gauge',
    'version',
    () => new Map([[sight.version, 1]]),
  );
  metrics.gauge('baton_events', 'events there are', () => core.registry.events().length);
  metrics.gauge(
    'baton_event_loop_lag_seconds',
    'longest delay of the event loop since asked last',
    sight.loopLagSeconds.metrics,
  );
  metrics.gauge('process_resident_memory_bytes', 'resident memory', () => sight.process()?.residentBytes ?? null);
  metrics.total('process_cpu_seconds_total', 'user and system time', () => sight.process()?.cpuSeconds ?? null);
  metrics.gauge(
    'process_start_time_seconds',
    'start since the Unix epoch',
    () => sight.process()?.startedAtSeconds ?? null,
  );
};

/** Everything that is read when `/metrics` is asked for; what is counted as it happens registers where it does. */
export const registerRelayMetrics = (context: HttpContext): void => {
  registerStorage(context);
  registerConnections(context);
  registerLink(context);
  registerProcess(context);
};
